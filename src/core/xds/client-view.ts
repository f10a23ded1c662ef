import type { Location } from '../base/location.js';
import { dnsCaptured, withAllocatedAddresses } from '../mesh/dns-capture.js';
import { parseProtocol } from '../mesh/protocol.js';
import { importsService, scopeOf, type EgressScope } from '../mesh/scope.js';
import { exportedTo, portOfService, type RegistryService } from '../mesh/services.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import { SERVICES, VIEWS } from '../mesh/sources.js';
import type { Proxy } from './proxy.js';

/** What one client's proxy knows of the registry (section 4.1 of the semantics). */
export interface ClientView {
  /** Imported services, one per host (SCO-4), in the order in which listeners are built (LIS-1). */
  readonly services: readonly RegistryService[];
  readonly byHost: ReadonlyMap<string, RegistryService>;
  /** Services that are in the registry and that this client does not see, with what hides them. */
  readonly hidden: ReadonlyMap<string, HiddenService>;
  /** For each egress listener of the Sidecar (or the one default), in order. */
  readonly egress: readonly EgressView[];
  /** Further definitions of a host that lost to the one in `byHost`. */
  readonly losers: readonly RegistryService[];
}

/** What one egress listener imports. */
export interface EgressView {
  /** One per host. */
  readonly services: readonly RegistryService[];
  /** With further definitions of a host in the namespace that has it (SCO-4). */
  readonly definitions: readonly RegistryService[];
}

export interface HiddenService {
  readonly service: RegistryService;
  readonly by: 'exportTo' | 'Sidecar' | 'another definition';
  readonly at: Location;
}

/** Services as a proxy sees them. Gateways have no Sidecar, not even the root namespace's: they see all that is exported to them. */
export function clientView(mesh: MeshSnapshot, proxy: Proxy): ClientView {
  return mesh.derive(`clientView ${viewKey(mesh, proxy)}`, VIEWS, () => buildView(mesh, proxy));
}

/** Proxies with the same key know the same services, under the same addresses. */
export function viewKey(mesh: MeshSnapshot, proxy: Proxy): string {
  const sidecar = proxy.type === 'sidecar' ? mesh.sidecarOf(proxy.pod) : undefined;
  const captured = dnsCaptured(mesh, proxy.pod) ? ' dns' : '';
  return `${proxy.type} ${proxy.namespace} ${sidecar ? `${sidecar.namespace}/${sidecar.name}` : '-'}${captured}`;
}

function buildView(mesh: MeshSnapshot, proxy: Proxy): ClientView {
  const scope =
    proxy.type === 'sidecar'
      ? mesh.scopeOf(proxy.pod)
      : scopeOf(undefined, proxy.namespace, mesh.config.outboundTrafficPolicy);
  const hidden = new Map<string, HiddenService>();
  const shared = exportedServices(mesh, proxy.namespace);
  const exported = dnsCaptured(mesh, proxy.pod) ? shared.map(withAllocatedAddresses) : shared;
  for (const it of mesh.services) {
    if (!exportedTo(it.exportTo, proxy.namespace))
      hidden.set(it.host, { service: it, by: 'exportTo', at: exportPlace(it) });
  }

  const winners = new Map<string, RegistryService>();
  const losers = new Set<RegistryService>();
  const listeners = scope.egress.map((listener) => {
    const port = onlyPortOf(listener);
    const imported = exported.filter(
      (it) =>
        (port === undefined || portOfService(it, port) !== undefined) &&
        importsService(listener, it.host, it.namespace),
    );
    const homes = homesOf(imported, proxy.namespace);
    const definitions = imported.filter((it) => homes.get(it.host)!.namespace === it.namespace);
    for (const it of imported) losers.add(it);
    for (const it of definitions) {
      const holder = winners.get(it.host);
      if (!holder || (holder.source.kind === 'ServiceEntry' && it.source.kind === 'Service')) winners.set(it.host, it);
    }
    return definitions;
  });
  for (const it of exported) {
    if (!winners.has(it.host))
      hidden.set(it.host, { service: it, by: 'Sidecar', at: scope.sidecar?.nameAt ?? it.hostAt });
  }
  for (const host of winners.keys()) hidden.delete(host);
  const chosen = new Set(winners.values());
  return {
    services: [...new Set(listeners.flat())].filter((it) => chosen.has(it)),
    byHost: winners,
    hidden,
    egress: listeners.map((definitions) => ({
      services: definitions.filter((it) => chosen.has(it)),
      definitions,
    })),
    losers: [...losers].filter((it) => !chosen.has(it)),
  };
}

/** The one port by which an egress listener shows services; `undefined` for all of them, as an HTTP proxy does (LIS-15, VH-9). */
export function onlyPortOf({ listener }: EgressScope): number | undefined {
  const port = listener?.port;
  if (!port || port.number.value === 0 || parseProtocol(port.protocol?.value) === 'HTTP_PROXY') return undefined;
  return port.number.value;
}

/** Which definition of each host says in what namespace it lives (SCO-4): the client's own, a Kubernetes one, the first. */
function homesOf(imported: readonly RegistryService[], clientNamespace: string): ReadonlyMap<string, RegistryService> {
  const homes = new Map<string, RegistryService>();
  for (const it of imported) {
    const holder = homes.get(it.host);
    if (!holder || it.namespace === clientNamespace) homes.set(it.host, it);
    else if (
      holder.source.kind === 'ServiceEntry' &&
      it.source.kind === 'Service' &&
      holder.namespace !== clientNamespace
    ) {
      homes.set(it.host, it);
    }
  }
  return homes;
}

/** Private and explicitly exported services first, then public ones; each oldest first (LIS-1). */
function exportedServices(mesh: MeshSnapshot, namespace: string): readonly RegistryService[] {
  return mesh.derive(`exportedServices ${namespace}`, SERVICES, () => {
    const explicit = mesh.services.filter((it) => !it.exportTo.has('*') && it.exportTo.has(namespace));
    return [...explicit, ...mesh.services.filter((it) => it.exportTo.has('*'))];
  });
}

function exportPlace(it: RegistryService): Location {
  if (it.source.kind === 'ServiceEntry') return it.source.exportTo?.[0]?.at ?? it.hostAt;
  return it.source.annotations.get('networking.istio.io/exportTo')?.at ?? it.hostAt;
}
