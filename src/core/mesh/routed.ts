import { compareText, groupBy } from '../base/lists.js';
import type { Destination, HttpRoute, RouteDestination, VirtualService } from '../model/virtual-service.js';
import { mirrorsOf } from '../model/virtual-service.js';
import { expandHost } from './hosts.js';
import { perObject } from './per-object.js';
import type { MeshSnapshot } from './snapshot.js';
import { CONFIG } from './sources.js';

/** One destination of a VirtualService, with the host that it means. */
export interface Routed {
  readonly vs: VirtualService;
  readonly list: 'http' | 'tls' | 'tcp';
  /** Of the entry in its list, from 0. */
  readonly index: number;
  readonly http: HttpRoute | undefined;
  readonly destination: Destination;
  /** Completed (GEN-5), in lower case. */
  readonly host: string;
  /** The part of the entry's requests that goes there (DST-6); of a mirror, the part that is copied. */
  readonly share: number;
  readonly mirror: boolean;
}

/** All destinations that the mesh's VirtualServices name, ordered by the names of these. */
export function allRouted(mesh: MeshSnapshot): readonly Routed[] {
  return mesh.derive('allRouted', ['VirtualService', ...CONFIG], () =>
    virtualServicesByName(mesh).flatMap((it) => routedOf(mesh, it)),
  );
}

/** The destinations of one VirtualService. */
export function routedOf(mesh: MeshSnapshot, it: VirtualService): readonly Routed[] {
  return perObject(mesh, 'routedOf', CONFIG, it, () => routedBy(it, mesh.config.clusterDomain));
}

/** The VirtualServices that the cluster takes, ordered by namespace and name. */
export function virtualServicesByName(mesh: MeshSnapshot): readonly VirtualService[] {
  return mesh.derive('virtualServicesByName', ['VirtualService'], () => inNameOrder(mesh.of('VirtualService')));
}

/** The destinations, mirrors among them, that mean a host. */
export function routedTo(mesh: MeshSnapshot, host: string): readonly Routed[] {
  const byHost = mesh.derive('routedTo', ['VirtualService', ...CONFIG], () =>
    groupBy(allRouted(mesh), (it) => it.host),
  );
  return byHost.get(host) ?? [];
}

function routedBy(vs: VirtualService, domain: string): Routed[] {
  const result: Routed[] = [];
  const add = (
    list: Routed['list'],
    index: number,
    http: HttpRoute | undefined,
    destination: Destination,
    share: number,
    mirror = false,
  ): void => {
    const host = expandHost(destination.host.value, vs.namespace, domain).toLowerCase();
    result.push({ vs, list, index, http, destination, host, share, mirror });
  };
  for (const list of ['http', 'tls', 'tcp'] as const) {
    vs[list].forEach((entry, index) => {
      const http = list === 'http' ? (entry as HttpRoute) : undefined;
      const shares = sharesOf(entry.route);
      entry.route.forEach((it, i) => add(list, index, http, it.destination, shares[i]!));
      for (const it of http ? mirrorsOf(http) : [])
        add(list, index, http, it.destination, it.percentage?.value ?? 1, true);
    });
  }
  return result;
}

/** The part of an entry's requests that each destination gets (DST-6). */
export function sharesOf(route: readonly RouteDestination[]): number[] {
  if (route.length === 1) return [1];
  const weights = route.map((it) => Math.max(0, it.weight?.value ?? 0));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((it) => (sum === 0 ? 0 : it / sum));
}

export function inNameOrder<T extends { readonly namespace: string; readonly name: string }>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => compareText(a.namespace, b.namespace) || compareText(a.name, b.name));
}
