import * as vscode from 'vscode';
import type { IndexStatus } from '../protocol/requests.js';
import type { MeshClient } from './mesh-client.js';

/** An entry in the language status of YAML documents: how much of a mesh was read, and how many problems it has. */
export function registerStatus(context: vscode.ExtensionContext, client: MeshClient): void {
  let item: vscode.LanguageStatusItem | undefined;
  const show = (status: IndexStatus): void => {
    item ??= createItem(context);
    item.busy = status.state === 'indexing';
    item.text = status.state === 'indexing' ? 'Reading mesh YAML' : counted(status.resources, 'resource');
    item.detail = status.state === 'indexing' ? '' : problemsText(status);
    item.severity =
      status.errors > 0
        ? vscode.LanguageStatusSeverity.Error
        : status.warnings > 0
          ? vscode.LanguageStatusSeverity.Warning
          : vscode.LanguageStatusSeverity.Information;
  };
  context.subscriptions.push(client.onStatus(show));
}

function createItem(context: vscode.ExtensionContext): vscode.LanguageStatusItem {
  const item = vscode.languages.createLanguageStatusItem('packetsEye.status', [{ language: 'yaml' }]);
  item.name = "Packet's-Eye";
  item.command = { title: 'Show problems', command: 'workbench.actions.view.problems' };
  context.subscriptions.push(item);
  return item;
}

function problemsText({ errors, warnings }: IndexStatus): string {
  if (errors + warnings === 0) return 'no problems';
  return [errors > 0 ? counted(errors, 'error') : '', warnings > 0 ? counted(warnings, 'warning') : '']
    .filter(Boolean)
    .join(', ');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
