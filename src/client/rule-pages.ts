import * as vscode from 'vscode';

const SCHEME = 'packets-eye';

/** Shows the pages of rules, to which the codes in the Problems panel link; they come with the extension, so they work offline. */
export function registerRulePages(context: vscode.ExtensionContext): void {
  const folder = vscode.Uri.joinPath(context.extensionUri, 'dist/rules');
  const provider: vscode.TextDocumentContentProvider = {
    async provideTextDocumentContent({ path }) {
      const id = /^\/rules\/([a-z0-9-]+)\.md$/.exec(path)?.[1];
      try {
        if (id !== undefined)
          return new TextDecoder().decode(await vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder, `${id}.md`)));
      } catch {
        // an id of another version, or a name that somebody made up
      }
      return `# There is no rule ${id ?? path}\n`;
    },
  };
  context.subscriptions.push(vscode.workspace.registerTextDocumentContentProvider(SCHEME, provider));
}

/** The page of a rule; of all rules for an empty id. */
export function rulePageUri(id: string): vscode.Uri {
  return vscode.Uri.from({ scheme: SCHEME, path: `/rules/${id === '' ? 'index' : id}.md` });
}
