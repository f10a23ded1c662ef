import type { Box, Branch, Lane, Message } from './diagram-model.js';
import { badgeLine, MARKS } from './outcome-text.js';

/** A branch as a Mermaid sequence diagram; the numbers are those of the side panel. */
export function exportMermaid<L>(
  branch: Branch<L>,
  options: { readonly title?: string; readonly controlPlane?: boolean } = {},
): string {
  const lanes = branch.lanes.filter((it) => options.controlPlane || !it.controlPlane);
  const names = new Map(lanes.map((it, index) => [it.id, `p${index + 1}`]));
  const lines = ['sequenceDiagram', '  autonumber'];
  // a title is one line of plain text for mermaid, with entities left as they are: only harmless characters go in
  const title = plain(
    [options.title ?? '', branch.label, badgeLine(branch.badge)].filter((it) => it !== '').join(' · '),
  );
  if (title) lines.splice(1, 0, `  accTitle: ${title}`);
  for (const box of branch.boxes) lines.push(...boxLines(box, lanes, names));
  for (const message of branch.messages) lines.push(...messageLines(message, names));
  return lines.join('\n') + '\n';
}

function boxLines(box: Box, lanes: readonly Lane[], names: ReadonlyMap<string, string>): string[] {
  const inside = lanes.filter((it) => box.lanes.includes(it.id));
  if (!inside.length) return [];
  const participants = inside.map((it) => `    participant ${names.get(it.id)} as ${laneText(it)}`);
  // without a colour, the first word of the label would be taken for one
  return [`  box transparent ${escapeMermaid(box.label)}`, ...participants, '  end'];
}

function laneText({ label, sublabel }: Lane): string {
  const first = escapeMermaid(shorten(label, 60));
  return sublabel ? `${first}<br/>${escapeMermaid(sublabel)}` : first;
}

function messageLines<L>(message: Message<L>, names: ReadonlyMap<string, string>): string[] {
  const from = names.get(message.from);
  const to = names.get(message.to);
  if (!from || !to) return [];
  const text = escapeMermaid(shorten(message.text, 160)) || '-';
  // notes carry no number, as control-plane calls carry none in the panel
  if (message.kind === 'control') return [`  Note over ${from === to ? from : `${from},${to}`}: ${text}`];
  const marked = message.state === 'ok' ? text : `${MARKS[message.state]} ${text}`;
  const lines = [`  ${from}${arrow(message)}${to}: ${marked}`];
  const because = escapeMermaid(shorten(message.detail.because, 160));
  if (message.kind === 'decision' && message.state === 'broken' && because)
    lines.push(`  Note over ${from}: ${because}`);
  return lines;
}

function arrow<L>({ kind, state }: Message<L>): string {
  if (kind === 'response') return state === 'broken' ? '--x' : '-->>';
  return state === 'broken' ? '-x' : '->>';
}

/** Text that Mermaid shows as it is: what its grammar or its HTML could read as its own goes in as a numeric entity. */
export function escapeMermaid(text: string): string {
  let escaped = '';
  for (const character of clean(text))
    escaped += HARMLESS.test(character) ? character : `#${character.codePointAt(0)};`;
  return escaped;
}

const HARMLESS = /[\p{L}\p{N} .,/()_=→·✓✗!?…-]/u;
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\uFFFD]+/gu;

const plain = (text: string): string => clean(text.replace(/[;#:%{}<>"'`$\\]/g, ' '));

/** One line without control characters, halves of surrogate pairs, or blanks at the ends. */
function clean(text: string): string {
  return text.replace(UNSEEN, ' ').replace(/\s+/g, ' ').trim();
}

/** At most so many characters, the end shown by a sign. */
export function shorten(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}
