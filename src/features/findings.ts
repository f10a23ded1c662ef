import fileNotRead from '../core/rules/parse/file-not-read.js';
import { weighed } from '../core/rules/engine.js';
import { findingOf, fullMessage, type Finding, type Severity } from '../core/rules/rule.js';
import { checkInSteps } from '../core/rules/workspace.js';
import type { FileSpan, Session } from './session.js';

/** A finding in its file, as editors and the command line show it. */
export interface PlacedFinding {
  readonly rule: string;
  readonly severity: Severity;
  readonly span: FileSpan;
  /** With what it takes for granted. */
  readonly message: string;
  readonly related: readonly { readonly span: FileSpan; readonly message: string }[];
  /** Changes that would make it go away, each by itself. */
  readonly fixes: readonly PlacedFix[];
}

/** Texts to put in place of what stands in the files now. */
export interface PlacedFix {
  readonly title: string;
  readonly edits: readonly { readonly span: FileSpan; readonly text: string }[];
}

export interface FindingsOptions {
  /** Severities by rule id that differ from the rules' own. */
  readonly severities?: Readonly<Record<string, Severity | 'off'>>;
  /** Told of a rule that threw; the others go on. */
  readonly onError?: (rule: string, error: unknown) => void;
}

/** All that is wrong in a session's files, sorted by file and place. */
export function findingsOf(session: Session, options: FindingsOptions = {}): PlacedFinding[] {
  const steps = findingSteps(session, options);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The same with a pause after every rule, so that a server can look whether anybody still waits. */
export function* findingSteps(session: Session, options: FindingsOptions = {}): Generator<string, PlacedFinding[]> {
  const found = yield* checkInSteps(session.workspace, session.snapshot, session.checker, options);
  const ofFiles = session.filesTooLarge().map((it) => findingOf(fileNotRead, it));
  const all = [...found, ...ofFiles.flatMap((it) => weighed(it, options))];
  return all.flatMap((it) => placed(session, it)).sort(byPlace);
}

/** Findings in documents that are gone by now are dropped. */
function placed(session: Session, it: Finding): PlacedFinding[] {
  const span = session.place(it.at);
  if (!span) return [];
  const related = it.related.flatMap(({ at, message }) => {
    const place = session.place(at);
    return place ? [{ span: place, message }] : [];
  });
  const fixes = it.fixes.flatMap(({ title, edits }) => {
    const spans = edits.map(({ at, text }) => ({ span: session.place(at), text }));
    return spans.every((one): one is PlacedFix['edits'][number] => one.span !== undefined)
      ? [{ title, edits: spans }]
      : [];
  });
  return [{ rule: it.rule, severity: it.severity, span, message: fullMessage(it), related, fixes }];
}

function byPlace(a: PlacedFinding, b: PlacedFinding): number {
  if (a.span.uri !== b.span.uri) return a.span.uri < b.span.uri ? -1 : 1;
  if (a.span.start !== b.span.start) return a.span.start - b.span.start;
  return a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : 0;
}
