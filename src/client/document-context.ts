import * as vscode from 'vscode';

const OBJECT = /^\s*["']?apiVersion["']?\s*:/m;

/** Keeps `packetsEye.meshDocument` true while the active editor shows objects of Kubernetes: menus hide where they have no use. */
export function watchDocuments(context: vscode.ExtensionContext): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last: boolean | undefined;
  const look = (): void => {
    const document = vscode.window.activeTextEditor?.document;
    // with a panel in front there is no active editor; what was true before still is
    if (!document && vscode.window.visibleTextEditors.length > 0) return;
    const now = document !== undefined && isYamlOrJson(document) && OBJECT.test(document.getText());
    if (now === last) return;
    last = now;
    void vscode.commands.executeCommand('setContext', 'packetsEye.meshDocument', now);
  };
  context.subscriptions.push(
    vscode.window.onDidChangeActiveTextEditor(look),
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (document !== vscode.window.activeTextEditor?.document) return;
      clearTimeout(timer);
      timer = setTimeout(look, 300);
    }),
    { dispose: () => clearTimeout(timer) },
  );
  look();
}

/** Documents that can be part of a mesh. */
export function isYamlOrJson({ languageId, uri }: vscode.TextDocument): boolean {
  return languageId === 'yaml' || languageId === 'json' || /\.ya?ml$/.test(uri.path);
}
