import { uriOf } from '../core/base/location.js';
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
export const HOVER_COMMANDS = [
  'packetsEye.showPath',
  'packetsEye.traceRequest',
  'packetsEye.copyCurl',
  'packetsEye.revealPlace',
] as const;

/** A hover's answer as Markdown with command links. */
export function hoverMarkdown(session: Session, answer: HoverAnswer, origin: HoverOrigin): string {
  const rows = answer.rows.slice(0, MOST_LINES);
  const facts = answer.facts.slice(0, MOST_LINES - rows.length);
  const left = answer.rows.length + answer.facts.length - rows.length - facts.length;
  const blocks = [
    `**${escapeMarkdown(answer.title)}**${answer.note ? `  (${escapeMarkdown(answer.note)})` : ''}`,
    ...(rows.length > 0 ? [tableOf(session, answer, rows)] : []),
    ...(facts.length > 0 ? [facts.map(escapeMarkdown).join('  \n')] : []),
    ...(left > 0 ? [`*${left} more in the packet's-eye view*`] : []),
    ...(answer.path.length > 0 ? [`Path ▸ ${answer.path.map(escapeMarkdown).join(' → ')}`] : []),
    ...(answer.request ? [linksOf(answer.request, origin)] : []),
  ];
  return blocks.join('\n\n');
}

/** The same as plain text: for terminals, and for tests that a person can read. */
export function hoverText(session: Session, answer: HoverAnswer): string[] {
  const cells = answer.rows.map((it) => [
    it.number,
    conditionCell(it),
    '→',
    targetCell(session, answer, it),
    outcomeCell(it),
  ]);
  return [
    `${answer.title}${answer.note ? `  (${answer.note})` : ''}`,
    ...aligned(cells),
    ...answer.facts,
    ...(answer.path.length > 0 ? [`Path ▸ ${answer.path.join(' → ')}`] : []),
  ];
}

/** Lines of cells under each other; columns in which nothing stands are left out. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(0, ...rows.map((it) => it[column]!.length)));
  const used = widths.flatMap((width, column) => (width > 0 ? [column] : []));
  return rows.map((it) =>
    used
      .map((column) => it[column]!.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}

function tableOf(session: Session, answer: HoverAnswer, rows: readonly BranchRow[]): string {
  const numbered = rows.some((it) => it.number !== '');
  const conditional = rows.some((it) => conditionCell(it) !== '');
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const head = [...(numbered ? [''] : []), ...(conditional ? ['request'] : []), 'goes to', 'and gets'];
  const body = rows.map((it) => {
    const place = brokenAt(session, answer, it);
    const link = place ? ` (${commandLink(escapeMarkdown(place.text), 'packetsEye.revealPlace', [place.at])})` : '';
    const outcome = it.state === 'ok' ? outcomeCell(it) : `**${escapeMarkdown(outcomeCell(it))}**`;
    return line([
      ...(numbered ? [it.number] : []),
      ...(conditional ? [escapeMarkdown(conditionCell(it))] : []),
      escapeMarkdown(it.target) + link,
      outcome,
    ]);
  });
  return [line(head), line(head.map(() => '---')), ...body].join('\n');
}

function conditionCell(it: BranchRow): string {
  return [it.condition, it.share].filter((part) => part !== '').join('  ');
}

function outcomeCell(it: BranchRow): string {
  return it.code === '' ? MARKS[it.state] : `${MARKS[it.state]} ${it.code}`;
}

function targetCell(session: Session, answer: HoverAnswer, it: BranchRow): string {
  const place = brokenAt(session, answer, it);
  return place ? `${it.target} (${place.text})` : it.target;
}

interface BrokenPlace {
  readonly text: string;
  /** Counted from 0. A link to the file itself would not do: editors follow such links for files on disk only. */
  readonly at: { readonly uri: string; readonly line: number; readonly character: number };
}

/** Of a broken branch the line to look at, with its file's name when that is another one. */
function brokenAt(session: Session, { at }: HoverAnswer, it: BranchRow): BrokenPlace | undefined {
  const span = it.at && it.state === 'broken' ? session.place(it.at) : undefined;
  const line = span && it.at ? session.lineOf(it.at) : undefined;
  if (!span || !it.at || line === undefined) return undefined;
  const text = span.uri === uriOf(at.doc) ? `line ${line}` : session.placeName(it.at);
  return { text, at: { uri: span.uri, line: line - 1, character: 0 } };
}

function linksOf(request: TraceRequest, { uri, position }: HoverOrigin): string {
  const place = { uri, ...position };
  return [
    commandLink("Open packet's-eye view", 'packetsEye.showPath', [place]),
    commandLink('Trace another request', 'packetsEye.traceRequest', [place]),
    commandLink('Copy curl', 'packetsEye.copyCurl', [curlLine(request)]),
  ].join(' &nbsp;&nbsp; ');
}

function commandLink(title: string, command: (typeof HOVER_COMMANDS)[number], args: readonly unknown[]): string {
  // parentheses would end the link's target
  const encoded = encodeURIComponent(JSON.stringify(args)).replace(
    /[()']/g,
    (it) => `%${it.charCodeAt(0).toString(16)}`,
  );
  return `[${title}](command:${command}?${encoded})`;
}
