import { open, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { URI } from 'vscode-uri';
import type { FileContent, FolderEntry } from '../../protocol/files.js';
import { decodeText } from '../decode.js';
import type { FileAccess } from '../file-access.js';

/**
 * Files straight from the disk. Asking the client would be one code path less, but every byte would then cross the extension
 * host, which all extensions share, twice; and editors other than VS Code could not use the server at all.
 */
export const disk: FileAccess = {
  list: (folders) => inParallel(folders, 32, (it) => list(pathOf(it)).catch(() => undefined)),
  read: (files, largest) =>
    inParallel(files, 32, (it) => read(pathOf(it), largest).catch((error: unknown) => ({ unreadable: String(error) }))),
  real: async (folder) => uriOf(await realpath(pathOf(folder)).catch(() => pathOf(folder))),
};

async function list(path: string): Promise<FolderEntry[]> {
  const entries = await readdir(path, { withFileTypes: true });
  const result: FolderEntry[] = [];
  for (const it of entries) {
    if (it.isDirectory()) result.push({ name: it.name, kind: 'folder', link: false });
    else if (it.isFile()) result.push({ name: it.name, kind: 'file', link: false });
    else if (it.isSymbolicLink()) result.push(...(await follow(join(path, it.name), it.name)));
    // sockets, pipes and devices would block whoever reads them
  }
  return result;
}

/** What a link leads to; nothing for a dangling one and for a ring of links. */
async function follow(path: string, name: string): Promise<FolderEntry[]> {
  try {
    const target = await realpath(path);
    const info = await stat(target);
    const kind = info.isDirectory() ? 'folder' : info.isFile() ? 'file' : undefined;
    return kind ? [{ name, kind, link: true, target: uriOf(target) }] : [];
  } catch {
    return [];
  }
}

async function read(path: string, largest: number): Promise<FileContent> {
  const file = await open(path, 'r');
  try {
    const info = await file.stat();
    if (!info.isFile()) return { unreadable: 'not a file' };
    if (info.size > largest) return { tooLarge: info.size };
    return { text: decodeText(await file.readFile()) };
  } finally {
    await file.close();
  }
}

function pathOf(uri: string): string {
  return URI.parse(uri).fsPath;
}

function uriOf(path: string): string {
  return URI.file(path).toString();
}

/** Maps with at most `limit` at a time: thousands of open files are more than a process may have. */
async function inParallel<T, R>(items: readonly T[], limit: number, map: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await map(items[index]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
  return results;
}
