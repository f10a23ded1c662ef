import assert from 'node:assert/strict';
import * as vscode from 'vscode';

/** Runs inside VS Code's extension host: the three things that a person does first, by the editor's own interface. */
export async function run(): Promise<void> {
  const [file] = await filesThatSay('kind: VirtualService');
  assert.ok(file, 'the sample has a VirtualService');
  const document = await vscode.workspace.openTextDocument(file);
  await vscode.window.showTextDocument(document);
  await until('the extension to be active', () => vscode.extensions.getExtension('packets-eye.packets-eye')?.isActive);

  const problems = await until('findings', () => {
    const all = vscode.languages.getDiagnostics().flatMap(([, it]) => it);
    const ours = all.filter(({ source }) => source === 'packets-eye');
    return ours.length > 0 ? ours : undefined;
  });
  console.log(`  Problems: ${problems.map((it) => it.message).join('; ')}`);

  const place = document.positionAt(document.getText().indexOf('kind: VirtualService') + 'kind: V'.length);
  const text = await until('a hover', async () => {
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', file, place);
    const contents = hovers.flatMap((it) => it.contents).map((it) => (typeof it === 'string' ? it : it.value));
    return contents.find((it) => it.includes('→'));
  });
  console.log(`  Hover: ${text.split('\n')[0]}`);

  const editor = vscode.window.activeTextEditor;
  assert.ok(editor);
  editor.selection = new vscode.Selection(place, place);
  await vscode.commands.executeCommand('packetsEye.showPath');
  await until('the panel', () => {
    const tabs = vscode.window.tabGroups.all.flatMap((it) => it.tabs);
    return tabs.find(
      ({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith('packetsEye.panel'),
    );
  });
  console.log('  The panel opened');
}

async function filesThatSay(text: string): Promise<vscode.Uri[]> {
  const found: vscode.Uri[] = [];
  for (const it of await vscode.workspace.findFiles('**/*.{yaml,yml}')) {
    const bytes = await vscode.workspace.fs.readFile(it);
    if (new TextDecoder().decode(bytes).includes(text)) found.push(it);
  }
  return found;
}

async function until<T>(what: string, ask: () => T | undefined | Promise<T | undefined>): Promise<NonNullable<T>> {
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    const answer = await ask();
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`Waited 60 s for ${what}`);
}
