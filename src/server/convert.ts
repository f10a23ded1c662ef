import {
  CodeActionKind,
  DiagnosticSeverity,
  type CodeAction,
  type Diagnostic,
  type Range,
  type TextEdit,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Diagram, Evidence } from '../features/diagram-model.js';
import type { PlacedFinding } from '../features/findings.js';
import type { FileSpan, Location, Session } from '../features/session.js';
import type { FileRange } from '../protocol/places.js';

/*
 * The one place where offsets become lines and columns, and back. All of it answers for the text as the session has it.
 */

/** Line tables of texts, kept for as long as the session keeps the text. */
const tables = new WeakMap<object, TextDocument>();

function tableOf(session: Session, uri: string): TextDocument | undefined {
  const file = session.workspace.file(uri);
  if (!file) return undefined;
  let table = tables.get(file);
  if (!table) tables.set(file, (table = TextDocument.create(uri, 'yaml', 0, file.text)));
  return table;
}

export function offsetAt(session: Session, uri: string, position: { line: number; character: number }): number {
  return tableOf(session, uri)?.offsetAt(position) ?? 0;
}

export function rangeOfSpan(session: Session, { uri, start, end }: FileSpan): Range {
  const table = tableOf(session, uri);
  const nowhere = { line: 0, character: 0 };
  return table ? { start: table.positionAt(start), end: table.positionAt(end) } : { start: nowhere, end: nowhere };
}

export function fileRange(session: Session, at: Location): FileRange | undefined {
  const span = session.place(at);
  return span && { uri: span.uri, ...rangeOfSpan(session, span) };
}

const SEVERITIES = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
} as const;

/** Where a rule's page is to be read; our client shows documents of this scheme. */
export function rulePageUri(rule: string): string {
  return `packets-eye:/rules/${rule}.md`;
}

/** A finding as editors show it; places whose document is gone are left out. */
export function diagnosticOf(session: Session, finding: PlacedFinding): Diagnostic {
  const related = finding.related.map((it) => ({
    location: { uri: it.span.uri, range: rangeOfSpan(session, it.span) },
    message: it.message,
  }));
  return {
    range: rangeOfSpan(session, finding.span),
    severity: SEVERITIES[finding.severity],
    source: 'packets-eye',
    code: finding.rule,
    codeDescription: { href: rulePageUri(finding.rule) },
    message: finding.message,
    ...(related.length > 0 ? { relatedInformation: related } : {}),
  };
}

/** The changes that make a finding go away, each an action of its own. */
export function actionsFor(session: Session, finding: PlacedFinding): CodeAction[] {
  return finding.fixes.map(({ title, edits }) => {
    const changes: Record<string, TextEdit[]> = {};
    for (const { span, text } of edits) {
      (changes[span.uri] ??= []).push({ range: rangeOfSpan(session, span), newText: text });
    }
    return { title, kind: CodeActionKind.QuickFix, diagnostics: [diagnosticOf(session, finding)], edit: { changes } };
  });
}

/** A diagram whose evidence names lines. Evidence in documents that are gone by now is dropped. */
export function diagramForClient(session: Session, diagram: Diagram): Diagram<FileRange> {
  const places = (evidence: readonly Evidence[]): Evidence<FileRange>[] =>
    evidence.flatMap(({ at, text }) => {
      const range = fileRange(session, at);
      return range ? [{ at: range, text }] : [];
    });
  return {
    ...diagram,
    branches: diagram.branches.map((branch) => ({
      ...branch,
      messages: branch.messages.map((message) => ({
        ...message,
        detail: {
          ...message.detail,
          evidence: places(message.detail.evidence),
          rejected: message.detail.rejected.map((it) => ({ ...it, evidence: places(it.evidence) })),
        },
      })),
    })),
  };
}
