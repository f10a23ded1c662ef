/*
 * What the server asks the client about files that it cannot reach itself: in a browser all, on the desktop those of virtual
 * workspaces. Always many at once, since each question travels between processes.
 */
export interface FileRequests {
  /** The entries of folders; `null` for one that cannot be read. */
  readonly 'packetsEye/listFolders': {
    readonly params: FileQuery;
    readonly result: readonly (readonly FolderEntry[] | null)[];
  };
  readonly 'packetsEye/readFiles': { readonly params: ReadQuery; readonly result: readonly FileContent[] };
}

export interface FileQuery {
  readonly uris: readonly string[];
}

export interface ReadQuery extends FileQuery {
  /** Larger files are not read (bytes). */
  readonly largest: number;
}

export interface FolderEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder';
  readonly link: boolean;
  /** Where a link leads, when that is known. */
  readonly target?: string;
}

export type FileContent =
  | { readonly text: string }
  /** Has more bytes than was asked for. */
  | { readonly tooLarge: number }
  /** Is not there (any more), or may not be read. */
  | { readonly unreadable: string };
