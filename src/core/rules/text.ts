import { documentId, type Location } from '../base/location.js';
import type { Unread } from '../mesh/completeness.js';
import type { Workspace, WorkspaceDocument, WorkspaceFile } from '../mesh/workspace.js';
import type { SyntaxProblem } from '../syntax/problem.js';
import fileNotRead from './parse/file-not-read.js';
import missingKind, { missingKindIn } from './parse/document-missing-kind.js';
import duplicateKey from './parse/yaml-duplicate-key.js';
import template from './parse/yaml-is-a-template.js';
import syntaxError from './parse/yaml-syntax-error.js';
import { findingOf, type Finding } from './rule.js';

/** What is wrong with the text of the files, before anything is made of what they say. */
export function checkText(workspace: Workspace): Finding[] {
  const findings: Finding[] = [];
  const patched = patchFiles(workspace);
  for (const file of workspace.allFiles()) {
    const { all, ofPatch } = lookAtFile(file);
    if (all.length > 0) findings.push(...(patched.has(nameOf(file.uri)) ? ofPatch : all));
  }
  return findings;
}

/** What is to be said of a file. */
interface FileLook {
  readonly all: readonly Finding[];
  /** The same for a patch, which may leave out what its target says. */
  readonly ofPatch: readonly Finding[];
  /** The kinds in its templates. */
  readonly unread: readonly string[];
}

const NOTHING: FileLook = { all: [], ofPatch: [], unread: [] };
const knownFiles = new WeakMap<WorkspaceFile, FileLook>();

/** Looked at once for every text. */
function lookAtFile(file: WorkspaceFile): FileLook {
  let look = knownFiles.get(file);
  if (!look) knownFiles.set(file, (look = lookAtAll(file)));
  return look;
}

function lookAtAll(file: WorkspaceFile): FileLook {
  const unread = file.documents.flatMap(({ document }) => (document.template ? kindsIn(document.text) : []));
  const ofPatch = file.problems.map((it) => ofFile(file, it));
  const all = [...ofPatch];
  const looks = file.documents.map(({ document }) => lookAt(document));
  if (looks.some((it) => it.isKubernetes)) {
    const first = looks.find((it) => it.note);
    for (const it of looks) {
      const told = it === first ? [...it.errors, it.note!] : it.errors;
      ofPatch.push(...told);
      all.push(...told, ...it.missing);
    }
  }
  return all.length + unread.length === 0 ? NOTHING : { all, ofPatch, unread };
}

function kindsIn(template: string): string[] {
  return [...template.matchAll(/^kind:\s*["']?([A-Z]\w*)/gm)].map((it) => it[1]!);
}

/** What is to be said of a document by itself. */
interface Look {
  readonly isKubernetes: boolean;
  readonly errors: readonly Finding[];
  readonly note: Finding | undefined;
  readonly missing: readonly Finding[];
}

const GOOD: Look = { isKubernetes: true, errors: [], note: undefined, missing: [] };
const known = new WeakMap<WorkspaceDocument, Look>();

function lookAt(document: WorkspaceDocument): Look {
  let look = known.get(document);
  if (!look) known.set(document, (look = lookFirst(document)));
  return look;
}

function lookFirst(document: WorkspaceDocument): Look {
  const errors = ofDocument(document);
  const problem = document.problems.find((it) => it.kind === 'template');
  const note = problem && findingOf(template, { at: placeOf(document, problem), message: problem.message });
  const missing = document.template ? [] : [...missingKindIn(document)].map((it) => findingOf(missingKind, it));
  if (document.resources.length > 0 && errors.length + missing.length === 0 && !note) return GOOD;
  return { isKubernetes: isKubernetes(document), errors, note, missing };
}

/** The kinds that the workspace's templates would bring if they were rendered. */
export function unreadIn(workspace: Workspace): Unread {
  const kinds = new Set<string>();
  for (const file of workspace.allFiles()) for (const it of lookAtFile(file).unread) kinds.add(it);
  return { kinds };
}

function ofFile(file: WorkspaceFile, { message, start, end }: SyntaxProblem): Finding {
  return findingOf(fileNotRead, { at: { doc: documentId(file.uri, 0), start, end }, message });
}

/** The first error of a document only: those that follow are mostly its echo. */
function ofDocument(document: WorkspaceDocument): Finding[] {
  const error = document.problems.find((it) => it.kind === 'syntax');
  if (error) return [findingOf(syntaxError, { at: seenPlace(document, error), message: error.message })];
  return document.problems.flatMap((it) => {
    if (it.kind !== 'duplicate-key') return [];
    const related = it.first ? [{ at: placeOf(document, it.first), message: 'first here' }] : [];
    return [findingOf(duplicateKey, { at: placeOf(document, it), message: it.message, related })];
  });
}

/** Where the text ends too early, its last character is marked, not the next document. */
function seenPlace(document: WorkspaceDocument, { start, end }: SyntaxProblem): Location {
  const last = Math.max(0, contentEnd(document.text) - 1);
  return start <= last ? { doc: document.id, start, end } : { doc: document.id, start: last, end: last + 1 };
}

/** Where the last line ends that is neither empty nor a comment. */
function contentEnd(text: string): number {
  let end = text.trimEnd().length;
  while (end > 0) {
    const start = text.lastIndexOf('\n', end - 1) + 1;
    if (!/^\s*#/.test(text.slice(start, end))) break;
    end = text.slice(0, start).trimEnd().length;
  }
  return end;
}

function placeOf(document: WorkspaceDocument, { start, end }: { start: number; end: number }): Location {
  return { doc: document.id, start, end };
}

/** Other YAML is not ours to judge: workflows, values, compose files. */
function isKubernetes(document: WorkspaceDocument): boolean {
  return document.resources.length > 0 || /^\s*"?(apiVersion|kind)"?\s*:/m.test(document.text);
}

/** Names of files that some kustomization lists: patches may leave out what their target says. */
function patchFiles(workspace: Workspace): ReadonlySet<string> {
  const names = new Set<string>();
  for (const file of workspace.allFiles()) {
    if (!/kustomization\.ya?ml$/.test(file.uri)) continue;
    for (const [name] of file.text.matchAll(/[\w.-]+\.(?:ya?ml|json)\b/g)) names.add(name);
  }
  return names;
}

function nameOf(uri: string): string {
  return uri.slice(uri.lastIndexOf('/') + 1);
}
