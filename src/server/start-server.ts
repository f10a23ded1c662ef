import {
  CodeActionKind,
  CodeLensRefreshRequest,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  FileChangeType,
  TextDocumentSyncKind,
  TextDocuments,
  WatchKind,
  type ClientCapabilities,
  type Connection,
  type FileEvent,
  type InitializeParams,
  type InitializeResult,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { IndexStatus, Notifications } from '../protocol/requests.js';
import { answerRequests } from './answers.js';
import { Environments } from './environments.js';
import { errorText, fenced } from './fence.js';
import type { FileAccess } from './file-access.js';
import { globMatcher } from './glob.js';
import { MeshIndex, type Progress } from './mesh-index.js';
import { Publisher } from './publisher.js';
import { isCandidate } from './relevance.js';
import { readSettings, type Settings } from './settings.js';
import { normalUri, relativePath } from './uris.js';

/** How long after a keystroke findings are worked out again, in milliseconds. */
const TYPING_PAUSE = 120;

/** Serves one client over a connection, whatever that runs on. */
export function startServer(connection: Connection, access: FileAccess): void {
  new Server(connection, access).listen();
}

class Server {
  private readonly documents = new TextDocuments(TextDocument);
  /** Documents that are open in an editor, by {@link normalUri}. */
  private readonly open = new Map<string, TextDocument>();
  private readonly environments = new Environments();
  private readonly index: MeshIndex;
  private readonly publisher: Publisher;
  private settings: Settings = readSettings(undefined, undefined);
  private matchesExclude: (path: string) => boolean = globMatcher(this.settings.exclude);
  private client: ClientCapabilities = {};
  private indexing = 0;
  /** Settles when all that was known to need reading has been read. */
  private ready: Promise<void> = Promise.resolve();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private changes = 0;

  constructor(
    private readonly connection: Connection,
    private readonly access: FileAccess,
  ) {
    this.index = new MeshIndex({
      environments: this.environments,
      access,
      openText: (uri) => this.open.get(uri)?.getText(),
      excluded: (uri) => this.isExcluded(uri),
      changed: () => this.changed(),
    });
    this.publisher = new Publisher({
      environments: this.environments,
      send: (uri, diagnostics) => void connection.sendDiagnostics({ uri, diagnostics }).catch(() => {}),
      isOpen: (uri) => this.open.has(uri),
      settings: () => this.settings,
      onRuleError: (rule, error) => connection.console.error(`${rule}: ${errorText(error)}`),
    });
  }

  listen(): void {
    const { connection, documents } = this;
    connection.onInitialize((params) => this.initialize(params));
    connection.onInitialized(() => this.fence('initialized', () => this.initialized()));
    connection.onDidChangeConfiguration(({ settings }) => this.fence('settings', () => this.settingsChanged(settings)));
    connection.onDidChangeWatchedFiles(({ changes }) => this.fence('watched files', () => this.filesChanged(changes)));
    documents.onDidChangeContent(({ document }) => this.fence('edit', () => this.edited(document)));
    documents.onDidClose(({ document }) => this.fence('close', () => this.closed(document)));
    connection.onNotification('packetsEye/addFolder', ({ uri }: Notifications['packetsEye/addFolder']) =>
      this.fence('add folder', () => this.foldersChanged([uri], [])),
    );
    answerRequests(connection, {
      environments: this.environments,
      settings: () => this.settings,
      findingsIn: (session, uri) => this.publisher.findingsIn(session, uri),
      upToDate: async () => {
        await this.ready;
        this.index.flush();
      },
    });
    documents.listen(connection);
    connection.listen();
  }

  private initialize({ capabilities, workspaceFolders, rootUri }: InitializeParams): InitializeResult {
    this.client = capabilities;
    const folders = workspaceFolders?.map((it) => it.uri) ?? (rootUri ? [rootUri] : []);
    for (const it of folders) this.environments.add(normalUri(it));
    return {
      serverInfo: { name: "Packet's-Eye" },
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
        hoverProvider: true,
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
        codeLensProvider: { resolveProvider: true },
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
    };
  }

  private async initialized(): Promise<void> {
    const { client, connection } = this;
    this.ready = this.startUp();
    if (client.workspace?.workspaceFolders) {
      connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) =>
        this.fence('folders', () =>
          this.foldersChanged(
            added.map((it) => it.uri),
            removed.map((it) => it.uri),
          ),
        ),
      );
    }
    if (client.workspace?.didChangeConfiguration?.dynamicRegistration) {
      await connection.client.register(DidChangeConfigurationNotification.type, {
        section: ['packetsEye', 'files.exclude'],
      });
    }
    if (client.workspace?.didChangeWatchedFiles?.dynamicRegistration) {
      await connection.client.register(DidChangeWatchedFilesNotification.type, {
        watchers: [
          { globPattern: '**/*.{yaml,yml,json}', kind: WatchKind.Change },
          // a folder that comes or goes is told of once, and not for each file in it
          { globPattern: '**/*', kind: WatchKind.Create | WatchKind.Delete },
        ],
      });
    }
    await this.ready;
  }

  private async startUp(): Promise<void> {
    await this.fence('settings', async () => this.applySettings(await this.fetchSettings()));
    await this.addFolders(this.environments.folders);
  }

  /** Reads folders after what is being read already; answers wait for them. */
  private readMore(folders: readonly string[]): Promise<void> {
    if (folders.length > 0) this.ready = this.ready.then(() => this.addFolders(folders));
    this.changed();
    return this.ready;
  }

  private async addFolders(folders: readonly string[]): Promise<void> {
    this.indexing++;
    this.sendStatus();
    const progress = await this.beginProgress();
    await this.fence('index', () => this.index.addFolders(folders, progress));
    progress.done();
    this.indexing--;
    this.changed();
  }

  private async beginProgress(): Promise<Progress & { done(): void }> {
    if (!this.client.window?.workDoneProgress) return { report: () => {}, cancelled: () => false, done: () => {} };
    const progress = await this.connection.window.createWorkDoneProgress();
    progress.begin('Reading mesh YAML', undefined, undefined, true);
    return {
      report: (message) => progress.report(message),
      cancelled: () => progress.token.isCancellationRequested,
      done: () => progress.done(),
    };
  }

  private edited(document: TextDocument): void {
    const uri = normalUri(document.uri);
    this.open.set(uri, document);
    this.index.edit(uri);
  }

  private async closed(document: TextDocument): Promise<void> {
    const uri = normalUri(document.uri);
    this.open.delete(uri);
    await this.index.close(uri);
    this.changed(); // findings of open files only: this one's go
  }

  private async filesChanged(changes: readonly FileEvent[]): Promise<void> {
    const appeared: string[] = [];
    const mayBeFolders: string[] = [];
    for (const { uri: given, type } of changes) {
      const uri = normalUri(given);
      if (type === FileChangeType.Deleted) this.index.remove(uri);
      else if (isCandidate(uri)) appeared.push(uri);
      else if (type === FileChangeType.Created && !this.isExcluded(uri)) mayBeFolders.push(uri);
    }
    await this.index.readFiles(appeared);
    if (mayBeFolders.length === 0) return;
    const lists = await this.access.list(mayBeFolders);
    const folders = mayBeFolders.filter((_, index) => lists[index] !== undefined);
    if (folders.length > 0) await this.index.addFolders(folders, { report: () => {}, cancelled: () => false });
  }

  private async foldersChanged(added: readonly string[], removed: readonly string[]): Promise<void> {
    for (const it of removed) this.environments.remove(normalUri(it));
    const folders = added.map(normalUri).filter((it) => this.environments.add(it));
    for (const uri of this.open.keys()) this.index.edit(uri); // they may belong elsewhere now
    await this.readMore(folders);
  }

  private async settingsChanged(sent: unknown): Promise<void> {
    const before = this.settings;
    this.applySettings(this.client.workspace?.configuration ? await this.fetchSettings() : readSettingsOf(sent));
    if (before.codeLens !== this.settings.codeLens) await this.refreshLenses();
    if (JSON.stringify(before.exclude) === JSON.stringify(this.settings.exclude)) return;
    this.index.dropExcluded();
    for (const uri of this.open.keys()) this.index.edit(uri);
    await this.readMore(this.environments.folders);
  }

  private applySettings(settings: Settings): void {
    this.settings = settings;
    this.matchesExclude = globMatcher(settings.exclude);
    this.changed();
  }

  private async fetchSettings(): Promise<Settings> {
    if (!this.client.workspace?.configuration) return this.settings;
    const answer: unknown = await this.connection.workspace.getConfiguration([
      { section: 'packetsEye' },
      { section: 'files' },
    ]);
    const [own, files] = Array.isArray(answer) ? (answer as unknown[]) : [];
    return readSettings(own, files);
  }

  private isExcluded(uri: string): boolean {
    const path = relativePath(uri, this.environments.folders);
    return path !== undefined && this.matchesExclude(path);
  }

  /** Findings are published once typing pauses, and not while files are still missing. */
  private changed(): void {
    this.changes++;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.fence('publish', () => this.publish()), TYPING_PAUSE);
  }

  private async publish(): Promise<void> {
    if (this.indexing > 0) return;
    this.index.flush();
    clearTimeout(this.timer); // what was just taken in is published now, and not once more after the next pause
    const { changes } = this;
    const finished = await this.publisher.publish(() => this.changes !== changes);
    if (!finished) return;
    this.sendStatus();
    await this.refreshLenses();
  }

  private sendStatus(): void {
    const status: IndexStatus = {
      state: this.indexing > 0 ? 'indexing' : 'ready',
      files: this.environments.sessions.reduce((sum, it) => sum + it.fileUris().length, 0),
      resources: this.environments.sessions.reduce((sum, it) => sum + it.snapshot.resources.length, 0),
      ...this.publisher.counts,
    };
    void this.connection.sendNotification('packetsEye/status', status).catch(() => {});
  }

  private async refreshLenses(): Promise<void> {
    if (this.client.workspace?.codeLens?.refreshSupport) await this.connection.sendRequest(CodeLensRefreshRequest.type);
  }

  private fence(name: string, run: () => void | Promise<void>): Promise<void> {
    return fenced(this.connection.console, name, undefined, run);
  }
}

function readSettingsOf(sent: unknown): Settings {
  const all = typeof sent === 'object' && sent !== null ? (sent as Record<string, unknown>) : {};
  return readSettings(all['packetsEye'], all['files']);
}
