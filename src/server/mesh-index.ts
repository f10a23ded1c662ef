import { LARGEST_FILE } from '../features/session.js';
import type { Environments } from './environments.js';
import type { FileAccess } from './file-access.js';
import { isCandidate, isRelevant } from './relevance.js';
import { walk, isInside } from './walk.js';

export interface Progress {
  report(message: string): void;
  readonly cancelled: () => boolean;
}

export interface MeshIndexOptions {
  readonly environments: Environments;
  readonly access: FileAccess;
  /** Text of a document that is open in an editor; it counts, whatever the disk says. */
  readonly openText: (uri: string) => string | undefined;
  readonly excluded: (uri: string) => boolean;
  /** Something changed: answers and findings may be different. */
  readonly changed: () => void;
}

const FILES_AT_ONCE = 100;

/**
 * Keeps the environments in step with files on disk and with open documents. Files are read in batches by one loop, so that
 * two readings of the same file cannot overtake each other; a file that is deleted while it is read stays deleted.
 */
export class MeshIndex {
  private readonly toRead = new Set<string>();
  /** Files of the batch that is being read whose content still counts. */
  private readonly awaited = new Set<string>();
  private readonly edited = new Set<string>();
  private reading: Promise<void> | undefined;

  constructor(private readonly options: MeshIndexOptions) {}

  /** Reads all files of the folders. What is there already and still excluded or gone is not taken out. */
  async addFolders(folders: readonly string[], progress: Progress): Promise<void> {
    const { access, excluded } = this.options;
    let found = 0;
    const files = walk(folders, { access, excluded, wanted: isCandidate, cancelled: progress.cancelled });
    for await (const batch of files) {
      found += batch.length;
      for (let from = 0; from < batch.length && !progress.cancelled(); from += FILES_AT_ONCE) {
        progress.report(`${found - batch.length + from} of ${found} files`);
        await this.readFiles(batch.slice(from, from + FILES_AT_ONCE));
      }
    }
  }

  /** Reads files that are new or have changed on disk. */
  readFiles(uris: Iterable<string>): Promise<void> {
    for (const uri of uris) {
      if (isCandidate(uri) && !this.options.excluded(uri)) this.toRead.add(uri);
    }
    this.reading ??= this.readAll().finally(() => (this.reading = undefined));
    return this.reading;
  }

  /** Takes out a file, or everything in a folder. Open documents stay: their editors still show them. */
  remove(uri: string): void {
    for (const set of [this.toRead, this.awaited]) for (const it of set) if (isInside(it, uri)) set.delete(it);
    const session = this.options.environments.of(uri);
    for (const file of session.fileUris()) {
      if (isInside(file, uri) && this.options.openText(file) === undefined && session.removeFile(file))
        this.options.changed();
    }
  }

  /** An open document has new text, which is taken in when next something is asked. */
  edit(uri: string): void {
    if (this.options.excluded(uri)) return;
    this.edited.add(uri);
    this.options.changed();
  }

  /** A document is open no more: the disk counts again. */
  async close(uri: string): Promise<void> {
    this.edited.delete(uri);
    // a document that was never saved, or whose name says nothing, was part of the mesh only while it was open
    if (!isCandidate(uri)) this.remove(uri);
    else if (!this.options.excluded(uri)) await this.readFiles([uri]);
  }

  /** Takes in what was typed since the last call. */
  flush(): void {
    for (const uri of this.edited) {
      const text = this.options.openText(uri);
      if (text !== undefined) this.put(uri, text);
    }
    this.edited.clear();
  }

  /** Takes out what the settings exclude by now. */
  dropExcluded(): void {
    for (const session of this.options.environments.sessions) {
      for (const uri of session.fileUris()) {
        if (this.options.excluded(uri) && session.removeFile(uri)) this.options.changed();
      }
    }
  }

  private async readAll(): Promise<void> {
    while (this.toRead.size > 0) {
      const batch = [...this.toRead].slice(0, FILES_AT_ONCE);
      for (const uri of batch) {
        this.toRead.delete(uri);
        this.awaited.add(uri);
      }
      const contents = await this.options.access.read(batch, LARGEST_FILE);
      batch.forEach((uri, index) => {
        if (!this.awaited.delete(uri) || this.options.openText(uri) !== undefined) return;
        const content = contents[index]!;
        if ('text' in content) this.put(uri, content.text);
        else if ('tooLarge' in content) this.change(uri, (it) => it.setTooLarge(uri, content.tooLarge));
        else this.change(uri, (it) => it.removeFile(uri));
      });
    }
  }

  private put(uri: string, text: string): void {
    this.change(uri, (it) => (isRelevant(uri, text) ? it.setFile(uri, text) : it.removeFile(uri)));
  }

  private change(uri: string, apply: (session: ReturnType<Environments['of']>) => boolean): void {
    if (apply(this.options.environments.of(uri))) this.options.changed();
  }
}
