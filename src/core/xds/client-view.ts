import type { Location } from '../base/location.js';
import { dnsCaptured, withAllocatedAddresses } from '../mesh/dns-capture.js';
import { importsService } from '../mesh/scope.js';
import { exportedTo, type RegistryService } from '../mesh/services.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { Proxy } from './proxy.js';

/** What one client's proxy knows of the registry (section 4.1 of the semantics). */
export interface ClientView {
  /** Imported services, one per host (SCO-4), in the order in which listeners are built (LIS-1). */
  readonly services: readonly RegistryService[];
  readonly byHost: ReadonlyMap<string, RegistryService>;
  /** Services that are in the registry and that this client does not see, with what hides them. */
  readonly hidden: ReadonlyMap<string, HiddenService>;
  /** For each egress listener of the Sidecar (or the one default): the services that it imports, in order. */
  readonly egress: readonly { readonly services: readonly RegistryService[]; readonly index: number }[];
  /** Further definitions of a host that lost to the one in `byHost`. */
  readonly losers: readonly RegistryService[];
}

export interface HiddenService {
  readonly service: RegistryService;
  readonly by: 'exportTo' | 'Sidecar' | 'another definition';
  readonly at: Location;
}

/** Services as a proxy sees them. Gateways have no Sidecar: they see all that is exported to them. */
export function clientView(mesh: MeshSnapshot, proxy: Proxy): ClientView {
  return mesh.remember(`clientView ${viewKey(mesh, proxy)}`, () => buildView(mesh, proxy));
}

/** Proxies with the same key know the same services, under the same addresses. */
export function viewKey(mesh: MeshSnapshot, proxy: Proxy): string {
  const sidecar = proxy.type === 'sidecar' ? mesh.sidecarOf(proxy.pod) : undefined;
  const captured = dnsCaptured(mesh, proxy.pod) ? ' dns' : '';
  return `${proxy.type} ${proxy.namespace} ${sidecar ? `${sidecar.namespace}/${sidecar.name}` : '-'}${captured}`;
}

function buildView(mesh: MeshSnapshot, proxy: Proxy): ClientView {
  const scope = mesh.scopeOf(proxy.type === 'sidecar' ? proxy.pod : { namespace: proxy.namespace, labels: new Map() });
  const egressScopes =
    proxy.type === 'sidecar' ? scope.egress : mesh.scopeOf({ namespace: '', labels: new Map() }).egress;
  const hidden = new Map<string, HiddenService>();
  const shared = exportedServices(mesh, proxy.namespace);
  const exported = dnsCaptured(mesh, proxy.pod) ? shared.map(withAllocatedAddresses) : shared;
  for (const it of mesh.services) {
    if (!exportedTo(it.exportTo, proxy.namespace))
      hidden.set(it.host, { service: it, by: 'exportTo', at: exportPlace(it) });
  }

  const winners = new Map<string, RegistryService>();
  const losers: RegistryService[] = [];
  const egress = egressScopes.map((listener, index) => {
    const services: RegistryService[] = [];
    for (const it of exported) {
      if (!importsService(listener, it.host, it.namespace)) continue;
      services.push(it);
      const rival = winners.get(it.host);
      if (rival === it) continue;
      if (!rival) winners.set(it.host, it);
      else if (beats(it, rival, proxy.namespace)) {
        winners.set(it.host, it);
        losers.push(rival);
      } else losers.push(it);
    }
    return { services, index };
  });
  for (const it of exported) {
    if (!winners.has(it.host))
      hidden.set(it.host, { service: it, by: 'Sidecar', at: scope.sidecar?.nameAt ?? it.hostAt });
  }
  for (const host of winners.keys()) hidden.delete(host);
  const chosen = new Set(winners.values());
  const order = [...new Set(egress.flatMap((it) => it.services))];
  return {
    services: order.filter((it) => chosen.has(it)),
    byHost: winners,
    hidden,
    egress: egress.map(({ services, index }) => ({ services: services.filter((it) => chosen.has(it)), index })),
    losers: losers.filter((it) => !chosen.has(it)),
  };
}

/** Private and explicitly exported services first, then public ones; each oldest first (LIS-1). */
function exportedServices(mesh: MeshSnapshot, namespace: string): readonly RegistryService[] {
  return mesh.remember(`exportedServices ${namespace}`, () => {
    const explicit = mesh.services.filter((it) => !it.exportTo.has('*') && it.exportTo.has(namespace));
    return [...explicit, ...mesh.services.filter((it) => it.exportTo.has('*'))];
  });
}

/** SCO-4: the client's own namespace, then Kubernetes before ServiceEntry, then the first. */
function beats(challenger: RegistryService, holder: RegistryService, clientNamespace: string): boolean {
  const own = (it: RegistryService): boolean => it.namespace === clientNamespace;
  if (own(challenger) !== own(holder)) return own(challenger);
  const kubernetes = (it: RegistryService): boolean => it.source.kind === 'Service';
  return kubernetes(challenger) && !kubernetes(holder);
}

function exportPlace(it: RegistryService): Location {
  if (it.source.kind === 'ServiceEntry') return it.source.exportTo?.[0]?.at ?? it.hostAt;
  return it.source.annotations.get('networking.istio.io/exportTo')?.at ?? it.hostAt;
}
