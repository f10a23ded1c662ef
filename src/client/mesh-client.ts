import * as vscode from 'vscode';
import type { BaseLanguageClient, LanguageClientOptions, Middleware } from 'vscode-languageclient';
import type { IndexStatus, Notifications, Requests } from '../protocol/requests.js';
import type { Host } from './extension.js';
import { answerFileRequests } from './file-requests.js';
import { otherExtensionTellsSyntaxErrors } from './yaml-extension.js';

/** Commands that a hover's links may run. */
const TRUSTED_COMMANDS = ['showPath', 'traceRequest', 'copyCurl', 'revealPlace'].map((it) => `packetsEye.${it}`);

/** Documents of these schemes hold what other documents say already, or nothing of a mesh. */
const SCHEMES = ['file', 'untitled', 'vscode-remote', 'packets-eye-sample'];

/** The language server, started when first needed. */
export class MeshClient implements vscode.Disposable {
  private readonly statusChanged = new vscode.EventEmitter<IndexStatus>();
  private readonly disposables: vscode.Disposable[] = [this.statusChanged];
  private started: Promise<BaseLanguageClient> | undefined;
  private latest: IndexStatus | undefined;
  /** Told whenever the server has looked at everything again. */
  readonly onStatus = this.statusChanged.event;

  constructor(
    private readonly host: Host,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.disposables.push(vscode.extensions.onDidChange(() => void this.sendSettings()));
  }

  get status(): IndexStatus | undefined {
    return this.latest;
  }

  get isStarted(): boolean {
    return this.started !== undefined;
  }

  start(): Promise<BaseLanguageClient> {
    this.started ??= this.launch().catch((error: unknown) => {
      this.started = undefined; // whoever asks next tries again
      throw error;
    });
    return this.started;
  }

  /** Asks the server; starts it if need be. Rejects when it cannot be reached. */
  async ask<M extends keyof Requests>(method: M, params: Requests[M]['params']): Promise<Requests[M]['result']> {
    const client = await this.start();
    return client.sendRequest<Requests[M]['result']>(method, params);
  }

  async tell<M extends keyof Notifications>(method: M, params: Notifications[M]): Promise<void> {
    const client = await this.start();
    await client.sendNotification(method, params);
  }

  async dispose(): Promise<void> {
    for (const it of this.disposables) it.dispose();
    const client = await this.started?.catch(() => undefined);
    await client?.dispose();
  }

  private async launch(): Promise<BaseLanguageClient> {
    await vscode.commands.executeCommand('setContext', 'packetsEye.active', true);
    const client = await this.host.createClient(this.options());
    answerFileRequests(client);
    client.onNotification('packetsEye/status', (status: IndexStatus) => {
      this.latest = status;
      this.statusChanged.fire(status);
    });
    await client.start();
    return client;
  }

  private options(): LanguageClientOptions {
    const folders = vscode.workspace.workspaceFolders ?? [];
    const schemes = [...new Set([...SCHEMES, ...folders.map((it) => it.uri.scheme)])];
    return {
      documentSelector: schemes.flatMap((scheme) => [
        { scheme, language: 'yaml' },
        { scheme, language: 'json' },
        { scheme, pattern: '**/*.{yaml,yml}' },
      ]),
      outputChannel: this.log,
      markdown: { isTrusted: { enabledCommands: TRUSTED_COMMANDS } },
      middleware,
    };
  }

  private async sendSettings(): Promise<void> {
    const client = await this.started;
    await client?.sendNotification('workspace/didChangeConfiguration', { settings: null });
  }
}

/** Settles here what only the client can know, before the server reads its settings. */
const middleware: Middleware = {
  workspace: {
    async configuration(params, token, next) {
      const answers = await next(params, token);
      if (!Array.isArray(answers)) return answers;
      return answers.map((answer: unknown, index) =>
        params.items[index]?.section === 'packetsEye' ? withSyntaxSetting(answer) : answer,
      );
    },
  },
};

function withSyntaxSetting(settings: unknown): unknown {
  const own = record(settings);
  const diagnostics = record(own['diagnostics']);
  if (diagnostics['yamlSyntax'] !== 'auto' && diagnostics['yamlSyntax'] !== undefined) return settings;
  const yamlSyntax = otherExtensionTellsSyntaxErrors() ? 'never' : 'always';
  return { ...own, diagnostics: { ...diagnostics, yamlSyntax } };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
