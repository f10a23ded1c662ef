import type { FileContent, FileRequests, FolderEntry } from '../protocol/files.js';

/** Reads folders and files, many at once; never rejects for what a file system may do. */
export interface FileAccess {
  /** The entries of each folder; `undefined` for one that cannot be read. */
  list(folders: readonly string[]): Promise<readonly (readonly FolderEntry[] | undefined)[]>;
  /** The files' contents, in the order asked for. */
  read(files: readonly string[], largest: number): Promise<readonly FileContent[]>;
  /** Where a folder really is when links lead there. */
  real(folder: string): Promise<string>;
}

/** Sends a request to the client. */
export type Ask = <M extends keyof FileRequests>(
  method: M,
  params: FileRequests[M]['params'],
) => Promise<FileRequests[M]['result']>;

/** Files through the client, which reads whatever its editor can show. */
export function clientFileAccess(ask: Ask): FileAccess {
  return {
    async list(folders) {
      const lists = await ask('packetsEye/listFolders', { uris: folders }).catch(() => []);
      return folders.map((_, index) => lists[index] ?? undefined);
    },
    async read(files, largest) {
      const contents = await ask('packetsEye/readFiles', { uris: files, largest }).catch(() => []);
      return files.map((_, index) => contents[index] ?? { unreadable: 'no answer' });
    },
    real: (folder) => Promise.resolve(folder),
  };
}

/** Asks `own` for the URIs that it can reach, and `otherwise` for all others. */
export function dividedFileAccess(
  reaches: (uri: string) => boolean,
  own: FileAccess,
  otherwise: FileAccess,
): FileAccess {
  const divide = async <T>(
    uris: readonly string[],
    ask: (access: FileAccess, uris: readonly string[]) => Promise<readonly T[]>,
  ) => {
    const mine = uris.filter(reaches);
    const theirs = uris.filter((it) => !reaches(it));
    const [answersOfMine, answersOfTheirs] = await Promise.all([
      mine.length ? ask(own, mine) : [],
      theirs.length ? ask(otherwise, theirs) : [],
    ]);
    const all = new Map<string, T>();
    mine.forEach((uri, index) => all.set(uri, answersOfMine[index]!));
    theirs.forEach((uri, index) => all.set(uri, answersOfTheirs[index]!));
    return uris.map((it) => all.get(it)!);
  };
  return {
    list: (folders) => divide(folders, (access, uris) => access.list(uris)),
    read: (files, largest) => divide(files, (access, uris) => access.read(uris, largest)),
    real: (folder) => (reaches(folder) ? own : otherwise).real(folder),
  };
}
