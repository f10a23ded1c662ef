import type { Location } from '../../base/location.js';
import { importsService, scopeOf, sidecarFor } from '../../mesh/scope.js';
import { exportedTo, type RegistryService } from '../../mesh/services.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import { CONFIG, ROUTES, SERVICES } from '../../mesh/sources.js';
import { effectiveVirtualServices, type EffectiveVirtualService } from '../../mesh/virtual-services.js';
import { NO_STRINGS } from '../../model/fields.js';
import { describe } from '../../model/resource.js';
import type { Sidecar } from '../../model/sidecar.js';
import { defineRule } from '../rule.js';

/** A namespace has routes for a host that its own Sidecar does not import. */
export default defineRule({
  id: 'sidecar-egress-hides-destination',
  group: 'visibility',
  severity: 'warning',
  title: "Sidecar does not import a host that the namespace's routes are for",
  why: 'The proxies know neither the service nor the routes for it: requests pass through without them, or are refused where outboundTrafficPolicy is REGISTRY_ONLY.',
  remedy: 'Add namespace/host to egress.hosts of the Sidecar.',
  reads: ['Sidecar', ...ROUTES, ...SERVICES, ...CONFIG],
  *check(mesh) {
    if (mesh.of('Sidecar').length === 0) return;
    const hidden = new Map<Sidecar, Map<string, Hidden>>();
    for (const vs of effectiveVirtualServices(mesh)) {
      if (!vs.source || !vs.gateways.includes('mesh') || !exportedTo(vs.exportTo, vs.namespace)) continue;
      const sidecar = defaultSidecar(mesh, vs.namespace);
      if (!sidecar?.egress) continue;
      const { egress } = scopeOf(sidecar, vs.namespace, mesh.config.outboundTrafficPolicy);
      for (const { value, at } of vs.hosts) {
        const host = value.toLowerCase();
        const services = mesh.servicesNamed(host).filter((it) => exportedTo(it.exportTo, vs.namespace));
        if (services.length === 0) continue;
        if (services.some((it) => egress.some((scope) => importsService(scope, host, it.namespace)))) continue;
        const hosts = hidden.get(sidecar) ?? new Map<string, Hidden>();
        const one = hosts.get(host) ?? { service: services[0]!, places: [] };
        one.places.push({ vs, at });
        hidden.set(sidecar, hosts.set(host, one));
      }
    }
    for (const [sidecar, hosts] of hidden) {
      for (const [host, { service, places }] of hosts) {
        const { vs } = places[0]!;
        const { mode } = scopeOf(sidecar, vs.namespace, mesh.config.outboundTrafficPolicy).outboundPolicy;
        const fate = mode === 'ALLOW_ANY' ? 'requests for it pass its routes by' : 'requests for it are refused';
        yield {
          at: hostsAt(sidecar),
          message: `Nothing here covers ${service.namespace}/${host}, for which ${describe(vs.source!)} has routes: ${fate}`,
          related: places.map((it) => ({ at: it.at, message: `${describe(it.vs.source!)} has routes for it` })),
        };
      }
    }
  },
});

interface Hidden {
  readonly service: RegistryService;
  readonly places: { readonly vs: EffectiveVirtualService; readonly at: Location }[];
}

/** What pods of a namespace get that no selector picks out; where every one may be picked out, nobody can tell. */
function defaultSidecar(mesh: MeshSnapshot, namespace: string): Sidecar | undefined {
  const found = sidecarFor(namespace, NO_STRINGS, mesh.config.rootNamespace, mesh.byNamespace('Sidecar'));
  return found?.workloadSelector ? undefined : found;
}

function hostsAt(it: Sidecar): Location {
  const first = it.body.fields('spec')?.list('egress')[0];
  return first?.valueAt('hosts') ?? it.nameAt;
}
