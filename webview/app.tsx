import { Detail } from './detail/detail.js';
import { RequestForm } from './form/request-form.js';
import { Icon } from './icons.js';
import { MermaidView } from './mermaid-view.js';
import { Badge, Branches } from './outcome.js';
import { Sequence } from './sequence/sequence.js';
import { announcement, branch, busy, diagram, notice, phase, view } from './state.js';
import { Toolbar } from './toolbar.js';

/** The side panel: request and outcome above, the path in the middle, the selected step beside or below it. */
export function App() {
  const shown = branch.value;
  return (
    <main class="panel" aria-busy={busy.value}>
      <h1 class="spoken">{diagram.value?.title ?? "Packet's-Eye"}</h1>
      <div class="top">
        <RequestForm />
        {shown && <Badge badge={shown.badge} />}
        <div class={`progress${busy.value ? ' on' : ''}`} />
      </div>
      {phase.value === 'failed' && <Notice />}
      {shown ? (
        <>
          <Branches />
          <Toolbar />
          <div
            class="stage"
            id="path"
            role={diagram.value && diagram.value.branches.length > 1 ? 'tabpanel' : undefined}
            aria-label="Path"
          >
            {view.value === 'diagram' ? (
              <>
                <Sequence />
                <Detail />
              </>
            ) : (
              <MermaidView />
            )}
          </div>
        </>
      ) : (
        phase.value !== 'failed' && <Welcome />
      )}
      <div class="spoken" role="status" aria-live="polite">
        {announcement.value || (shown && `${shown.badge.code}, ${shown.badge.text}`)}
      </div>
    </main>
  );
}

function Notice() {
  return (
    <p class="notice" role="alert">
      <Icon name="warning" />
      <span>{notice.value}</span>
    </p>
  );
}

function Welcome() {
  if (phase.value === 'waiting') return <p class="welcome quiet">Following the packet…</p>;
  return (
    <div class="welcome">
      <Icon name="diagram" size={48} />
      <p class="welcome-title">{notice.value || 'No path to show yet'}</p>
      <ul>
        <li>Put the cursor on a route of a VirtualService and choose “Show Path” above it.</li>
        <li>Or type above who sends a request, and where to.</li>
      </ul>
    </div>
  );
}
