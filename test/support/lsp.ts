import { PassThrough } from 'node:stream';
import { afterEach } from 'mocha';
import { TextDocument } from 'vscode-languageserver-textdocument';
import {
  createConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type Connection,
} from 'vscode-languageserver/node';
import {
  CodeLensRequest,
  CodeLensResolveRequest,
  createProtocolConnection,
  DidChangeConfigurationNotification,
  DidChangeTextDocumentNotification,
  DidChangeWatchedFilesNotification,
  DidChangeWorkspaceFoldersNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  LogMessageNotification,
  MarkupContent,
  PublishDiagnosticsNotification,
  RegistrationRequest,
  ShutdownRequest,
  WorkDoneProgressCancelNotification,
  WorkDoneProgressCreateRequest,
  type CodeLens,
  type Diagnostic,
  type FileChangeType,
  type Hover,
  type InitializeParams,
  type ProtocolConnection,
} from 'vscode-languageserver-protocol/node';
import type { FileContent, FolderEntry } from '../../src/protocol/files.js';
import type { IndexStatus, Requests } from '../../src/protocol/requests.js';
import type { FileAccess } from '../../src/server/file-access.js';
import { startServer } from '../../src/server/start-server.js';

/** Files that live in memory, with the mishaps that a test wants. */
export class MemoryFiles implements FileAccess {
  readonly files = new Map<string, FileContent>();
  readCount = 0;
  /** Runs before each batch is read. */
  beforeRead: (uris: readonly string[]) => void | Promise<void> = () => {};

  constructor(texts: Readonly<Record<string, string>> = {}) {
    for (const [uri, text] of Object.entries(texts)) this.files.set(uri, { text });
  }

  list(folders: readonly string[]): Promise<(FolderEntry[] | undefined)[]> {
    return Promise.resolve(folders.map((it) => this.entries(it)));
  }

  async read(uris: readonly string[]): Promise<FileContent[]> {
    this.readCount += uris.length;
    await this.beforeRead(uris);
    return uris.map((it) => this.files.get(it) ?? { unreadable: 'no such file' });
  }

  real(folder: string): Promise<string> {
    return Promise.resolve(folder);
  }

  private entries(folder: string): FolderEntry[] | undefined {
    const prefix = folder.endsWith('/') ? folder : `${folder}/`;
    const names = new Map<string, FolderEntry>();
    for (const uri of this.files.keys()) {
      if (!uri.startsWith(prefix)) continue;
      const [name, ...rest] = decodeURIComponent(uri.slice(prefix.length)).split('/');
      names.set(name!, { name: name!, kind: rest.length > 0 ? 'folder' : 'file', link: false });
    }
    return names.size > 0 ? [...names.values()] : undefined;
  }
}

export interface LspOptions {
  readonly files?: FileAccess;
  readonly folders?: readonly string[];
  /** The user cancels the progress as soon as it shows. */
  readonly cancelProgress?: boolean;
  /** By section. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

export const FOLDER = 'file:///mesh';

/** A client and a server that talk through memory, as an editor and the real one would. */
export class LspSession {
  readonly diagnostics = new Map<string, Diagnostic[]>();
  /** Every publication in order: file names. */
  readonly publications: string[] = [];
  readonly log: string[] = [];
  readonly progress: string[] = [];
  status: IndexStatus | undefined;
  settings: Readonly<Record<string, unknown>>;
  private readonly open = new Map<string, TextDocument>();
  private waiting: (() => void)[] = [];

  private constructor(
    readonly connection: ProtocolConnection,
    private readonly server: Connection,
    { settings, cancelProgress }: LspOptions,
  ) {
    this.settings = settings ?? {};
    connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => {
      this.publications.push(uri);
      this.diagnostics.set(uri, diagnostics);
    });
    connection.onNotification(LogMessageNotification.type, ({ message }) => void this.log.push(message));
    connection.onNotification('packetsEye/status', (it: IndexStatus) => {
      this.status = it;
      if (it.state !== 'ready') return;
      for (const wake of this.waiting.splice(0)) wake();
    });
    connection.onNotification('$/progress', ({ token, value }: { token: string; value: { kind: string } }) => {
      this.progress.push(value.kind);
      if (cancelProgress) void connection.sendNotification(WorkDoneProgressCancelNotification.type, { token });
    });
    connection.onRequest(RegistrationRequest.type, () => {});
    connection.onRequest(WorkDoneProgressCreateRequest.type, () => {});
    connection.onRequest('workspace/configuration', ({ items }: { items: { section: string }[] }) =>
      items.map((it) => this.settings[it.section] ?? null),
    );
    connection.onRequest('workspace/codeLens/refresh', () => null);
  }

