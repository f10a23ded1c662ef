import type { K8sGateway } from '../core/model/gateway-api.js';
import type { IstioGateway } from '../core/model/gateway.js';
import { gatewayObjects } from '../core/mesh/gateway-objects.js';
import { hostsFor } from '../core/mesh/gateways.js';
import { hostsMatch } from '../core/mesh/hosts.js';
import { effectiveVirtualServices } from '../core/mesh/virtual-services.js';
import { branchRows, counted, isWithin, type BranchRow } from './branch-rows.js';
import { doorAtServer, serversOf } from './doors.js';
import type { HoverContent, HoverContext } from './hover.js';
import { shownPath } from './hover-routes.js';
import { labelText } from './hover-services.js';
import type { Session } from './session.js';
import { traceDoor, witnessOfRoute, type Witness } from './witness.js';

/** A Gateway: the pods that it programs, and what a request to each of its servers gets. */
export function hoverGateway({ session, doc, offset }: HoverContext, it: IstioGateway | K8sGateway): HoverContent {
  const mesh = session.snapshot;
  const title = `Gateway ${it.namespace}/${it.name}`;
  // each listener of the Gateway API is a Gateway of its own to istiod
  const own = gatewayObjects(mesh).filter((one) => isWithin(one.nameAt, it.at));
  const servers = own.flatMap((one) => serversOf(mesh, one.id));
  const pods = new Set(servers.map(({ pod }) => pod));
  if (pods.size === 0) {
    const selected = it.kind === 'IstioGateway' ? `: no gateway's pod carries ${labelText(it.selector)}` : '';
    return { title, note: '', rows: [], facts: [`Programs no proxy${selected}`], path: [], request: undefined };
  }
  const isFocused = ({ bound }: (typeof servers)[number]): boolean => {
    const { at } = bound.server;
    return at.doc === doc && at.start <= offset && offset <= at.end;
  };
  const spokenOf = servers.some(isFocused) ? servers.filter(isFocused) : servers;
  const rows: BranchRow[] = [];
  let witness: Witness | undefined;
  const seen = new Set<unknown>();
  for (const server of spokenOf) {
    if (seen.has(server.bound.server)) continue; // pods that a workload makes are all alike
    seen.add(server.bound.server);
    const found = witnessAtServer(session, server);
    const { protocol, port, hosts } = server.bound.server;
    const condition = `${protocol.value} :${port.value}, ${hosts.map(({ value }) => value.slice(value.indexOf('/') + 1)).join(', ')}`;
    rows.push(...branchRows(mesh, found.paths, { condition }));
    witness ??= found;
  }
  const workloads = [...new Set([...pods].map((pod) => pod.workload))];
  return {
    title,
    note: `runs on ${workloads.join(', ')}, ${counted(pods.size, 'pod')}`,
    rows,
    facts: [],
    path: witness ? shownPath(witness) : [],
    request: witness?.request,
  };
}

/** A request that comes through a server: the plainest one, or if no route takes that, one that some route does. */
function witnessAtServer(session: Session, { pod, bound }: ReturnType<typeof serversOf>[number]): Witness {
  const mesh = session.snapshot;
  const door = doorAtServer(mesh, pod, bound);
  const plain = traceDoor(session, door);
  const outcome = plain.paths[0]?.outcome;
  if (outcome?.result !== 'status' || outcome.status !== 404) return plain;
  for (const routes of effectiveVirtualServices(mesh)) {
    const route = routes.http[0];
    if (!route || !routes.gateways.includes(bound.gateway.id)) continue;
    const hosts = hostsFor(bound, routes.namespace);
    const host = routes.hosts.find(({ value }) => hosts.some((own) => hostsMatch(own.value, value)))?.value;
    if (host === undefined) continue;
    const found = witnessOfRoute(session, { routes, route, gateway: bound.gateway.id, host });
    if (!('because' in found) && found.paths.length > 0 && found.request.to.port === door.port) return found;
  }
  return plain;
}
