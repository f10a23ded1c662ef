import { containsLabels } from '../core/model/fields.js';
import type { IstioGateway } from '../core/model/gateway.js';
import { branchRows, counted, type BranchRow } from './branch-rows.js';
import { doorAtServer } from './doors.js';
import type { HoverContent, HoverContext } from './hover.js';
import { labelText } from './hover-services.js';
import { mostTelling } from './hover-virtual-service.js';
import { pathLine } from './path-line.js';
import { traceDoor, type Witness } from './witness.js';

/** A Gateway: the pods that it configures, and what a request to each of its servers gets. */
export function hoverGateway({ session, keys }: HoverContext, it: IstioGateway): HoverContent | undefined {
  const mesh = session.snapshot;
  const focused = keys[1] === 'servers' && typeof keys[2] === 'number' ? it.servers[keys[2]] : undefined;
  const pods = mesh.pods.filter((pod) => !pod.finished && containsLabels(pod.labels, it.selector));
  const title = `Gateway ${it.namespace}/${it.name}`;
  if (pods.length === 0) {
    return {
      title,
      note: '',
      rows: [],
      facts: [`No pod carries ${labelText(it.selector)}: nobody listens`],
      path: [],
      request: undefined,
    };
  }
  const rows: BranchRow[] = [];
  let witness: Witness | undefined;
  for (const server of focused ? [focused] : it.servers) {
    const door = doorAtServer(mesh, it, server);
    if ('because' in door) continue;
    const found = traceDoor(session, door);
    const condition = `${server.protocol.value} :${server.port.value}, ${server.hosts.map((host) => host.value).join(', ')}`;
    rows.push(...branchRows(mesh, found.paths, { number: '', condition }));
    witness ??= found;
  }
  const shown = witness && mostTelling(witness, rows);
  const workloads = [...new Set(pods.map((pod) => pod.workload))];
  return {
    title,
    note: `runs on ${workloads.join(', ')}, ${counted(pods.length, 'pod')}`,
    rows,
    facts: [],
    path: shown ? pathLine(shown) : [],
    request: witness?.request,
  };
}
