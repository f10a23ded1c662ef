import type { Branch, Diagram, Evidence, Message } from './diagram-model.js';
import { exportMermaid } from './export-mermaid.js';
import { badgeLine, MARKS } from './outcome-text.js';

/** A branch as Markdown for a ticket or a review: outcome, diagram, a table of steps, and what was taken for granted. */
export function exportMarkdown<L>(diagram: Pick<Diagram<L>, 'title' | 'curl'>, branch: Branch<L>): string {
  const steps = branch.messages.filter((it) => it.number !== undefined);
  const parts = [
    `# ${escapeMarkdown(diagram.title)}`,
    ...(branch.label ? [escapeMarkdown(branch.label)] : []),
    `**${MARKS[branch.badge.state]} ${escapeMarkdown(badgeLine(branch.badge))}**`,
    fence('mermaid', exportMermaid(branch, { title: diagram.title })),
    table(['#', 'Where', 'What', 'Why', 'Says who'], steps.map(stepCells)),
    ...rejections(steps),
    ...list('Copies', branch.mirrors),
    ...list('Taken for granted', branch.assumptions),
    '## Try it',
    fence('sh', diagram.curl),
  ];
  return parts.join('\n\n') + '\n';
}

function stepCells<L>({ number, state, text, detail }: Message<L>): string[] {
  const mark = state === 'ok' ? '' : ` ${MARKS[state]}`;
  return [`${number}${mark}`, detail.place, text, detail.because, sources(detail.evidence)];
}

const sources = <L>(evidence: readonly Evidence<L>[]): string => evidence.map((it) => it.text).join('; ');

function rejections<L>(steps: readonly Message<L>[]): string[] {
  const rows = steps.flatMap(({ number, detail }) =>
    detail.rejected.map((it) => [String(number), it.name, it.because, sources(it.evidence)]),
  );
  return rows.length ? ['## What lost', table(['#', 'Candidate', 'Why not', 'Says who'], rows)] : [];
}

function list(title: string, items: readonly string[]): string[] {
  return items.length ? [`## ${title}`, items.map((it) => `- ${escapeMarkdown(it)}`).join('\n')] : [];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  return [line(head), `| ${head.map(() => '---').join(' | ')} |`, ...rows.map(line)].join('\n');
}

/** A code block whose fence is longer than any in the text. */
function fence(language: string, text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map((it) => it[0].length));
  const marks = '`'.repeat(Math.max(3, longest + 1));
  return `${marks}${language}\n${text.trimEnd()}\n${marks}`;
}

/** Text that Markdown shows as it is, in a line or a table's cell. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*_[\]<>|~&#]/g, '\\$&')
    .replace(/^([+-]|\d+[.)])(?=\s|$)/, (it) => it.replace(/[+\-.)]$/, '\\$&'));
}
