import * as vscode from 'vscode';
import type { FileRange } from '../../protocol/places.js';

/** Until when a moving cursor is our own doing and no wish of the user, in milliseconds. */
let quietUntil = 0;
const QUIET = 400;

/** Shows a range in the editor beside the panel, without taking the keyboard from the panel unless asked. */
export async function reveal(at: FileRange, focus: boolean): Promise<void> {
  quietUntil = Date.now() + QUIET;
  const uri = vscode.Uri.parse(at.uri);
  const selection = toRange(at);
  const editor = await vscode.window.showTextDocument(uri, {
    viewColumn: columnFor(uri),
    preserveFocus: !focus,
    preview: true,
    selection,
  });
  editor.revealRange(selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  quietUntil = Date.now() + QUIET;
}

export function isRevealing(): boolean {
  return Date.now() < quietUntil;
}

export function toRange({ start, end }: FileRange): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}

/** Where the file is shown already, else where any text is, else the first column: never over the panel. */
function columnFor(uri: vscode.Uri): vscode.ViewColumn {
  const editors = vscode.window.visibleTextEditors;
  const own = editors.find((it) => it.document.uri.toString() === uri.toString());
  return (own ?? editors.find((it) => it.viewColumn !== undefined))?.viewColumn ?? vscode.ViewColumn.One;
}
