import * as vscode from 'vscode';
import type { FromPanel } from '../../protocol/panel.js';
import type { MeshClient } from '../mesh-client.js';
import type { Question } from './panel.js';

type Save = Extract<FromPanel, { readonly type: 'save' }>;

const ENDINGS = { svg: 'svg', png: 'png', mermaid: 'mmd', markdown: 'md' } as const;
const NAMES = { svg: 'SVG picture', png: 'PNG picture', mermaid: 'Mermaid text', markdown: 'Markdown' } as const;

/** Asks where to, and writes a drawing there: pictures as the webview drew them, texts as the server writes them. */
export async function saveDrawing(client: MeshClient, question: Question, save: Save): Promise<void> {
  const bytes = await contentOf(client, question, save);
  if (!bytes) return void vscode.window.showErrorMessage('There is nothing to save yet');
  const ending = ENDINGS[save.format];
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const name = `path-to-${question.request.to.host.replace(/[^\w.-]/g, '-')}.${ending}`;
  const target = await vscode.window.showSaveDialog({
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, name) } : {}),
    filters: { [NAMES[save.format]]: [ending] },
  });
  if (target) await vscode.workspace.fs.writeFile(target, bytes);
}

async function contentOf(
  client: MeshClient,
  { request, near }: Question,
  { format, branch, content }: Save,
): Promise<Uint8Array | undefined> {
  if (format === 'png') return content === undefined ? undefined : fromBase64(content);
  if (format === 'svg') return content === undefined ? undefined : new TextEncoder().encode(content);
  const params = { request, branch, format, ...(near === undefined ? {} : { near }) };
  const text = content ?? (await client.ask('packetsEye/export', params).catch(() => null));
  return text === null ? undefined : new TextEncoder().encode(text);
}

/** Base64 as a canvas gives it, with or without `data:image/png;base64,` in front. */
function fromBase64(text: string): Uint8Array {
  const binary = atob(text.slice(text.indexOf(',') + 1));
  return Uint8Array.from(binary, (it) => it.charCodeAt(0));
}
