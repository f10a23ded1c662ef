import type { Location } from '../../base/location.js';
import { byAge } from '../../mesh/order.js';
import { exportedTo } from '../../mesh/services.js';
import { CONFIG, ROUTES } from '../../mesh/sources.js';
import { effectiveVirtualServices, type EffectiveVirtualService } from '../../mesh/virtual-services.js';
import { describe } from '../../model/resource.js';
import { defineRule } from '../rule.js';

/** Two VirtualServices are for the same host in the mesh, and somebody sees both. */
export default defineRule({
  id: 'virtualservice-conflicting-mesh-hosts',
  group: 'routing',
  severity: 'error',
  title: 'Two VirtualServices claim the same host in the mesh',
  why: 'A sidecar follows one of them only, whole: the private one of its namespace first, then the older. All rules of the other are dead.',
  remedy: 'Merge them, hand parts over to delegates, or export each to its own namespaces.',
  alsoKnownAs: ['IST0109', 'KIA1106'],
  reads: [...ROUTES, ...CONFIG],
  *check(mesh) {
    const byHost = new Map<string, Claim[]>();
    for (const vs of effectiveVirtualServices(mesh)) {
      if (!vs.source || !vs.gateways.includes('mesh') || vs.exportTo.has('~')) continue;
      for (const { value, at } of vs.hosts) {
        const host = value.toLowerCase();
        const claims = byHost.get(host) ?? [];
        // one host may be listed short and in full
        if (!claims.some((it) => it.vs === vs)) byHost.set(host, [...claims, { vs, at }]);
      }
    }
    for (const [host, claims] of byHost) {
      if (claims.length < 2) continue;
      const ordered = [...claims].sort((a, b) => byAge(a.vs, b.vs));
      for (const [index, claim] of ordered.entries()) {
        const rival = ordered.find((it, place) => place < index && meet(it.vs, claim.vs));
        if (!rival || !bothRoute(rival.vs, claim.vs)) continue;
        const [winner, loser] = isPrivate(claim.vs) && !isPrivate(rival.vs) ? [claim, rival] : [rival, claim];
        yield {
          at: loser.at,
          message: `${describe(winner.vs.source!)} has ${host} already, and rules of two are not merged in the mesh`,
          related: [{ at: winner.at, message: `${describe(winner.vs.source!)} is followed` }],
        };
      }
    }
  },
});

interface Claim {
  readonly vs: EffectiveVirtualService;
  readonly at: Location;
}

/** Whether there is a namespace that sees both. */
function meet(a: EffectiveVirtualService, b: EffectiveVirtualService): boolean {
  if (a.exportTo.has('*')) return true;
  return b.exportTo.has('*') || [...a.exportTo].some((it) => exportedTo(b.exportTo, it));
}

/** One of http rules and one of tcp rules do not get into each other's way. */
function bothRoute(a: EffectiveVirtualService, b: EffectiveVirtualService): boolean {
  return (
    (a.http.length > 0 && b.http.length > 0) || (a.tls.length + a.tcp.length > 0 && b.tls.length + b.tcp.length > 0)
  );
}

function isPrivate(it: EffectiveVirtualService): boolean {
  return !it.exportTo.has('*');
}
