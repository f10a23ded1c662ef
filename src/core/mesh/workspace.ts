import { documentId, uriOf, type DocumentId, type Location } from '../base/location.js';
import { readResources, type Resource } from '../model/resources.js';
import { parseText, splitDocuments, type ParsedText } from '../syntax/parse.js';
import type { SyntaxProblem } from '../syntax/problem.js';
import type { YamlNode } from '../syntax/tree.js';

/** One document as the workspace keeps it. */
export interface WorkspaceDocument {
  readonly id: DocumentId;
  readonly text: string;
  /** As the text stands now; of a half-typed text, what could be understood. */
  readonly root: YamlNode | undefined;
  readonly problems: readonly SyntaxProblem[];
  readonly template: boolean;
  /** What it contributes to the mesh: of a half-typed text, what it last said when it was whole. */
  readonly resources: readonly Resource[];
}

export interface WorkspaceFile {
  readonly uri: string;
  readonly text: string;
  readonly documents: readonly { readonly start: number; readonly document: WorkspaceDocument }[];
  /** What is wrong with the file as a whole; counted from the start of the file. */
  readonly problems: readonly SyntaxProblem[];
}

/** Text longer than this is not read (UTF-16 units): no hand-written YAML is, and one such file must not stop all others. */
export const LARGEST_FILE = 8 * 1024 * 1024;

/**
 * The files of one environment, kept parsed. A changed file is cut into documents again, but only those whose text changed
 * are parsed again; the others keep their identity, and with it all that was remembered about them.
 */
export class Workspace {
  private readonly files = new Map<string, WorkspaceFile>();
  private readonly byId = new Map<DocumentId, { file: string; index: number }>();
  private serial = 0;
  private version = 0;

  /** Grows with every change. */
  get generation(): number {
    return this.version;
  }

  /** Puts a file in, or its new text. Returns whether anything changed. */
  setFile(uri: string, text: string): boolean {
    const old = this.files.get(uri);
    if (old?.text === text) return false;
    this.version++;
    this.forget(old);
    this.files.set(uri, this.read(uri, text, old));
    this.files.get(uri)!.documents.forEach((it, index) => this.byId.set(it.document.id, { file: uri, index }));
    return true;
  }

  /** Takes a file out; unknown ones are no error. */
  removeFile(uri: string): boolean {
    const old = this.files.get(uri);
    if (!old) return false;
    this.version++;
    this.forget(old);
    this.files.delete(uri);
    return true;
  }

  file(uri: string): WorkspaceFile | undefined {
    return this.files.get(uri);
  }

  allFiles(): IterableIterator<WorkspaceFile> {
    return this.files.values();
  }

  *resources(): Generator<Resource> {
    for (const file of this.files.values()) for (const { document } of file.documents) yield* document.resources;
  }

  document(id: DocumentId): WorkspaceDocument | undefined {
    return this.placed(id)?.document;
  }

  /** Where a location lies in its file now; `undefined` when its document is gone. */
  locate(at: Location): { readonly uri: string; readonly start: number; readonly end: number } | undefined {
    const placed = this.placed(at.doc);
    if (!placed) return undefined;
    const length = placed.document.text.length; // a half-typed document may have become shorter than its last good text
    return {
      uri: uriOf(at.doc),
      start: placed.start + Math.min(at.start, length),
      end: placed.start + Math.min(at.end, length),
    };
  }

  /** The document at an offset of a file, with the offset counted from the document's start. */
  documentAt(
    uri: string,
    offset: number,
  ): { readonly document: WorkspaceDocument; readonly offset: number } | undefined {
    const documents = this.files.get(uri)?.documents ?? [];
    for (let i = documents.length - 1; i >= 0; i--) {
      const { start, document } = documents[i]!;
      if (start <= offset) return { document, offset: offset - start };
    }
    return undefined;
  }

  /** The text at a location. */
  textAt(at: Location): string {
    return this.document(at.doc)?.text.slice(at.start, at.end) ?? '';
  }

  private placed(id: DocumentId): { start: number; document: WorkspaceDocument } | undefined {
    const place = this.byId.get(id);
    return place && this.files.get(place.file)?.documents[place.index];
  }

  private forget(file: WorkspaceFile | undefined): void {
    for (const { document } of file?.documents ?? []) this.byId.delete(document.id);
  }

  private read(uri: string, text: string, old: WorkspaceFile | undefined): WorkspaceFile {
    if (text.length > LARGEST_FILE) {
      const message = `File of ${Math.round(text.length / 1e6)} MB is not read: split it below ${LARGEST_FILE / 1024 / 1024} MB`;
      return { uri, text, documents: [], problems: [{ kind: 'too-large', message, start: 0, end: 1 }] };
    }
    if (text.slice(0, 4096).includes('\u0000')) {
      const message = 'Not a text file; it is left out';
      return { uri, text, documents: [], problems: [{ kind: 'unreadable', message, start: 0, end: 1 }] };
    }
    const slices = splitDocuments(text);
    const reuse = new OldDocuments(
      old,
      slices.map((it) => it.text),
    );
    const documents = slices.map((slice, index) => ({
      start: slice.start,
      document: reuse.same(index) ?? this.parse(uri, slice.text, reuse.counterpart(index)),
    }));
    return { uri, text, documents, problems: [] };
  }

  private parse(uri: string, text: string, before: WorkspaceDocument | undefined): WorkspaceDocument {
    const parsed: ParsedText = parseText(text);
    const { root, problems, template } = parsed;
    if (parsed.broken && before && before.resources.length > 0) {
      // half-typed: others go on seeing what the document last said when it was whole, under the name it had then
      return { id: before.id, text, root, problems, template, resources: before.resources };
    }
    const id = documentId(uri, ++this.serial);
    return { id, text, root, problems, template, resources: readResources(id, root) };
  }
}

/** Finds what of a file's former documents can be kept. */
class OldDocuments {
  private readonly kept: (WorkspaceDocument | undefined)[];
  private readonly counterparts: (WorkspaceDocument | undefined)[];

  constructor(old: WorkspaceFile | undefined, texts: readonly string[]) {
    const before = old?.documents.map((it) => it.document) ?? [];
    this.kept = texts.map(() => undefined);
    this.counterparts = texts.map(() => undefined);
    let head = 0;
    while (head < texts.length && head < before.length && before[head]!.text === texts[head]) {
      this.kept[head] = before[head];
      head++;
    }
    let tail = 0;
    const room = Math.min(texts.length, before.length) - head;
    while (tail < room && before[before.length - 1 - tail]!.text === texts[texts.length - 1 - tail]) {
      this.kept[texts.length - 1 - tail] = before[before.length - 1 - tail];
      tail++;
    }
    // one document between two untouched runs is the one that is being typed in
    for (let i = head; i < texts.length - tail && i < before.length - tail; i++) this.counterparts[i] = before[i];
  }

  same(index: number): WorkspaceDocument | undefined {
    return this.kept[index];
  }

  counterpart(index: number): WorkspaceDocument | undefined {
    return this.counterparts[index];
  }
}
