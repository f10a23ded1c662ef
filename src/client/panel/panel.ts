import * as vscode from 'vscode';
import type { FromPanel, ToPanel } from '../../protocol/panel.js';
import type { FileRange } from '../../protocol/places.js';
import type { Diagram, Suggestions, TraceRequest } from '../../protocol/requests.js';
import type { MeshClient } from '../mesh-client.js';
import { reveal } from './reveal.js';
import { saveDrawing } from './save.js';

/** What a panel shows: a request, and the file whose mesh it is meant for. */
export interface Question {
  readonly request: TraceRequest;
  readonly near: string | undefined;
}

/** Under which the window remembers whose mesh was meant: the webview knows the request only. */
const NEAR = 'packetsEye.near';

/** One side panel: holds the question, has the server answer it, and answers what the webview asks. */
export class Panel implements vscode.Disposable {
  private pinned = false;
  private shown: { readonly diagram: Diagram<FileRange>; readonly text: string } | undefined;
  /** The suggestions that the webview has, as text. */
  private suggested = '';
  private ready = false;
  private asked = 0;
  private readonly disposables: vscode.Disposable[] = [];

  constructor(
    readonly view: vscode.WebviewPanel,
    private readonly client: MeshClient,
    private question: Question | undefined,
    private readonly memory: vscode.Memento,
  ) {
    this.disposables.push(
      view.webview.onDidReceiveMessage((message: FromPanel) => this.hear(message)),
      client.onStatus(({ state }) => {
        if (state === 'ready') void this.refresh();
      }),
    );
  }

  dispose(): void {
    for (const it of this.disposables.splice(0)) it.dispose();
  }

  /** Whether it shows what the cursor is on. One that has just come back does not know yet whether it was pinned. */
  get follows(): boolean {
    return this.ready && !this.pinned;
  }

  /** Whether another question may take the place of what it shows. */
  get isFree(): boolean {
    return !this.pinned;
  }

  get asking(): Question | undefined {
    return this.question;
  }

  /** Shows another question, unless it is the same one. */
  ask(question: Question): void {
    if (JSON.stringify(question) === JSON.stringify(this.question)) return;
    this.question = question;
    void this.trace();
  }

  /** Says that there is nothing to show, unless something is shown already. */
  nothing(message: string): void {
    if (!this.question) this.send({ type: 'empty', message });
  }

  /** The cursor came to a line: the message that it decided is selected. */
  select(uri: string, line: number): boolean {
    const messages = (this.shown?.diagram.branches ?? []).flatMap((branch) => {
      const decided = branch.messages.find(({ detail }) =>
        detail.evidence.some(({ at }) => at.uri === uri && at.start.line <= line && line <= at.end.line),
      );
      return decided ? [{ branch: branch.id, message: decided.id }] : [];
    });
    if (messages.length === 0) return false;
    this.send({ type: 'select', messages });
    return true;
  }

  private hear(message: FromPanel): Promise<unknown> | undefined {
    switch (message.type) {
      case 'ready':
        this.ready = true;
        this.shown = undefined;
        this.suggested = '';
        this.pinned = message.state?.pinned ?? this.pinned;
        if (message.state && !this.question) {
          this.question = { request: message.state.request, near: this.memory.get<string>(NEAR) };
        }
        return this.trace();
      case 'trace':
        this.question = { request: message.request, near: this.question?.near };
        return this.trace();
      case 'reveal':
        return reveal(message.at, message.focus);
      case 'mermaid':
        return this.sendMermaid(message.branch);
      case 'copy':
        return this.copy(message.text, message.what);
      case 'save':
        return this.question && saveDrawing(this.client, this.question, message);
      case 'pin':
        this.pinned = message.pinned;
        return undefined;
    }
  }

  private async trace(): Promise<void> {
    if (!this.ready) return; // the webview asks as soon as it listens
    if (!this.question) return this.send({ type: 'empty', message: '' });
    const { question } = this;
    void this.memory.update(NEAR, question.near);
    const turn = ++this.asked;
    const near = question.near === undefined ? {} : { near: question.near };
    const [diagram, suggestions] = await Promise.all([
      this.client.ask('packetsEye/trace', { request: question.request, ...near }).catch(() => null),
      this.client.ask('packetsEye/suggestions', near).catch(() => undefined),
    ]);
    if (turn !== this.asked) return; // something newer was asked meanwhile
    if (suggestions) this.suggest(suggestions);
    if (!diagram) return this.send({ type: 'failed', message: 'This request could not be traced; the log says why' });
    const text = JSON.stringify(diagram);
    if (text === this.shown?.text) return;
    this.shown = { diagram, text };
    this.view.title = titleOf(diagram);
    this.send({ type: 'show', diagram, pinned: this.pinned });
  }

  private suggest(suggestions: Suggestions): void {
    const text = JSON.stringify(suggestions);
    if (text === this.suggested) return;
    this.suggested = text;
    this.send({ type: 'suggestions', suggestions });
  }

  /** The mesh changed: the same question may have another answer. */
  private async refresh(): Promise<void> {
    if (this.question && this.view.visible) await this.trace();
  }

  private async sendMermaid(branch: string): Promise<void> {
    if (!this.question) return;
    const { request, near } = this.question;
    const params = { request, branch, format: 'mermaid' as const, ...(near === undefined ? {} : { near }) };
    const text = await this.client.ask('packetsEye/export', params).catch(() => null);
    if (text !== null) this.send({ type: 'mermaid', branch, text });
  }

  private async copy(text: string, what: string): Promise<void> {
    await vscode.env.clipboard.writeText(text);
    vscode.window.setStatusBarMessage(`${what} copied`, 2000);
  }

  private send(message: ToPanel): void {
    if (this.ready) void this.view.webview.postMessage(message);
  }
}

function titleOf({ request }: Diagram<FileRange>): string {
  return `Path to ${request.to.host}`;
}
