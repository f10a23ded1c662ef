import * as vscode from 'vscode';
import type { CommandContext } from './index.js';
import { placeOf } from './place.js';

/** Copies a `curl` line: the given one, or that of the request at the cursor. */
export async function copyCurl(context: CommandContext, argument?: unknown): Promise<void> {
  const line = typeof argument === 'string' ? argument : await curlAtCursor(context);
  if (line === undefined) return void vscode.window.showInformationMessage('Nothing here says where a request goes');
  await vscode.env.clipboard.writeText(line);
  vscode.window.setStatusBarMessage('curl copied', 2000);
}

async function curlAtCursor({ client }: CommandContext): Promise<string | undefined> {
  const place = placeOf(undefined);
  const request = place && (await client.ask('packetsEye/witness', place));
  if (!request) return undefined;
  return (await client.ask('packetsEye/trace', { request, near: place.uri }))?.curl;
}
