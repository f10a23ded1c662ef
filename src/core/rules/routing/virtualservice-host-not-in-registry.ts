import { clusterName, expandHost, isWildcard } from '../../mesh/hosts.js';
import { wildcardFor } from '../../mesh/host-lookup.js';
import { perObject } from '../../mesh/per-object.js';
import { routedTo, virtualServicesByName } from '../../mesh/routed.js';
import { CONFIG, SERVICES } from '../../mesh/sources.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import type { VirtualService } from '../../model/virtual-service.js';
import { defineRule } from '../rule.js';
import { unknownHost, writtenIn } from '../reference/unknown-host.js';

/** A VirtualService for the mesh has a host that no service has. */
export default defineRule({
  id: 'virtualservice-host-not-in-registry',
  group: 'routing',
  severity: 'warning',
  title: 'Routes for a host that the mesh does not know',
  why: 'Sidecars know such a host on port 80 only, and only for plain HTTP; on other ports and for TLS the routes are never used.',
  remedy: 'Write the name of a Service, or add a ServiceEntry for the host.',
  reads: ['VirtualService', ...SERVICES, ...CONFIG],
  *check(mesh, unread) {
    for (const vs of virtualServicesByName(mesh)) {
      // a gateway serves whatever host it is told
      if (vs.gateways.some((it) => it.value !== 'mesh')) continue;
      for (const { value, at, host } of unserved(mesh, vs)) {
        // where it is routed to as well, that is told
        if (routedTo(mesh, host).some((it) => !it.mirror)) continue;
        const unknown = unknownHost(mesh, unread, value, host);
        if (!unknown) continue;
        const inCluster = clusterName(host, mesh.config.clusterDomain) !== undefined;
        const fate = inCluster ? 'nobody follows these routes' : 'its routes act on plain HTTP to port 80 only';
        const text = unknown.meant && writtenIn(mesh, unknown.meant, vs.namespace);
        yield {
          at,
          message: `${unknown.fact}: ${fate}${unknown.hint}`,
          assuming: unknown.assuming,
          fixes: text ? [{ title: `Replace by ${text}`, edits: [{ at, text }] }] : [],
        };
      }
    }
  },
});

/** The hosts that no service has, nor any wildcard covers. */
function unserved(mesh: MeshSnapshot, vs: VirtualService) {
  return perObject(mesh, 'unservedHosts', SERVICES, vs, () =>
    vs.hosts.flatMap(({ value, at }) => {
      const host = expandHost(value, vs.namespace, mesh.config.clusterDomain).toLowerCase();
      if (mesh.servicesNamed(host).length > 0 || isWildcard(host) || /^[\d.]+$/.test(host)) return [];
      return wildcardFor(mesh, host) ? [] : [{ value, at, host }];
    }),
  );
}
