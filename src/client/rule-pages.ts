import * as vscode from 'vscode';
import type { MeshClient } from './mesh-client.js';

const SCHEME = 'packets-eye';

/** Shows the pages of rules, to which the codes in the Problems panel link; made by the server, so they work offline. */
export function registerRulePages(context: vscode.ExtensionContext, client: MeshClient): void {
  const provider: vscode.TextDocumentContentProvider = {
    async provideTextDocumentContent({ path }) {
      const id = /^\/rules\/(.*)\.md$/.exec(path)?.[1] ?? '';
      return (
        (await client.ask('packetsEye/rulePage', { id: id === 'index' ? '' : id })) ?? `# There is no rule ${id}\n`
      );
    },
  };
  context.subscriptions.push(vscode.workspace.registerTextDocumentContentProvider(SCHEME, provider));
}

/** The page of a rule; of all rules for an empty id. */
export function rulePageUri(id: string): vscode.Uri {
  return vscode.Uri.from({ scheme: SCHEME, path: `/rules/${id === '' ? 'index' : id}.md` });
}
