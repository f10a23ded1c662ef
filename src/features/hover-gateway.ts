import { containsLabels } from '../core/model/fields.js';
import type { GatewayServer, IstioGateway } from '../core/model/gateway.js';
import { hostsMatch } from '../core/mesh/hosts.js';
import { branchRows, counted, type BranchRow } from './branch-rows.js';
import { doorAtServer } from './doors.js';
import type { HoverContent, HoverContext } from './hover.js';
import { labelText } from './hover-services.js';
import { shownPath } from './hover-virtual-service.js';
import type { Session } from './session.js';
import { traceDoor, witnessOfRoute, type Witness } from './witness.js';

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
    const found = witnessAtServer(session, it, server);
    if (!found) continue;
    const condition = `${server.protocol.value} :${server.port.value}, ${server.hosts.map((host) => host.value).join(', ')}`;
    rows.push(...branchRows(mesh, found.paths, { condition }));
    witness ??= found;
  }
  const workloads = [...new Set(pods.map((pod) => pod.workload))];
  return {
    title,
    note: `runs on ${workloads.join(', ')}, ${counted(pods.length, 'pod')}`,
    rows,
    facts: [],
    path: witness ? shownPath(witness) : [],
    request: witness?.request,
  };
}

/** A request that comes through a server: the plainest one, or if no route takes that, one that some route does. */
function witnessAtServer(session: Session, gateway: IstioGateway, server: GatewayServer): Witness | undefined {
  const mesh = session.snapshot;
  const door = doorAtServer(mesh, gateway, server);
  if ('because' in door) return undefined;
  const plain = traceDoor(session, door);
  const outcome = plain.paths[0]?.outcome;
  if (outcome?.result !== 'status' || outcome.status !== 404) return plain;
  const name = `${gateway.namespace}/${gateway.name}`;
  const hosts = server.hosts.map((it) => it.value.slice(it.value.indexOf('/') + 1));
  for (const it of mesh.of('VirtualService')) {
    const isOwn = (value: string): boolean =>
      value === name || (value === gateway.name && it.namespace === gateway.namespace);
    const bound = it.gateways.find(({ value }) => isOwn(value))?.value;
    const host = it.hosts.find(({ value }) => hosts.some((own) => hostsMatch(own, value)))?.value;
    const route = it.http[0];
    if (bound === undefined || host === undefined || !route) continue;
    const found = witnessOfRoute(session, { virtualService: it, route, gateway: bound, host });
    if (!('because' in found) && found.paths.length > 0 && found.request.to.port === door.port) return found;
  }
  return plain;
}
