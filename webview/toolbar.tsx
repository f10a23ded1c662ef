import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { FromPanel } from '../src/protocol/panel.js';
import { drawnPng, drawnSvg } from './export.js';
import { post } from './host.js';
import { Icon, type IconName } from './icons.js';
import {
  announcement,
  branch,
  controlPlane,
  copy,
  diagram,
  folded,
  pinned,
  playing,
  select,
  selected,
  showView,
  stepBy,
  steps,
  togglePin,
  view,
} from './state.js';

/** Riding along the path, what is shown, and what can be taken away. */
export function Toolbar() {
  const isDiagram = view.value === 'diagram';
  return (
    <div class="toolbar" role="toolbar" aria-label="Diagram">
      {isDiagram && <Stepping />}
      <span class="space" />
      {isDiagram && <FoldToggle />}
      {isDiagram && (
        <Toggle icon="layers" label="Control plane" on={controlPlane.value} set={(it) => (controlPlane.value = it)} />
      )}
      <Toggle icon="text" label="Mermaid" on={!isDiagram} set={(it) => showView(it ? 'mermaid' : 'diagram')} />
      <ExportMenu />
      <Toggle
        icon="pin"
        label={pinned.value ? 'Pinned: does not follow the editor' : 'Pin: do not follow the editor'}
        short
        on={pinned.value}
        set={togglePin}
      />
    </div>
  );
}

function Stepping() {
  const index = steps.value.findIndex((it) => it.id === selected.value?.id);
  const play = (): void => {
    if (!playing.value && index === steps.value.length - 1) select(undefined);
    if (!playing.value) stepBy(1);
    playing.value = !playing.value;
  };
  return (
    <>
      <IconButton icon="previous" label="Previous step" keys="←" disabled={index === 0} press={() => stepBy(-1)} />
      <IconButton
        icon={playing.value ? 'pause' : 'play'}
        label={playing.value ? 'Pause' : 'Ride the packet'}
        keys="Space"
        press={play}
      />
      <IconButton
        icon="next"
        label="Next step"
        keys="→"
        disabled={index === steps.value.length - 1}
        press={() => stepBy(1)}
      />
      <span class="position">{index < 0 ? `${steps.value.length} steps` : `${index + 1} / ${steps.value.length}`}</span>
    </>
  );
}

function FoldToggle() {
  const boxes = branch.value?.boxes.filter((it) => it.lanes.length > 1) ?? [];
  if (boxes.length < 2) return null;
  const isFolded = boxes.every((it) => folded.value.has(it.id));
  return (
    <Toggle
      icon={isFolded ? 'unfold' : 'fold'}
      label={isFolded ? 'Unfold all pods' : 'Fold pods to one lane each'}
      short
      on={isFolded}
      set={(it) => (folded.value = new Set(it ? boxes.map((box) => box.id) : []))}
    />
  );
}

interface ToggleProps {
  readonly icon: IconName;
  readonly label: string;
  readonly short?: boolean;
  readonly on: boolean;
  readonly set: (on: boolean) => void;
}

function Toggle({ icon, label, short, on, set }: ToggleProps) {
  return (
    <button
      type="button"
      class={`tool${on ? ' on' : ''}`}
      aria-pressed={on}
      aria-label={label}
      title={label}
      onClick={() => set(!on)}
    >
      <Icon name={icon} />
      {!short && <span class="tool-label">{label}</span>}
    </button>
  );
}

interface IconButtonProps {
  readonly icon: IconName;
  readonly label: string;
  readonly keys: string;
  readonly disabled?: boolean;
  readonly press: () => void;
}

function IconButton({ icon, label, keys, disabled = false, press }: IconButtonProps) {
  return (
    <button
      type="button"
      class="tool"
      aria-label={label}
      title={`${label} (${keys})`}
      disabled={disabled}
      onClick={press}
    >
      <Icon name={icon} />
    </button>
  );
}

type Format = Extract<FromPanel, { type: 'save' }>['format'];

function ExportMenu() {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  // Before the next key can come: an effect after painting would take the focus back from it.
  useLayoutEffect(() => {
    if (open) root.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus();
  }, [open]);
  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const items = [...(root.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
    const index = items.indexOf(document.activeElement as HTMLElement);
    if (event.key === 'Escape') close();
    else if (event.key === 'ArrowDown') items.at((index + 1) % items.length)?.focus();
    else if (event.key === 'ArrowUp') items.at(index - 1)?.focus();
    else if (event.key === 'Home' || event.key === 'End') items.at(event.key === 'Home' ? 0 : -1)?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const item = (label: string, act: () => void) => (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      onClick={() => {
        close();
        act();
      }}
    >
      {label}
    </button>
  );
  return (
    <div
      class="menu"
      ref={root}
      onKeyDown={open ? onKeyDown : undefined}
      onFocusOut={(event) => {
        if (!root.current?.contains(event.relatedTarget as Node | null)) setOpen(false);
      }}
    >
      <button
        type="button"
        class="tool"
        ref={button}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-label="Export"
        title="Export"
        onClick={() => setOpen(!open)}
      >
        <Icon name="export" />
        <span class="tool-label">Export</span>
      </button>
      {open && (
        <div role="menu" aria-label="Export">
          {item('Save as SVG', () => save('svg'))}
          {item('Save as PNG', () => save('png'))}
          {item('Save as Mermaid', () => save('mermaid'))}
          {item('Save as Markdown', () => save('markdown'))}
          {item('Copy as curl', () => copy(diagram.value?.curl ?? '', 'curl'))}
        </div>
      )}
    </div>
  );
}

/** Drawings are made here; texts are made where the trace is. */
function save(format: Format): void {
  const drawn = branch.value;
  if (!drawn) return;
  const send = (content: string): void => post({ type: 'save', format, branch: drawn.id, content });
  if (format === 'svg') send(drawnSvg());
  else if (format === 'png')
    drawnPng().then(
      send,
      (problem: unknown) => (announcement.value = `The picture could not be drawn: ${String(problem)}`),
    );
  else post({ type: 'save', format, branch: drawn.id });
}
