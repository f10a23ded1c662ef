import type { ExtensionContext } from 'vscode';
import { activate as activateExtension } from '../extension.js';

/** Where the extension host is a Node process the server is one, too. */
export function activate(context: ExtensionContext): void {
  const module = context.asAbsolutePath('dist/server/node.js');
  activateExtension(context, {
    async createClient(options) {
      const { LanguageClient, TransportKind } = await import('vscode-languageclient/node');
      const server = { module, transport: TransportKind.ipc };
      return new LanguageClient('packetsEye', "Packet's-Eye", { run: server, debug: server }, options);
    },
  });
}
