import type { Badge as BadgeData, Branch } from '../src/features/diagram-model.js';
import { Icon } from './icons.js';
import { branch, chooseBranch, diagram } from './state.js';

/** What the caller gets, in one line. */
export function Badge({ badge: { state, code, text } }: { readonly badge: BadgeData }) {
  return (
    <p class={`badge ${state}`} title={`${code} · ${text}`}>
      <Icon name={state} />
      <strong>{code}</strong>
      <span class="badge-text">{text}</span>
    </p>
  );
}

/** A tab for each branch; nothing for a lone one. */
export function Branches() {
  const branches = diagram.value?.branches ?? [];
  if (branches.length < 2) return null;
  const current = branch.value?.id;
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const index = branches.findIndex((it) => it.id === current);
    const next =
      event.key === 'Home'
        ? branches[0]
        : event.key === 'End'
          ? branches.at(-1)
          : by
            ? branches.at((index + by) % branches.length)
            : undefined;
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    chooseBranch(next.id);
    document.getElementById(`tab-${next.id}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="Branches" onKeyDown={onKeyDown}>
      {branches.map((it) => (
        <Tab key={it.id} branch={it} isCurrent={it.id === current} />
      ))}
    </div>
  );
}

function Tab({
  branch: { id, label, badge, share },
  isCurrent,
}: {
  readonly branch: Branch<unknown>;
  readonly isCurrent: boolean;
}) {
  return (
    <button
      type="button"
      role="tab"
      id={`tab-${id}`}
      class={`tab ${badge.state}`}
      aria-selected={isCurrent}
      aria-controls="path"
      tabIndex={isCurrent ? 0 : -1}
      title={`${label} · ${badge.code} · ${badge.text}`}
      onClick={() => chooseBranch(id)}
    >
      <Icon name={badge.state} size={14} />
      <span class="tab-label">{label || `${Math.round(share * 100)} %`}</span>
      <span class="tab-code">{badge.code}</span>
    </button>
  );
}
