import * as vscode from 'vscode';
import type { Question } from '../panel/panel.js';
import type { CommandContext } from './index.js';
import { placeOf } from './place.js';

/** Opens the Mermaid text of the path that the panel shows, or else of the one at the cursor. */
export async function exportMermaid(context: CommandContext): Promise<void> {
  const question = context.panels.latest?.asking ?? (await questionAtCursor(context));
  if (!question) return void vscode.window.showInformationMessage('Nothing here says where a request goes');
  const { request, near } = question;
  const params = { request, branch: '', format: 'mermaid' as const, ...(near === undefined ? {} : { near }) };
  const content = await context.client.ask('packetsEye/export', params);
  if (content === null) return;
  const document = await vscode.workspace.openTextDocument({ language: 'mermaid', content });
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside });
}

async function questionAtCursor({ client }: CommandContext): Promise<Question | undefined> {
  const place = placeOf(undefined);
  const request = place && (await client.ask('packetsEye/witness', place));
  return request ? { request, near: place.uri } : undefined;
}
