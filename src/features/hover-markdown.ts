import type { TraceRequest } from '../core/trace/request.js';
import type { BranchRow } from './branch-rows.js';
import { curlLine } from './curl.js';
import { escapeMarkdown } from './export-markdown.js';
import type { HoverAnswer } from './hover.js';
import { MARKS } from './outcome-text.js';
import type { Session } from './session.js';

/** More rows and facts than this are told only in the side panel; an answer has twelve lines at most. */
const MOST_LINES = 7;

/** Where the question was asked, so that links can take it up again. */
export interface HoverOrigin {
  readonly uri: string;
  readonly position: { readonly line: number; readonly character: number };
}

/** The commands that an answer links to; an editor has to trust these and no others. */
export const HOVER_COMMANDS = ['packetsEye.showPath', 'packetsEye.traceRequest', 'packetsEye.copyCurl'] as const;

/** A hover's answer as Markdown with command links. */
export function hoverMarkdown(session: Session, answer: HoverAnswer, origin: HoverOrigin): string {
  const rows = answer.rows.slice(0, MOST_LINES);
  const facts = answer.facts.slice(0, MOST_LINES - rows.length);
  const left = answer.rows.length + answer.facts.length - rows.length - facts.length;
  const blocks = [
    `**${escapeMarkdown(answer.title)}**${answer.note ? `  (${escapeMarkdown(answer.note)})` : ''}`,
    ...(rows.length > 0 ? [tableOf(session, rows)] : []),
    ...(facts.length > 0 ? [facts.map(escapeMarkdown).join('  \n')] : []),
    ...(left > 0 ? [`*${left} more in the packet's-eye view*`] : []),
    ...(answer.path.length > 0 ? [`Path ▸ ${answer.path.map(escapeMarkdown).join(' → ')}`] : []),
    ...(answer.request ? [linksOf(answer.request, origin)] : []),
  ];
  return blocks.join('\n\n');
}

/** The same as plain text: for terminals, and for tests that a person can read. */
export function hoverText(session: Session, answer: HoverAnswer): string[] {
  const cells = answer.rows.map((it) => [it.number, conditionCell(it), '→', targetCell(session, it), outcomeCell(it)]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...cells.map((it) => it[column]!.length)));
  return [
    `${answer.title}${answer.note ? `  (${answer.note})` : ''}`,
    ...cells.map((it) =>
      it
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trim(),
    ),
    ...answer.facts,
    ...(answer.path.length > 0 ? [`Path ▸ ${answer.path.join(' → ')}`] : []),
  ];
}

function tableOf(session: Session, rows: readonly BranchRow[]): string {
  const numbered = rows.some((it) => it.number !== '');
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const head = [...(numbered ? ['', 'request'] : []), 'goes to', 'and gets'];
  const body = rows.map((it) => {
    const target = escapeMarkdown(it.target) + lineLink(session, it);
    const outcome = it.state === 'ok' ? outcomeCell(it) : `**${escapeMarkdown(outcomeCell(it))}**`;
    const where = it.share && !numbered ? `${it.share} ${target}` : target;
    return line([...(numbered ? [it.number, escapeMarkdown(conditionCell(it))] : []), where, outcome]);
  });
  return [line(head), line(head.map(() => '---')), ...body].join('\n');
}

function conditionCell(it: BranchRow): string {
  return [it.condition, it.share].filter((part) => part !== '').join('  ');
}

function outcomeCell(it: BranchRow): string {
  return it.code === '' ? MARKS[it.state] : `${MARKS[it.state]} ${it.code}`;
}

function targetCell(session: Session, it: BranchRow): string {
  const line = it.at && it.state === 'broken' ? session.lineOf(it.at) : undefined;
  return line === undefined ? it.target : `${it.target} (line ${line})`;
}

/** ` ([line 31](file:///...#L31))` behind a broken branch. */
function lineLink(session: Session, it: BranchRow): string {
  if (!it.at || it.state !== 'broken') return '';
  const span = session.place(it.at);
  const line = session.lineOf(it.at);
  return span && line !== undefined ? ` ([line ${line}](${span.uri}#L${line}))` : '';
}

function linksOf(request: TraceRequest, { uri, position }: HoverOrigin): string {
  const place = { uri, ...position };
  const [show, trace, copy] = HOVER_COMMANDS;
  return [
    commandLink("Open packet's-eye view", show, [place]),
    commandLink('Trace another request', trace, [place]),
    commandLink('Copy curl', copy, [curlLine(request)]),
  ].join(' &nbsp;&nbsp; ');
}

function commandLink(title: string, command: string, args: readonly unknown[]): string {
  // parentheses would end the link's target
  const encoded = encodeURIComponent(JSON.stringify(args)).replace(
    /[()']/g,
    (it) => `%${it.charCodeAt(0).toString(16)}`,
  );
  return `[${title}](command:${command}?${encoded})`;
}
