import type { Location } from '../../base/location.js';
import { routeClientsOf, type RouteClient } from '../../mesh/route-clients.js';
import { allRouted } from '../../mesh/routed.js';
import { exportedTo, type RegistryService } from '../../mesh/services.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import { CONFIG, ROUTES, SERVICES } from '../../mesh/sources.js';
import { describe } from '../../model/resource.js';
import { defineRule } from '../rule.js';

/** A route's destination exists, but is not exported to those who follow the route. */
export default defineRule({
  id: 'service-not-visible-to-client',
  group: 'visibility',
  severity: 'error',
  title: 'Destination is not exported to the proxy that needs it',
  why: 'A proxy that does not see the service has no cluster for it: Envoy answers 503 with flag NC.',
  remedy: "Add the client's namespace to exportTo (of a Service: annotation networking.istio.io/exportTo).",
  reads: [...ROUTES, ...SERVICES, ...CONFIG],
  *check(mesh) {
    if (!someAreNotForAll(mesh)) return;
    const seen = new Set<string>();
    for (const { vs, destination, host, mirror } of allRouted(mesh)) {
      const services = mesh.servicesNamed(host);
      if (mirror || services.length === 0 || services.every((it) => it.exportTo.has('*'))) continue;
      const sees = (client: RouteClient): boolean => services.some((it) => exportedTo(it.exportTo, client.namespace));
      const clients = routeClientsOf(mesh, vs);
      const blind = clients.filter((it) => it.type === 'gateway' && !sees(it));
      const sidecars = clients.filter((it) => it.type === 'sidecar');
      if (sidecars.length > 0 && !sidecars.some(sees)) blind.unshift(...sidecars);
      const [first] = blind;
      if (!first) continue;
      const key = `${describe(vs)} ${host}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const more = blind.length > 1 ? ` and ${blind.length - 1} more` : '';
      const to = [...new Set(services.flatMap((it) => [...it.exportTo]))];
      yield {
        at: destination.host.at,
        message: `${services[0]!.title} is exported to ${to.includes('~') ? 'nobody' : to.join(', ')}, and not to ${first.title}${more}`,
        assuming: first.assumed ? `nobody who follows ${describe(vs)} is among the files` : undefined,
        related: services.map((it) => ({ at: exportPlace(it), message: `${it.title} says to whom it is exported` })),
      };
    }
  },
});

/** Asked first: in most meshes everything is exported to everybody. */
function someAreNotForAll(mesh: MeshSnapshot): boolean {
  return mesh.derive('someServicesAreNotForAll', SERVICES, () => mesh.services.some((it) => !it.exportTo.has('*')));
}

function exportPlace(it: RegistryService): Location {
  if (it.source.kind === 'ServiceEntry') return it.source.exportTo?.[0]?.at ?? it.hostAt;
  return it.source.annotations.get('networking.istio.io/exportTo')?.at ?? it.hostAt;
}
