import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import type { FileContent, FileRequests, FolderEntry } from '../protocol/files.js';

/** Reads folders and files for a server that cannot: in a browser, and of virtual workspaces anywhere. */
export function answerFileRequests(client: BaseLanguageClient): void {
  const answer = <M extends keyof FileRequests>(
    method: M,
    run: (params: FileRequests[M]['params']) => Promise<FileRequests[M]['result']>,
  ): void => {
    client.onRequest(method, (params: FileRequests[M]['params']) => run(params));
  };
  answer('packetsEye/listFolders', ({ uris }) => Promise.all(uris.map(listFolder)));
  answer('packetsEye/readFiles', ({ uris, largest }) => Promise.all(uris.map((it) => readFile(it, largest))));
}

async function listFolder(uri: string): Promise<FolderEntry[] | null> {
  try {
    const entries = await vscode.workspace.fs.readDirectory(vscode.Uri.parse(uri));
    return entries.map(([name, type]) => ({
      name,
      kind: (type & vscode.FileType.Directory) !== 0 ? 'folder' : 'file',
      link: (type & vscode.FileType.SymbolicLink) !== 0,
    }));
  } catch {
    return null;
  }
}

async function readFile(uri: string, largest: number): Promise<FileContent> {
  try {
    const bytes = await vscode.workspace.fs.readFile(vscode.Uri.parse(uri));
    return bytes.length > largest ? { tooLarge: bytes.length } : { text: new TextDecoder().decode(bytes) };
  } catch (error) {
    return { unreadable: String(error) };
  }
}
