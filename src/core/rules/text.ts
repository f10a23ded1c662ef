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
    for (const it of file.problems) findings.push(ofFile(file, it));
    if (file.documents.length === 0 || !file.documents.some(({ document }) => isKubernetes(document))) continue;
    let noted = false;
    for (const { document } of file.documents) {
      const { problems } = document;
      if (problems.length > 0) {
        findings.push(...ofDocument(document));
        const note = problems.find((it) => it.kind === 'template');
        if (note && !noted) findings.push(findingOf(template, { at: placeOf(document, note), message: note.message }));
        noted ||= note !== undefined;
      }
      if (document.template || patched.has(nameOf(file.uri))) continue;
      for (const it of missingKindIn(document)) findings.push(findingOf(missingKind, it));
    }
  }
  return findings;
}

/** The kinds that the workspace's templates would bring if they were rendered. */
export function unreadIn(workspace: Workspace): Unread {
  const kinds = new Set<string>();
  for (const file of workspace.allFiles()) {
    for (const { document } of file.documents) {
      if (!document.template) continue;
      for (const [, kind] of document.text.matchAll(/^kind:\s*["']?([A-Z]\w*)/gm)) kinds.add(kind!);
    }
  }
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
