import * as vscode from 'vscode';
import { isYamlOrJson } from '../document-context.js';
import type { MeshClient } from '../mesh-client.js';
import { panelHtml } from './html.js';
import { Panel, type Question } from './panel.js';
import { isRevealing } from './reveal.js';

export const PANEL_TYPE = 'packetsEye.panel';

/** How long the cursor must rest before the panel follows it, in milliseconds. */
const RESTING = 200;

/** All open panels; opens them, brings them back after a reload, and has those that are not pinned follow the cursor. */
export class Panels {
  private readonly open = new Set<Panel>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly client: MeshClient,
  ) {}

  /** The panel that the user looked at last. */
  get latest(): Panel | undefined {
    return [...this.open].find((it) => it.view.active) ?? [...this.open].at(-1);
  }

  /** Shows a question in a panel that follows, or in a new one beside the editor. */
  show(question: Question | undefined): void {
    const following = [...this.open].find((it) => it.isFree);
    if (following) {
      following.view.reveal(undefined, true);
      if (question) following.ask(question);
      return;
    }
    const view = vscode.window.createWebviewPanel(
      PANEL_TYPE,
      "Packet's-Eye",
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      this.webviewOptions(),
    );
    this.adopt(view, question);
  }

  /** Gives a webview its content, whether it is new or comes from before a reload. */
  adopt(view: vscode.WebviewPanel, question: Question | undefined): void {
    view.webview.options = this.webviewOptions();
    const panel = new Panel(view, this.client, question, this.context.workspaceState);
    this.open.add(panel);
    view.onDidDispose(() => {
      this.open.delete(panel);
      panel.dispose();
    });
    view.webview.html = this.page(view.webview);
  }

  /** The cursor moved, or another editor came to the front. */
  follow(editor: vscode.TextEditor | undefined): void {
    clearTimeout(this.timer);
    if (!editor || isRevealing() || ![...this.open].some((it) => it.follows && it.view.visible)) return;
    this.timer = setTimeout(() => void this.followNow(editor), RESTING);
  }

  private async followNow(editor: vscode.TextEditor): Promise<void> {
    if (!this.client.isStarted || !isYamlOrJson(editor.document)) return;
    const uri = editor.document.uri.toString();
    const { line, character } = editor.selection.active;
    const following = [...this.open].filter((it) => it.follows);
    // a line that decided something on the path that is shown is part of that path
    if (following.filter((it) => it.select(uri, line)).length === following.length) return;
    const request = await this.client.ask('packetsEye/witness', { uri, line, character }).catch(() => null);
    if (request) for (const it of following) it.ask({ request, near: uri });
  }

  private page(webview: vscode.Webview): string {
    const file = (name: string): string =>
      webview.asWebviewUri(vscode.Uri.joinPath(this.context.extensionUri, 'dist/webview', name)).toString();
    return panelHtml({
      scriptUri: file('main.js'),
      styleUri: file('main.css'),
      cspSource: webview.cspSource,
      nonce: randomText(),
      language: vscode.env.language,
    });
  }

  private webviewOptions(): vscode.WebviewOptions & vscode.WebviewPanelOptions {
    const { extensionUri } = this.context;
    return {
      enableScripts: true,
      localResourceRoots: [vscode.Uri.joinPath(extensionUri, 'dist/webview')],
    };
  }
}

export function registerPanels(context: vscode.ExtensionContext, client: MeshClient): Panels {
  const panels = new Panels(context, client);
  context.subscriptions.push(
    vscode.window.registerWebviewPanelSerializer(PANEL_TYPE, {
      deserializeWebviewPanel: (view) => Promise.resolve(panels.adopt(view, undefined)),
    }),
    vscode.window.onDidChangeActiveTextEditor((it) => panels.follow(it)),
    vscode.window.onDidChangeTextEditorSelection(({ textEditor, kind }) => {
      // without a kind it was no person who moved the cursor
      if (kind !== undefined && textEditor === vscode.window.activeTextEditor) panels.follow(textEditor);
    }),
  );
  return panels;
}

function randomText(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((it) => it.toString(16).padStart(2, '0')).join('');
}