  /** Starts both sides; the promise settles when the folders have been read and checked. */
  static async start(options: LspOptions = {}): Promise<LspSession> {
    const there = new PassThrough();
    const back = new PassThrough();
    const server = createConnection(new StreamMessageReader(there), new StreamMessageWriter(back));
    startServer(server, options.files ?? new MemoryFiles());
    const connection = createProtocolConnection(new StreamMessageReader(back), new StreamMessageWriter(there));
    const session = new LspSession(connection, server, options);
    connection.listen();
    const folders = options.folders ?? [FOLDER];
    await connection.sendRequest(InitializeRequest.type, initializeParams(folders));
    const published = session.published();
    await connection.sendNotification(InitializedNotification.type, {});
    await published;
    return session;
  }

  async stop(): Promise<void> {
    await this.connection.sendRequest(ShutdownRequest.type);
    // no `exit`: it would end the process, in which the tests run too
    this.connection.dispose();
    this.server.dispose();
  }

  /** Settles when findings have been published for the next time. */
  published(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Does something, and waits until its findings are published. */
  async after(act: () => Promise<unknown>): Promise<void> {
    const published = this.published();
    await act();
    await published;
  }

  async openDocument(uri: string, text: string, languageId = 'yaml'): Promise<void> {
    this.open.set(uri, TextDocument.create(uri, languageId, 1, text));
    await this.connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId, version: 1, text },
    });
  }

  /** Replaces a part of an open document. */
  async edit(uri: string, start: number, end: number, text: string): Promise<void> {
    const document = this.open.get(uri)!;
    const range = { start: document.positionAt(start), end: document.positionAt(end) };
    const changed = TextDocument.update(document, [{ range, text }], document.version + 1);
    this.open.set(uri, changed);
    await this.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri, version: changed.version },
      contentChanges: [{ range, text }],
    });
  }

  textOf(uri: string): string {
    return this.open.get(uri)!.getText();
  }

  async closeDocument(uri: string): Promise<void> {
    this.open.delete(uri);
    await this.connection.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: { uri } });
  }

  async filesChanged(...changes: readonly (readonly [uri: string, type: FileChangeType])[]): Promise<void> {
    await this.connection.sendNotification(DidChangeWatchedFilesNotification.type, {
      changes: changes.map(([uri, type]) => ({ uri, type })),
    });
  }

  async foldersChanged(added: readonly string[], removed: readonly string[]): Promise<void> {
    const folders = (uris: readonly string[]) => uris.map((uri) => ({ uri, name: uri }));
    await this.connection.sendNotification(DidChangeWorkspaceFoldersNotification.type, {
      event: { added: folders(added), removed: folders(removed) },
    });
  }

  async changeSettings(settings: Readonly<Record<string, unknown>>): Promise<void> {
    this.settings = settings;
    await this.connection.sendNotification(DidChangeConfigurationNotification.type, { settings: {} });
  }

  /** The hover's Markdown at an offset of an open document. */
  async hover(uri: string, offset: number): Promise<string | undefined> {
    const position = this.open.get(uri)!.positionAt(offset);
    const hover: Hover | null = await this.connection.sendRequest(HoverRequest.type, {
      textDocument: { uri },
      position,
    });
    return hover && MarkupContent.is(hover.contents) ? hover.contents.value : undefined;
  }

  /** The lenses of a document, resolved. */
  async lenses(uri: string): Promise<CodeLens[]> {
    const lenses = (await this.connection.sendRequest(CodeLensRequest.type, { textDocument: { uri } })) ?? [];
    return Promise.all(lenses.map((it) => this.connection.sendRequest(CodeLensResolveRequest.type, it)));
  }

  ask<M extends keyof Requests>(method: M, params: Requests[M]['params']): Promise<Requests[M]['result']> {
    return this.connection.sendRequest(method, params);
  }

  /** `4:12 error rule-id` for each diagnostic of a file, lines and columns from 1; of some rules, where a test is not about all. */
  problems(uri: string, rules = /./): string[] {
    const words = ['', 'error', 'warning', 'information', 'hint'];
    const shown = (this.diagnostics.get(uri) ?? []).filter((it) => rules.test(String(it.code)));
    return shown.map(
      ({ range, severity, code }) =>
        `${range.start.line + 1}:${range.start.character + 1} ${words[severity ?? 0]} ${code ?? ''}`,
    );
  }
}

/** Starts sessions for the tests of a suite, and stops each session after its test. */
export function lspSessions(): (options: LspOptions) => Promise<LspSession> {
  const sessions: LspSession[] = [];
  afterEach(async () => {
    for (const it of sessions.splice(0)) await it.stop();
  });
  return async (options) => {
    const session = await LspSession.start(options);
    sessions.push(session);
    return session;
  };
}

function initializeParams(folders: readonly string[]): InitializeParams {
  return {
    processId: null,
    rootUri: null,
    workspaceFolders: folders.map((uri) => ({ uri, name: uri })),
    capabilities: {
      workspace: {
        workspaceFolders: true,
        configuration: true,
        didChangeConfiguration: { dynamicRegistration: true },
        didChangeWatchedFiles: { dynamicRegistration: true },
        codeLens: { refreshSupport: true },
      },
      window: { workDoneProgress: true },
    },
  };
}
