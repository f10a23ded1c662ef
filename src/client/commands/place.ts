import * as vscode from 'vscode';

/** A place in a document, as lenses and links name it. */
export interface Place {
  readonly uri: string;
  readonly line: number;
  readonly character: number;
}

/** The place that a command was given, or the cursor's. */
export function placeOf(argument: unknown): Place | undefined {
  if (isPlace(argument)) return argument;
  const editor = vscode.window.activeTextEditor ?? vscode.window.visibleTextEditors[0];
  if (!editor) return undefined;
  const { line, character } = editor.selection.active;
  return { uri: editor.document.uri.toString(), line, character };
}

export function isPlace(it: unknown): it is Place {
  if (typeof it !== 'object' || it === null) return false;
  const { uri, line, character } = it as Record<string, unknown>;
  return typeof uri === 'string' && typeof line === 'number' && typeof character === 'number';
}
