import * as vscode from 'vscode';
import type { MeshClient } from './mesh-client.js';
import { SAMPLE_FILES } from './sample-files.js';

const SCHEME = 'packets-eye-sample';
const ROOT = vscode.Uri.from({ scheme: SCHEME, path: '/' });

/** What the sample opens with: a VirtualService with a canary. */
export const SAMPLE_START = vscode.Uri.joinPath(ROOT, 'shop/reviews.yaml');

/** Offers the sample mesh as a file system of its own, in a browser too; what a user changes in it lives as long as the window. */
export function registerSample(context: vscode.ExtensionContext, client: MeshClient): void {
  const files = new SampleFiles(vscode.Uri.joinPath(context.extensionUri, 'media/sample-mesh'));
  context.subscriptions.push(
    files,
    vscode.workspace.registerFileSystemProvider(SCHEME, files, { isCaseSensitive: true }),
    // a window that comes back with a sample document open gets the rest of the mesh with it
    vscode.workspace.onDidOpenTextDocument((it) => {
      if (it.uri.scheme === SCHEME) void addSample(client);
    }),
  );
  if (vscode.workspace.textDocuments.some((it) => it.uri.scheme === SCHEME)) void addSample(client);
}

/** Makes the sample an environment of its own, beside what the window has open. */
export function addSample(client: MeshClient): Promise<void> {
  return client.tell('packetsEye/addFolder', { uri: ROOT.toString() });
}

class SampleFiles implements vscode.FileSystemProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  private readonly written = new Map<string, { readonly content: Uint8Array; readonly mtime: number }>();
  private readonly started = Date.now();
  readonly onDidChangeFile = this.changed.event;

  constructor(private readonly source: vscode.Uri) {}

  dispose(): void {
    this.changed.dispose();
  }

  watch(): vscode.Disposable {
    return { dispose: () => {} };
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const times = { ctime: this.started, mtime: this.written.get(uri.path)?.mtime ?? this.started };
    if (isFolder(uri.path)) return { type: vscode.FileType.Directory, size: 0, ...times };
    return { type: vscode.FileType.File, size: (await this.readFile(uri)).length, ...times };
  }

  readDirectory(uri: vscode.Uri): [string, vscode.FileType][] {
    const prefix = uri.path.endsWith('/') ? uri.path : `${uri.path}/`;
    const entries = new Map<string, vscode.FileType>();
    for (const it of SAMPLE_FILES) {
      if (!`/${it}`.startsWith(prefix)) continue;
      const [name = '', ...rest] = `/${it}`.slice(prefix.length).split('/');
      entries.set(name, rest.length > 0 ? vscode.FileType.Directory : vscode.FileType.File);
    }
    return [...entries];
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    const written = this.written.get(uri.path);
    if (written) return written.content;
    if (!SAMPLE_FILES.includes(uri.path.slice(1))) throw vscode.FileSystemError.FileNotFound(uri);
    return vscode.workspace.fs.readFile(vscode.Uri.joinPath(this.source, uri.path));
  }

  writeFile(uri: vscode.Uri, content: Uint8Array): void {
    if (!SAMPLE_FILES.includes(uri.path.slice(1)))
      throw vscode.FileSystemError.NoPermissions('The sample mesh takes no further files');
    this.written.set(uri.path, { content, mtime: Date.now() });
    this.changed.fire([{ type: vscode.FileChangeType.Changed, uri }]);
  }

  createDirectory(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
}

function isFolder(path: string): boolean {
  const prefix = path.endsWith('/') ? path.slice(1) : `${path.slice(1)}/`;
  return SAMPLE_FILES.some((it) => it.startsWith(prefix));
}
