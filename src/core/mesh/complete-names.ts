import { sourced, type Sourced } from '../base/location.js';
import type { Destination, HttpRoute, L4Route, VirtualService } from '../model/virtual-service.js';
import { expandHost } from './hosts.js';

/** What a VirtualService names, in full (GEN-5, GWR-1). */
export interface CompletedNames {
  readonly hosts: readonly Sourced<string>[];
  readonly gateways: readonly string[];
  readonly http: readonly HttpRoute[];
  readonly tls: readonly L4Route[];
  readonly tcp: readonly L4Route[];
}

/** Short hosts and gateways belong to the VirtualService's own namespace, be it a root or a delegate. */
export function completeNames(it: VirtualService, domain: string): CompletedNames {
  const { namespace } = it;
  const host = (name: Sourced<string>): Sourced<string> => sourced(expandHost(name.value, namespace, domain), name.at);
  const gateway = (name: Sourced<string>): Sourced<string> => sourced(gatewayName(name.value, namespace), name.at);
  const destination = (to: Destination): Destination => ({ ...to, host: host(to.host) });
  const l4 = (route: L4Route): L4Route => ({
    ...route,
    matches: route.matches.map((match) => ({ ...match, gateways: match.gateways.map(gateway) })),
    route: route.route.map((to) => ({ ...to, destination: destination(to.destination) })),
  });
  return {
    hosts: it.hosts.map(host),
    gateways: it.gateways.length === 0 ? ['mesh'] : [...new Set(it.gateways.map((name) => gateway(name).value))],
    http: it.http.map((route) => ({
      ...route,
      matches: route.matches.map((match) => ({ ...match, gateways: match.gateways.map(gateway) })),
      route: route.route.map((to) => ({ ...to, destination: destination(to.destination) })),
      mirror: { ...route.mirror, destination: route.mirror.destination && destination(route.mirror.destination) },
      mirrors: route.mirrors.map((mirror) => ({ ...mirror, destination: destination(mirror.destination) })),
    })),
    tls: it.tls.map(l4),
    tcp: it.tcp.map(l4),
  };
}

/** `mesh`, or `ns/name` for every way to write a gateway's name (GWR-1). */
export function gatewayName(written: string, namespace: string): string {
  if (written === 'mesh') return written;
  const slash = written.indexOf('/');
  if (slash >= 0) return slash === 1 && written[0] === '.' ? `${namespace}${written.slice(1)}` : written;
  const [name, inNamespace] = written.split('.');
  return `${inNamespace ?? namespace}/${name!}`;
}
