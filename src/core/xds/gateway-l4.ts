import type { Rejected } from '../base/explained.js';
import type { Location } from '../base/location.js';
import { hostsFor, titleOf, type BoundServer } from '../mesh/gateways.js';
import { hostsMatch } from '../mesh/hosts.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import { virtualServicesFor, type EffectiveVirtualService } from '../mesh/virtual-services.js';
import type { L4Match, L4Route } from '../model/virtual-service.js';
import { clientView } from './client-view.js';
import type { WeightedCluster } from './config.js';
import { clusterOf, type DestinationService } from './http-routes.js';
import type { Proxy } from './proxy.js';

/** Where connections of one chain go, and which lines say so. */
export interface L4Target {
  readonly clusters: readonly WeightedCluster[];
  readonly evidence: readonly Location[];
}

export interface L4Search<T> {
  readonly found: T;
  /** VirtualServices that do not count for this server, and why. */
  readonly rejected: readonly Rejected[];
}

/** The one destination of a server without SNI routing: of the first VirtualService with a `tcp` route that fits (GW-18). */
export function tcpTarget(mesh: MeshSnapshot, proxy: Proxy, server: BoundServer): L4Search<L4Target | undefined> {
  const rejected: Rejected[] = [];
  for (const it of virtualServicesFor(mesh, proxy.namespace, server.gateway.id)) {
    const title = titleOfConfig(it);
    if (!sharesHost(server, it)) rejected.push(unbound(it, server));
    else {
      const routes = routesForTerminated(it);
      const route = routes.find((candidate) => candidate.route.length > 0 && fitsAny(candidate, server));
      if (route) return { found: targetOf(mesh, proxy, route, server), rejected };
      const because =
        routes.length === 0
          ? 'it has no tcp route, and only those count here'
          : 'none of its tcp routes is for this port and Gateway';
      rejected.push({ name: title, because, evidence: [it.nameAt] });
    }
  }
  return { found: undefined, rejected };
}

export interface SniTarget extends L4Target {
  readonly sniHosts: readonly string[];
}

/**
 * The chains of a server that passes TLS on: one for each match of each `tls` route (GW-19). `taken` remembers the SNI hosts of
 * the port, by address: whoever names one that is taken loses the match.
 */
export function sniTargets(
  mesh: MeshSnapshot,
  proxy: Proxy,
  server: BoundServer,
  taken: Map<string, string>,
): L4Search<readonly SniTarget[]> {
  const found: SniTarget[] = [];
  const rejected: Rejected[] = [];
  for (const it of virtualServicesFor(mesh, proxy.namespace, server.gateway.id)) {
    if (!sharesHost(server, it)) {
      rejected.push(unbound(it, server));
      continue;
    }
    if (it.tls.length === 0) {
      rejected.push({
        name: titleOfConfig(it),
        because: 'it has no tls route, and only those count here',
        evidence: [it.nameAt],
      });
    }
    for (const route of it.tls) {
      if (route.route.length === 0) continue;
      for (const match of route.matches) {
        if (!fits(match, server)) continue;
        const twice = match.sniHosts.find((host) => taken.get(host.value) === server.bind);
        if (twice) {
          const because = `SNI ${twice.value} has a chain on this port already`;
          rejected.push({ name: titleOfConfig(it), because, evidence: [twice.at] });
          continue;
        }
        for (const host of match.sniHosts) taken.set(host.value, server.bind);
        const target = targetOf(mesh, proxy, route, server);
        found.push({
          ...target,
          sniHosts: match.sniHosts.map((host) => host.value),
          evidence: [match.at, ...target.evidence],
        });
      }
    }
  }
  return { found, rejected };
}

/** `VirtualService front/page`, `HTTPRoute front/page`. */
export function titleOfConfig({ config }: EffectiveVirtualService): string {
  return `${config.kind} ${config.namespace}/${config.name}`;
}

/** Connections whose TLS is off are routed by `tcp`; what a TLSRoute says of them stands under `tls` (TLS-2). */
function routesForTerminated(it: EffectiveVirtualService): readonly L4Route[] {
  return it.semantics === 'gateway-api' && it.tcp.length === 0 ? it.tls : it.tcp;
}

function sharesHost(server: BoundServer, it: EffectiveVirtualService): boolean {
  const own = hostsFor(server, it.namespace);
  return it.hosts.some((host) => own.some((other) => hostsMatch(other.value, host.value)));
}

function unbound(it: EffectiveVirtualService, server: BoundServer): Rejected {
  const because = `none of its hosts meets ${server.hosts.map((host) => host.value).join(', ')} of ${titleOf(server)}`;
  return {
    name: titleOfConfig(it),
    because,
    evidence: [it.hosts[0]?.at ?? it.nameAt, server.hosts[0]?.at ?? server.server.at],
  };
}

function fitsAny(route: L4Route, server: BoundServer): boolean {
  return route.matches.length === 0 || route.matches.some((match) => fits(match, server));
}

/** Labels and namespaces of clients are not looked at here. */
function fits(match: L4Match, server: BoundServer): boolean {
  if (match.port && match.port.value !== 0 && match.port.value !== server.server.port.value) return false;
  return match.gateways.length === 0 || match.gateways.some((name) => name.value === server.gateway.id);
}

function targetOf(mesh: MeshSnapshot, proxy: Proxy, route: L4Route, server: BoundServer): L4Target {
  const lookup = (host: string): DestinationService | undefined => {
    const service = clientView(mesh, proxy).byHost.get(host.toLowerCase());
    return service && { ports: service.ports.map((port) => port.number), aliasOf: service.aliasOf };
  };
  const wanted = route.route.length === 1 ? route.route : route.route.filter((entry) => (entry.weight?.value ?? 0) > 0);
  const sum = wanted.reduce((total, entry) => total + (entry.weight?.value ?? 0), 0);
  const clusters = wanted.map((entry): WeightedCluster => ({
    cluster: clusterOf(entry.destination, { port: server.server.port.value, lookup }),
    weight: wanted.length === 1 ? 1 : (entry.weight?.value ?? 0) / sum,
    headers: undefined,
    evidence: [entry.destination.at],
    rejected: [],
    rules: ['GWR-11'],
    assumptions: [],
  }));
  return { clusters, evidence: [route.at] };
}
