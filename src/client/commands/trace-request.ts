import * as vscode from 'vscode';
import type { MeshClient } from '../mesh-client.js';
import type { Requester, Target, TraceRequest } from '../../protocol/requests.js';
import type { CommandContext } from './index.js';
import { placeOf } from './place.js';

/** Asks who sends a request and where to, and opens its path. From a link, opens the panel with its form filled in. */
export async function traceRequest({ client, panels }: CommandContext, argument?: unknown): Promise<void> {
  const place = placeOf(argument);
  if (argument !== undefined && place) {
    const request = await client.ask('packetsEye/witness', place);
    if (request) return panels.show({ request, near: place.uri });
  }
  const near = place === undefined ? {} : { near: place.uri };
  const { workloads, gateways, hosts } = await client.ask('packetsEye/suggestions', near);
  const from = await pickRequester(workloads, gateways);
  if (!from) return;
  const to = await pickTarget(client, hosts);
  if (!to) return;
  const request: TraceRequest = { from, to };
  panels.show({ request, near: place?.uri });
}

async function pickRequester(
  workloads: readonly string[],
  gateways: readonly string[],
): Promise<Requester | undefined> {
  const items = [
    ...workloads.map((name) => ({ label: name, description: 'workload', from: { pod: name } })),
    ...gateways.map((name) => ({
      label: name,
      description: 'from outside, through this gateway',
      from: { gateway: name },
    })),
  ];
  const title = 'Who sends the request?';
  return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true }))?.from;
}

/** One of the hosts of the mesh, or whatever URL is typed. */
function pickTarget(client: MeshClient, hosts: readonly string[]): Promise<Target | undefined> {
  return new Promise((resolve) => {
    const pick = vscode.window.createQuickPick();
    pick.title = 'Where to?';
    pick.placeholder = 'http://reviews:9080/api';
    const items = hosts.map((host) => ({ label: `http://${host}/` }));
    pick.items = items;
    pick.onDidChangeValue((value) => {
      pick.items =
        value === '' ? items : [{ label: value, alwaysShow: true }, ...items.filter((it) => it.label !== value)];
    });
    const accept = async (): Promise<void> => {
      const parsed = await client.ask('packetsEye/parseTarget', { text: pick.selectedItems[0]?.label ?? pick.value });
      if ('problem' in parsed) {
        pick.title = parsed.problem;
        return;
      }
      resolve(parsed.target);
      pick.hide();
    };
    pick.onDidAccept(() => void accept());
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}
