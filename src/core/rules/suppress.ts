import type { DocumentId, Location } from '../base/location.js';
import type { Workspace, WorkspaceDocument, WorkspaceFile } from '../mesh/workspace.js';
import type { Resource } from '../model/resources.js';
import type { YamlNode } from '../syntax/tree.js';
import notNeeded from './meta/suppression-not-needed.js';
import unknownCode from './meta/suppressed-code-unknown.js';
import { findingOf, type Finding, type RuleText } from './rule.js';

/** One place that asks for silence, and about what. */
interface Suppression {
  /** The word in the comment or annotation. */
  readonly at: Location;
  readonly code: string;
  readonly covers: Location;
  /** Others' codes may stand for facts that only a cluster shows: such a one is never called unneeded. */
  readonly ours: boolean;
}

const COMMENT = /#[ \t]*packets-eye-ignore:[ \t]*([^\n]*)/g;
const ANNOTATIONS = ['galley.istio.io/analyze-suppress', 'kiali.io/ignore-validations'];

/**
 * Takes out the findings that the files ask not to see: `# packets-eye-ignore: rule-id -- reason` above a node (above the
 * first line of a document: for all of it), and the annotations that istioctl and Kiali read. What suppresses nothing is
 * itself reported.
 */
export function suppress(findings: readonly Finding[], workspace: Workspace, rules: readonly RuleText[]): Finding[] {
  const ids = new Map(rules.flatMap((it) => [it.id, ...(it.alsoKnownAs ?? [])].map((code) => [code, true])));
  const names = new Map(rules.map((it) => [it.id, new Set(['*', it.id, ...(it.alsoKnownAs ?? [])])]));
  const byDocument = new Map<DocumentId, Finding[]>();
  for (const it of findings) byDocument.set(it.at.doc, [...(byDocument.get(it.at.doc) ?? []), it]);

  const silenced = new Set<Finding>();
  const reports: Finding[] = [];
  for (const { document, suppressions } of suppressingDocuments(workspace)) {
    for (const it of suppressions) {
      const hits = (byDocument.get(document.id) ?? []).filter(
        (one) => covers(it.covers, one.at) && names.get(one.rule)?.has(it.code),
      );
      hits.forEach((one) => silenced.add(one));
      if (!it.ours || hits.length > 0 || document.problems.length > 0) continue;
      reports.push(
        ids.has(it.code)
          ? findingOf(notNeeded, { at: it.at, message: `Nothing here has to be ignored: ${it.code} finds nothing` })
          : findingOf(unknownCode, { at: it.at, message: `There is no rule ${it.code}` }),
      );
    }
  }
  return [...findings.filter((it) => !silenced.has(it)), ...reports];
}

function covers(wide: Location, at: Location): boolean {
  return wide.start <= at.start && at.end <= wide.end;
}

interface Suppressing {
  readonly document: WorkspaceDocument;
  readonly suppressions: readonly Suppression[];
}

const known = new WeakMap<WorkspaceFile, readonly Suppressing[]>();

/** Looked for once in every text. */
function* suppressingDocuments(workspace: Workspace): Generator<Suppressing> {
  for (const file of workspace.allFiles()) {
    let found = known.get(file);
    if (!found) {
      const all = file.documents.map(({ document }) => ({ document, suppressions: find(document) }));
      known.set(file, (found = all.filter((it) => it.suppressions.length > 0)));
    }
    yield* found;
  }
}

function find(document: WorkspaceDocument): readonly Suppression[] {
  const result: Suppression[] = [];
  if (document.text.includes('packets-eye-ignore')) result.push(...inComments(document));
  for (const it of document.resources) if (it.annotations.size > 0) result.push(...inAnnotations(it));
  return result;
}

function* inComments(document: WorkspaceDocument): Generator<Suppression> {
  const { text, root, id } = document;
  for (const match of text.matchAll(COMMENT)) {
    const listed = match[1]!.split(/\s--\s|\s--$/)[0]!;
    const start = match.index + match[0].length - match[1]!.length;
    const node = nodeFor(text, root, match.index);
    if (!node) continue;
    for (const word of listed.matchAll(/[^\s,]+/g)) {
      const at = { doc: id, start: start + word.index, end: start + word.index + word[0].length };
      yield { at, code: word[0], covers: { doc: id, ...node }, ours: true };
    }
  }
}

/** The range of the node that begins on the comment's line, or on the first line below it that is no comment. */
function nodeFor(
  text: string,
  root: YamlNode | undefined,
  comment: number,
): { start: number; end: number } | undefined {
  let line = text.lastIndexOf('\n', comment) + 1;
  if (text.slice(line, comment).trim() === '') {
    do {
      const next = text.indexOf('\n', line);
      if (next < 0) return undefined;
      line = next + 1;
    } while (/^\s*(#|$|---)/.test(lineAt(text, line)));
  }
  const first = line + /^[ \t]*/.exec(text.slice(line))![0].length;
  if (!root || first >= text.length) return undefined;
  if (first <= root.start) return { start: 0, end: text.length };
  return nodeStarting(root, first, text);
}

function lineAt(text: string, start: number): string {
  const end = text.indexOf('\n', start);
  return text.slice(start, end < 0 ? text.length : end);
}

/** The outermost item or entry that starts at an offset; a list item starts at its dash. */
function nodeStarting(node: YamlNode, offset: number, text: string): { start: number; end: number } | undefined {
  if (node.kind === 'seq') {
    for (const it of node.items) {
      const dash = text.lastIndexOf('-', it.start);
      if (text[offset] === '-' && dash === offset) return { start: offset, end: it.end };
      if (it.start <= offset && offset < it.end) return nodeStarting(it, offset, text);
    }
  }
  if (node.kind === 'map') {
    for (const { key, value } of node.entries) {
      if (key.start === offset || key.start - 1 === offset) return { start: offset, end: Math.max(key.end, value.end) };
      const inside = value.start <= offset && offset < value.end;
      if (inside || (value.kind === 'seq' && key.end <= offset && offset < value.end)) {
        const found = nodeStarting(value, offset, text);
        if (found) return found;
      }
    }
  }
  return undefined;
}

function* inAnnotations(it: Resource): Generator<Suppression> {
  for (const name of ANNOTATIONS) {
    const list = it.annotations.get(name);
    if (!list) continue;
    for (const code of list.value.split(',')) {
      yield { at: list.at, code: code.trim(), covers: it.at, ours: false };
    }
  }
}
