import * as vscode from 'vscode';

/** Whether Red Hat's YAML extension is there and reports errors of the text, so that ours would be said twice. */
export function otherExtensionTellsSyntaxErrors(): boolean {
  // it activates with the first YAML document: present is as good as active
  if (!vscode.extensions.getExtension('redhat.vscode-yaml')) return false;
  return vscode.workspace.getConfiguration('yaml').get('validate') !== false;
}
