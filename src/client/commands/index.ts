import * as vscode from 'vscode';
import type { MeshClient } from '../mesh-client.js';
import type { Panels } from '../panel/panels.js';
import { copyCurl } from './copy-curl.js';
import { exportMermaid } from './export-mermaid.js';
import { openSample } from './open-sample.js';
import { revealPlace } from './reveal-place.js';
import { showPath } from './show-path.js';
import { showRule } from './show-rule.js';
import { traceRequest } from './trace-request.js';

/** What a command works with. */
export interface CommandContext {
  readonly client: MeshClient;
  readonly panels: Panels;
  readonly log: vscode.LogOutputChannel;
}

/** Arguments come from links and menus, so that each command looks at its own before it trusts them. */
type Command = (context: CommandContext, ...args: readonly unknown[]) => unknown;

const COMMANDS: Readonly<Record<string, Command>> = {
  showPath,
  traceRequest,
  copyCurl,
  exportMermaid,
  showRule,
  openSample,
  revealPlace,
  showLog: ({ log }) => log.show(),
};

export function registerCommands(context: vscode.ExtensionContext, parts: CommandContext): void {
  for (const [name, run] of Object.entries(COMMANDS)) {
    const command = vscode.commands.registerCommand(`packetsEye.${name}`, async (...args: unknown[]) => {
      try {
        return await run(parts, ...args);
      } catch (error) {
        parts.log.error(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        void vscode.window.showErrorMessage(
          `Packet's-Eye could not do this: ${error instanceof Error ? error.message : String(error)}`,
        );
        return undefined;
      }
    });
    context.subscriptions.push(command);
  }
}
