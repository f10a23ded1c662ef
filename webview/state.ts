import { batch, computed, effect, signal } from '@preact/signals';
import type { Branch, Diagram } from '../src/features/diagram-model.js';
import type { PanelState, ToPanel } from '../src/protocol/panel.js';
import type { FileRange } from '../src/protocol/places.js';
import type { Suggestions } from '../src/protocol/requests.js';
import { sceneOf, type Step } from './sequence/visible.js';
import { listen, post, remember, remembered } from './host.js';

/*
 * All that the panel knows. What it shows follows from these signals; what happens goes through the functions below.
 */

export type Phase = 'waiting' | 'empty' | 'failed' | 'shown';

const before = remembered();

export const phase = signal<Phase>('waiting');
/** Why there is nothing to show, or why the last trace failed. */
export const notice = signal('');
export const diagram = signal<Diagram<FileRange> | undefined>(undefined);
export const suggestions = signal<Suggestions>({ workloads: [], gateways: [], hosts: [] });
/** A trace is under way. */
export const busy = signal(false);
export const branchId = signal(before?.branch ?? '');
export const selectedId = signal(before?.message);
export const controlPlane = signal(before?.controlPlane ?? false);
export const pinned = signal(before?.pinned ?? false);
export const folded = signal<ReadonlySet<string>>(new Set());
export const view = signal<'diagram' | 'mermaid'>('diagram');
export const mermaid = signal<{ readonly branch: string; readonly text: string } | undefined>(undefined);
export const playing = signal(false);
/** What screen readers are told at once. */
export const announcement = signal('');

export const branch = computed<Branch<FileRange> | undefined>(() => {
  const branches = diagram.value?.branches;
  return branches?.find((it) => it.id === branchId.value) ?? branches?.[0];
});

export const scene = computed(
  () => branch.value && sceneOf(branch.value, { controlPlane: controlPlane.value, folded: folded.value }),
);

export const steps = computed<readonly Step[]>(() => scene.value?.steps ?? []);

export const selected = computed(() => steps.value.find((it) => it.id === selectedId.value));

/** Selects a step, and has the editor show the line that decided it. */
export function select(id: string | undefined, options: { readonly focus?: boolean } = {}): void {
  selectedId.value = id;
  const [evidence] = selected.value?.detail.evidence ?? [];
  if (evidence) reveal(evidence.at, options.focus);
}

export function reveal(at: FileRange, focus = false): void {
  post({ type: 'reveal', at, focus });
}

/** Goes on or back by some steps; from nowhere, to the first or the last. */
export function stepBy(count: number): boolean {
  const all = steps.value;
  const index = all.findIndex((it) => it.id === selectedId.value);
  const next = index < 0 ? (count > 0 ? 0 : all.length - 1) : index + count;
  const step = all[next];
  if (!step) return false;
  select(step.id);
  announcement.value = `Step ${next + 1} of ${all.length}. ${step.spoken}`;
  return true;
}

export function chooseBranch(id: string): void {
  batch(() => {
    branchId.value = id;
    playing.value = false;
    selectedId.value = undefined;
    selectBreak();
  });
  if (view.value === 'mermaid') askForMermaid();
}

export function toggleFold(box: string): void {
  const next = new Set(folded.value);
  if (!next.delete(box)) next.add(box);
  folded.value = next;
}

export function togglePin(): void {
  pinned.value = !pinned.value;
  post({ type: 'pin', pinned: pinned.value });
}

export function showView(next: 'diagram' | 'mermaid'): void {
  view.value = next;
  playing.value = false;
  if (next === 'mermaid') askForMermaid();
}

function askForMermaid(): void {
  if (branch.value) post({ type: 'mermaid', branch: branch.value.id });
}

export function copy(text: string, what: string): void {
  post({ type: 'copy', text, what });
  announcement.value = `${what} copied`;
}

/** Where the path breaks is what people come for: it is selected when nothing else is. */
function selectBreak(): void {
  if (selected.value) return;
  selectedId.value = branch.value?.messages.find((it) => it.state === 'broken')?.id;
}

/** Told of every diagram that comes; the form compares it with what it asked for. */
type Heard = (shown: Diagram<FileRange>) => void;
const hearers: Heard[] = [];
export const onShow = (hear: Heard): void => void hearers.push(hear);

function hear(message: ToPanel): void {
  switch (message.type) {
    case 'show':
      return batch(() => show(message.diagram, message.pinned));
    case 'suggestions':
      suggestions.value = message.suggestions;
      return;
    case 'empty':
    case 'failed':
      return batch(() => {
        // a failed trace leaves the last diagram where it is: the form can mend it
        phase.value = message.type;
        notice.value = message.message;
        busy.value = false;
        if (message.type === 'empty') diagram.value = undefined;
      });
    case 'mermaid':
      mermaid.value = { branch: message.branch, text: message.text };
      return;
    case 'select':
      return batch(() => {
        const decided = message.messages.find((it) => it.branch === branch.value?.id) ?? message.messages[0];
        if (!decided) return;
        if (decided.branch !== branch.value?.id) chooseBranch(decided.branch);
        selectedId.value = decided.message;
      });
  }
}

function show(next: Diagram<FileRange>, isPinned: boolean): void {
  const isNew = JSON.stringify(next.request) !== JSON.stringify(diagram.value?.request ?? before?.request);
  diagram.value = next;
  pinned.value = isPinned;
  phase.value = 'shown';
  notice.value = '';
  busy.value = false;
  if (!next.branches.some((it) => it.id === branchId.value)) branchId.value = next.branches[0]?.id ?? '';
  if (isNew) playing.value = false;
  if (!branch.value?.messages.some((it) => it.id === selectedId.value)) selectedId.value = undefined;
  selectBreak();
  if (view.value === 'mermaid') askForMermaid();
  for (const it of hearers) it(next);
}

/** Starts to listen, and tells the extension that the panel is there. */
export function start(): void {
  listen(hear);
  effect(() => {
    const shown = diagram.value;
    if (!shown) return;
    const state: PanelState = {
      request: shown.request,
      branch: branchId.value,
      message: selectedId.value,
      controlPlane: controlPlane.value,
      pinned: pinned.value,
    };
    remember(state);
  });
  post({ type: 'ready', state: before });
}
