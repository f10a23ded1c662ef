import * as vscode from 'vscode';
import { isMeshText } from './mesh-text.js';

const MOST_FILES = 1000;
const FILES_AT_ONCE = 20;
const LONGEST_FILE = 1_000_000;
const EXCLUDED = '**/{node_modules,.git,.github,vendor}/**';

/**
 * Says once when there is YAML of a mesh: in an open document, as soon as it is typed, or in some file of the workspace. Looks
 * at documents first and at no more files than it takes.
 */
export class MeshDetector implements vscode.Disposable {
  private readonly disposables: vscode.Disposable[] = [];
  private readonly search = new vscode.CancellationTokenSource();
  private found = false;

  constructor(private readonly onFound: () => void) {}

  start(): void {
    for (const it of vscode.workspace.textDocuments) this.look(it);
    if (this.found) return;
    this.disposables.push(
      vscode.workspace.onDidOpenTextDocument((it) => this.look(it)),
      vscode.workspace.onDidChangeTextDocument((it) => this.look(it.document)),
      vscode.workspace.onDidChangeWorkspaceFolders(() => void this.searchFiles()),
    );
    void this.searchFiles();
  }

  dispose(): void {
    this.search.cancel();
    for (const it of this.disposables.splice(0)) it.dispose();
  }

  private look(document: vscode.TextDocument): void {
    if (document.languageId !== 'yaml' && !/\.ya?ml$/.test(document.uri.path)) return;
    if (!this.found && isMeshText(document.getText())) this.finish();
  }

  private async searchFiles(): Promise<void> {
    const { token } = this.search;
    const files = await vscode.workspace.findFiles('**/*.{yaml,yml}', EXCLUDED, MOST_FILES, token);
    for (let from = 0; from < files.length && !token.isCancellationRequested; from += FILES_AT_ONCE) {
      const texts = await Promise.all(files.slice(from, from + FILES_AT_ONCE).map(textOf));
      if (texts.some(isMeshText)) return this.finish();
    }
  }

  private finish(): void {
    if (this.found) return;
    this.found = true;
    this.dispose();
    this.onFound();
  }
}

async function textOf(uri: vscode.Uri): Promise<string> {
  try {
    const bytes = await vscode.workspace.fs.readFile(uri);
    return new TextDecoder().decode(bytes.subarray(0, LONGEST_FILE));
  } catch {
    return '';
  }
}
