import { Uri, type ExtensionContext } from 'vscode';
import { activate as activateExtension } from '../extension.js';

/** In a browser the server is a web worker. */
export function activate(context: ExtensionContext): void {
  const script = Uri.joinPath(context.extensionUri, 'dist/server/browser.js').toString(true);
  activateExtension(context, {
    async createClient(options) {
      const { LanguageClient } = await import('vscode-languageclient/browser');
      return new LanguageClient('packetsEye', "Packet's-Eye", new Worker(script), options);
    },
  });
}
