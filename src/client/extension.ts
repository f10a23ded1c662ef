import * as vscode from 'vscode';
import type { BaseLanguageClient, LanguageClientOptions } from 'vscode-languageclient';
import { registerCommands } from './commands/index.js';
import { watchDocuments } from './document-context.js';
import { MeshClient } from './mesh-client.js';
import { MeshDetector } from './mesh-detector.js';
import { registerPanels } from './panel/panels.js';
import { registerRulePages } from './rule-pages.js';
import { registerSample } from './sample.js';
import { registerStatus } from './status.js';

/** What differs between a desktop and a browser: how the server is started. */
export interface Host {
  /** Loads the client library when it is first needed: most YAML has nothing to do with a mesh. */
  createClient(options: LanguageClientOptions): Promise<BaseLanguageClient>;
}

/**
 * Registers everything cheap at once; the server starts when the first YAML that has to do with a mesh is seen, or when a
 * command needs it.
 */
export function activate(context: vscode.ExtensionContext, host: Host): void {
  const log = vscode.window.createOutputChannel("Packet's-Eye", { log: true });
  const client = new MeshClient(host, log);
  const panels = registerPanels(context, client);
  registerCommands(context, { client, panels, log });
  registerSample(context, client);
  registerRulePages(context);
  registerStatus(context, client);
  watchDocuments(context);
  const detector = new MeshDetector(() => {
    client.start().catch((error: unknown) => log.error(`The language server did not start: ${String(error)}`));
  });
  context.subscriptions.push(log, client, detector);
  detector.start();
}
