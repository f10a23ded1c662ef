import { documentId, uriOf, type Location } from '../core/base/location.js';
import { buildSnapshot, type MeshSnapshot } from '../core/mesh/snapshot.js';
import { LARGEST_FILE, Workspace, type WorkspaceDocument } from '../core/mesh/workspace.js';
import type { Resource } from '../core/model/resources.js';
import { Checker } from '../core/rules/engine.js';
import type { Trace } from '../core/trace/path.js';
import type { TraceRequest } from '../core/trace/request.js';
import { traceRequest } from '../core/trace/trace.js';
import { withAnyPod } from './any-pod.js';

export { LARGEST_FILE };
export type { Location };

/** A range in a file, in UTF-16 units from its start. */
export interface FileSpan {
  readonly uri: string;
  readonly start: number;
  readonly end: number;
}

/** Something under the cursor: the document, and the object in it that holds the offset. */
export interface Spot {
  readonly document: WorkspaceDocument;
  /** Offset in the document. */
  readonly offset: number;
  readonly resource: Resource | undefined;
}

/** What is remembered for as long as the files stay the same. */
interface Kept {
  readonly generation: number;
  readonly snapshot: MeshSnapshot;
  readonly traces: Map<string, Trace>;
}

/**
 * One environment with all that the features remember about it. Whatever is asked is answered for the files as they stand;
 * answers live as long as the snapshot that they came from.
 */
export class Session {
  readonly workspace = new Workspace();
  /** Remembers findings from one snapshot to the next. */
  readonly checker = new Checker();
  private readonly tooLarge = new Map<string, number>();
  private files: readonly string[] | undefined;
  private kept: Kept | undefined;

  /** Puts a file in, or its new text. Returns whether anything changed, as all of these do. */
  setFile(uri: string, text: string): boolean {
    if (!this.workspace.file(uri)) this.files = undefined;
    return [this.tooLarge.delete(uri), this.workspace.setFile(uri, text)].includes(true);
  }

  /** Notes a file that has too many bytes to be read. */
  setTooLarge(uri: string, bytes: number): boolean {
    if (this.tooLarge.get(uri) === bytes) return false;
    this.removeFile(uri);
    this.tooLarge.set(uri, bytes);
    return true;
  }

  removeFile(uri: string): boolean {
    this.files = undefined;
    return [this.tooLarge.delete(uri), this.workspace.removeFile(uri)].includes(true);
  }

  /** All files by name: the order in which they count must not depend on the order in which they were read. */
  fileUris(): readonly string[] {
    this.files ??= [...this.workspace.allFiles()].map((it) => it.uri).sort();
    return [...this.files, ...this.tooLarge.keys()];
  }

  get snapshot(): MeshSnapshot {
    return this.current.snapshot;
  }

  /** What becomes of a request; remembered until something changes. */
  trace(request: TraceRequest): Trace {
    const { snapshot, traces } = this.current;
    const key = JSON.stringify(request);
    let trace = traces.get(key);
    if (!trace) traces.set(key, (trace = traceRequest(withAnyPod(snapshot, request), request)));
    return trace;
  }

  /** What stands at an offset of a file; `undefined` outside of documents, and in text that does not parse (yet). */
  spotAt(uri: string, offset: number): Spot | undefined {
    const found = this.workspace.documentAt(uri, offset);
    if (!found || found.document.problems.some((it) => it.kind === 'syntax')) return undefined;
    const resource = found.document.resources.find((it) => it.at.start <= found.offset && found.offset <= it.at.end);
    return { ...found, resource };
  }

  place(at: Location): FileSpan | undefined {
    const uri = uriOf(at.doc);
    // what is said of a file as a whole is counted from its start
    if (at.doc === documentId(uri, 0)) return { uri, start: at.start, end: at.end };
    return this.workspace.locate(at);
  }

  /** Line of a location in its file, from 1. */
  lineOf(at: Location): number | undefined {
    const span = this.place(at);
    if (!span) return undefined;
    const text = this.workspace.file(span.uri)?.text ?? '';
    let line = 1;
    for (let i = text.indexOf('\n'); i >= 0 && i < span.start; i = text.indexOf('\n', i + 1)) line++;
    return line;
  }

  /** `routing.yaml:31` */
  placeName(at: Location): string {
    const line = this.lineOf(at);
    return line === undefined ? '' : `${fileName(uriOf(at.doc))}:${line}`;
  }

  /** Files that are left out, with the reason and where to say so. */
  filesTooLarge(): { readonly at: Location; readonly message: string }[] {
    return [...this.tooLarge].map(([uri, bytes]) => ({
      at: { doc: documentId(uri, 0), start: 0, end: 0 },
      message: `File of ${Math.round(bytes / 1e6)} MB is not read: split it below ${LARGEST_FILE / 1024 / 1024} MB`,
    }));
  }

  private get current(): Kept {
    const { generation } = this.workspace;
    if (this.kept?.generation === generation) return this.kept;
    const before = this.kept;
    const resources = this.resources();
    // text of a comment, or half a word: whatever was found out still holds
    if (before && sameItems(before.snapshot.resources, resources)) return (this.kept = { ...before, generation });
    const snapshot = buildSnapshot(resources, {}, before?.snapshot);
    return (this.kept = { generation, snapshot, traces: new Map() });
  }

  private resources(): Resource[] {
    const result: Resource[] = [];
    for (const uri of this.fileUris()) {
      for (const { document } of this.workspace.file(uri)?.documents ?? []) {
        for (const it of document.resources) result.push(it);
      }
    }
    return result;
  }
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((it, index) => it === b[index]);
}

function fileName(uri: string): string {
  const name = uri.slice(uri.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
