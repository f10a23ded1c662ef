import * as vscode from 'vscode';
import type { CommandContext } from './index.js';
import { placeOf } from './place.js';

/** Opens the side panel with the request that best shows what is at a place, or at the cursor. */
export async function showPath({ client, panels }: CommandContext, argument?: unknown): Promise<void> {
  const place = placeOf(argument);
  const request = place && (await client.ask('packetsEye/witness', place));
  panels.show(request ? { request, near: place.uri } : undefined);
  if (!request && panels.latest?.asking === undefined) {
    panels.latest?.nothing('Nothing here says where a request goes');
    vscode.window.setStatusBarMessage('Nothing here says where a request goes', 4000);
  }
}
