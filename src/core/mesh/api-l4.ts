import type { Rejected } from '../base/explained.js';
import { sourced, type Sourced } from '../base/location.js';
import type { TCPRoute, TLSRoute } from '../model/gateway-routes.js';
import type { L4Match, L4Route, RouteDestination } from '../model/virtual-service.js';
import { backendOf, isHardError } from './api-backends.js';
import { hostsMatch } from './hosts.js';
import { anyL4Match } from './made-up-routes.js';
import type { MeshSnapshot } from './snapshot.js';

export interface L4Conversion {
  readonly routes: readonly L4Route[];
  readonly missing: readonly Rejected[];
}

/** The rules of a TLSRoute or TCPRoute in the terms of a VirtualService (TLS-1, TCP-1). */
export function l4Routes(mesh: MeshSnapshot, route: TLSRoute | TCPRoute, inMesh: boolean): L4Conversion {
  const missing: Rejected[] = [];
  const routes: L4Route[] = [];
  for (const rule of route.rules) {
    const sum = rule.backends.reduce((total, it) => total + it.weight.value, 0);
    // without any weight connections go to a cluster that does not exist, and so are closed (TLS-3)
    let destinations: RouteDestination[] = [
      {
        destination: {
          host: sourced('internal.cluster.local', rule.at),
          subset: sourced('zero-weight', rule.at),
          port: sourced(65535, rule.at),
          at: rule.at,
        },
        weight: undefined,
        headers: undefined,
        at: rule.at,
      },
    ];
    if (sum > 0) {
      destinations = [];
      for (const it of rule.backends) {
        if (it.weight.value === 0) continue;
        const found = backendOf(mesh, it, route, !inMesh);
        if (isHardError(found))
          return {
            routes: [],
            missing: [{ name: `${route.kind} ${route.name}`, because: found.because, evidence: [found.at] }],
          };
        if (found.missing !== undefined)
          missing.push({ name: `backend ${it.name.value}`, because: found.missing, evidence: [it.at] });
        destinations.push({ destination: found.destination, weight: it.weight, headers: undefined, at: it.at });
      }
    }
    // a rule without any weight has no match of its own either
    const matches = route.kind === 'TLSRoute' && sum > 0 ? [sniMatch(route)] : [];
    routes.push({ matches, route: destinations, at: rule.at });
  }
  return { routes, missing };
}

function sniMatch(route: TLSRoute): L4Match {
  const sniHosts = route.hostnames.length > 0 ? route.hostnames : [sourced('*', route.nameAt)];
  return { ...anyL4Match(route.nameAt), sniHosts };
}

/** What a route says inside the mesh: on the port that its parent names, for the names of the parent (MESH-6). */
export function withPort(
  routes: readonly L4Route[],
  port: Sourced<number> | undefined,
  parentHosts: readonly string[] | undefined,
  host: string,
): readonly L4Route[] {
  return routes.map((it) => {
    if (!parentHosts) {
      const matches = it.matches.length > 0 || !port ? it.matches : [anyL4Match(it.at)];
      return { ...it, matches: port ? matches.map((match) => ({ ...match, port })) : matches };
    }
    const matches = it.matches.map((match) => {
      const any = match.sniHosts.length === 1 && match.sniHosts[0]!.value === '*';
      const names = any ? parentHosts.map((name) => sourced(name, match.at)) : match.sniHosts;
      const sniHosts =
        it.matches.length === 1 && names.length > 1 ? names.filter(({ value }) => hostsMatch(host, value)) : names;
      return { ...match, sniHosts, ...(port ? { port } : {}) };
    });
    return { ...it, matches };
  });
}
