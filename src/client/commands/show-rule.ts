import * as vscode from 'vscode';
import { rulePageUri } from '../rule-pages.js';
import type { CommandContext } from './index.js';

/** Opens the page of a rule, or the list of all rules. */
export async function showRule(_: CommandContext, argument?: unknown): Promise<void> {
  const uri = rulePageUri(typeof argument === 'string' ? argument : '');
  const commands = await vscode.commands.getCommands(true);
  // the preview comes with an extension that a user may have turned off
  if (commands.includes('markdown.showPreview')) await vscode.commands.executeCommand('markdown.showPreview', uri);
  else await vscode.window.showTextDocument(uri);
}
