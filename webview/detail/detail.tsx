import type { Evidence } from '../../src/features/diagram-model.js';
import type { FileRange } from '../../src/protocol/places.js';
import { Icon } from '../icons.js';
import type { Step } from '../sequence/visible.js';
import { branch, copy, diagram, reveal, selected, stepBy } from '../state.js';
import { PacketTable } from './packet-table.js';
import { Part, Rows } from './part.js';

/** All about the selected step; about the whole path when none is. */
export function Detail() {
  const step = selected.value;
  return (
    <section class={step ? 'detail' : 'detail of-path'} aria-label={step ? 'Selected step' : 'Path'} tabIndex={-1}>
      {step ? <StepDetail step={step} /> : <PathDetail />}
    </section>
  );
}

function StepDetail({ step }: { readonly step: Step }) {
  const { detail, number, state } = step;
  const hasStage = detail.stage !== 'travel' && detail.stage !== 'answer';
  return (
    <>
      <header class={`detail-head ${state}`}>
        {number !== undefined && <span class="detail-number">{number}</span>}
        <div class="detail-titles">
          <h2>{hasStage ? detail.stage : detail.stage === 'answer' ? 'what the client gets' : 'packet on its way'}</h2>
          <p class="detail-place">{detail.place}</p>
        </div>
        <button
          type="button"
          class="icon-button"
          title="Previous step"
          aria-label="Previous step in detail"
          onClick={() => stepBy(-1)}
        >
          <Icon name="previous" />
        </button>
        <button
          type="button"
          class="icon-button"
          title="Next step"
          aria-label="Next step in detail"
          onClick={() => stepBy(1)}
        >
          <Icon name="next" />
        </button>
      </header>
      <p class={`chose ${state}`}>
        {state !== 'ok' && <Icon name={state} size={14} />}
        <span>{detail.chose}</span>
      </p>
      {detail.because && <p class="because">{detail.because}</p>}
      {detail.evidence.length > 0 && (
        <Part title="Decided by">
          <Citations evidence={detail.evidence} />
        </Part>
      )}
      {detail.assumptions.length > 0 && (
        <Part title="Taken for granted">
          <Notes texts={detail.assumptions} />
        </Part>
      )}
      {detail.rejected.length > 0 && (
        <Part title="What lost, and why">
          <ul class="rejected">
            {detail.rejected.map((it) => (
              <li key={it.name}>
                <span class="rejected-name">{it.name}</span>
                <span class="rejected-why">{it.because}</span>
                <Citations evidence={it.evidence} />
              </li>
            ))}
          </ul>
        </Part>
      )}
      <PacketTable detail={detail} />
      {detail.envoy.length > 0 && (
        <Part title="Envoy">
          <Rows rows={detail.envoy} />
        </Part>
      )}
      {detail.calls.length > 0 && (
        <Part title="Control plane">
          <ul class="plain">
            {detail.calls.map((it) => (
              <li key={it}>{it}</li>
            ))}
          </ul>
        </Part>
      )}
      {detail.verify && (
        <Part title="See it on a live cluster">
          <Command text={detail.verify} what="Command" />
        </Part>
      )}
      {detail.rules.length > 0 && <p class="rules">Semantics: {detail.rules.join(', ')}</p>}
    </>
  );
}

function PathDetail() {
  const shown = branch.value;
  if (!shown) return null;
  return (
    <>
      <header class="detail-head">
        <div class="detail-titles">
          <h2>{diagram.value?.title}</h2>
          <p class="detail-place">{shown.label || 'the only path'}</p>
        </div>
      </header>
      <p class="because">Select a step to see which line of whose YAML decided it.</p>
      {shown.mirrors.length > 0 && (
        <Part title="Copies">
          <Notes texts={shown.mirrors} />
        </Part>
      )}
      {shown.assumptions.length > 0 && (
        <Part title="Taken for granted">
          <Notes texts={shown.assumptions} />
        </Part>
      )}
      <Part title="The request as curl">
        <Command text={diagram.value?.curl ?? ''} what="curl" />
      </Part>
    </>
  );
}

function Citations({ evidence }: { readonly evidence: readonly Evidence<FileRange>[] }) {
  return (
    <ul class="citations">
      {evidence.map((it, index) => (
        <li key={index}>
          <button type="button" class="link" title="Show in the editor" onClick={() => reveal(it.at, true)}>
            <Icon name="file" size={14} />
            <Citation text={it.text} />
          </button>
        </li>
      ))}
    </ul>
  );
}

/** `routing.yaml:31 subset: v3`: the place, and what stands there. */
function Citation({ text }: { readonly text: string }) {
  const [, place, rest = ''] = /^(\S+:\d+)\s+(.*)$/s.exec(text) ?? [];
  if (!place) return <span class="citation">{text}</span>;
  return (
    <span class="citation">
      <span class="citation-place">{place}</span> <code>{rest}</code>
    </span>
  );
}

function Notes({ texts }: { readonly texts: readonly string[] }) {
  return (
    <ul class="plain">
      {texts.map((it) => (
        <li key={it}>{it}</li>
      ))}
    </ul>
  );
}

function Command({ text, what }: { readonly text: string; readonly what: string }) {
  return (
    <div class="command">
      <code>{text}</code>
      <button
        type="button"
        class="icon-button"
        title="Copy"
        aria-label={`Copy: ${what}`}
        onClick={() => copy(text, what)}
      >
        <Icon name="copy" />
      </button>
    </div>
  );
}
