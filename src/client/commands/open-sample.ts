import * as vscode from 'vscode';
import { addSample, SAMPLE_START } from '../sample.js';
import type { CommandContext } from './index.js';

/** Opens the sample mesh: its first file in an editor, all of it in Problems and paths. */
export async function openSample({ client }: CommandContext): Promise<void> {
  await addSample(client);
  await vscode.window.showTextDocument(SAMPLE_START);
}
