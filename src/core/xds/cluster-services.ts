import type { Location } from '../base/location.js';
import { importsService, importsVirtualService, type EgressScope } from '../mesh/scope.js';
import { exportedTo, type RegistryPort, type RegistryService } from '../mesh/services.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import { virtualServicesFor, type EffectiveVirtualService } from '../mesh/virtual-services.js';
import { containsLabels, NO_STRINGS, type StringMap } from '../model/fields.js';
import { mirrorsOf, type Destination } from '../model/virtual-service.js';
import { clientView, onlyPortOf, viewKey } from './client-view.js';
import type { Proxy } from './proxy.js';

/** A service that a proxy has clusters for. */
export interface ClusterService {
  readonly service: RegistryService;
  /** The ports that the proxy is told of: a Sidecar or a VirtualService may ask for some only. */
  readonly ports: readonly RegistryPort[];
  /** The VirtualService's destination that brought it in, where the Sidecar does not import it (SCO-5). */
  readonly pulledBy: Location | undefined;
}

/** The services that a proxy has clusters for, by host (CL-1). */
export function clusterServices(mesh: MeshSnapshot, proxy: Proxy): ReadonlyMap<string, ClusterService> {
  return mesh.remember(`clusterServices ${viewKey(mesh, proxy)}`, () => {
    const view = clientView(mesh, proxy);
    const result = new Map<string, ClusterService>();
    if (proxy.type !== 'sidecar') {
      for (const service of view.services) add(result, service, service.ports, undefined);
      for (const service of view.losers) add(result, service, service.ports, undefined);
      return result;
    }
    const scope = mesh.scopeOf(proxy.pod);
    for (const [index, { services }] of view.egress.entries()) {
      const listener = scope.egress[index]!;
      for (const service of services) add(result, service, portsOn(listener, service), undefined);
      for (const service of view.losers) {
        if (importsService(listener, service.host, service.namespace))
          add(result, service, portsOn(listener, service), undefined);
      }
      for (const it of importedVirtualServices(mesh, proxy.namespace, listener)) {
        for (const [host, asked] of destinationsOf(it, proxy.namespace))
          pull(mesh, proxy, result, listener, host, asked);
      }
    }
    return result;
  });
}

/** A listener of its own port shows a service by that port only (LIS-15). */
function portsOn(listener: EgressScope, service: RegistryService): readonly RegistryPort[] {
  const port = onlyPortOf(listener);
  return port === undefined ? service.ports : service.ports.filter((it) => it.number === port);
}

function add(
  result: Map<string, ClusterService>,
  service: RegistryService,
  ports: readonly RegistryPort[],
  pulledBy: Location | undefined,
): void {
  if (ports.length === 0) return;
  const known = result.get(service.host);
  if (!known) result.set(service.host, { service, ports, pulledBy });
  else if (known.service === service || areMerged(known.service, service)) {
    const more = ports.filter((it) => !known.ports.some((own) => own.number === it.number));
    if (more.length > 0) result.set(service.host, { ...known, ports: [...known.ports, ...more] });
  }
}

/** SCO-4: ServiceEntries of one host and namespace are one service when they differ in nothing but ports and endpoints. */
function areMerged(a: RegistryService, b: RegistryService): boolean {
  const [one, other] = [a.source, b.source];
  if (one.kind !== 'ServiceEntry' || other.kind !== 'ServiceEntry') return false;
  return (
    a.namespace === b.namespace &&
    a.resolution === b.resolution &&
    sameLabels(a.labels, b.labels) &&
    sameLabels(one.workloadSelector?.labels ?? NO_STRINGS, other.workloadSelector?.labels ?? NO_STRINGS) &&
    [...a.exportTo].sort().join() === [...b.exportTo].sort().join()
  );
}

function sameLabels(a: StringMap, b: StringMap): boolean {
  return a.size === b.size && containsLabels(a, b);
}

function importedVirtualServices(
  mesh: MeshSnapshot,
  namespace: string,
  listener: EgressScope,
): readonly EffectiveVirtualService[] {
  return virtualServicesFor(mesh, namespace, 'mesh').filter((it) =>
    importsVirtualService(
      listener,
      it.hosts.map((host) => host.value),
      it.namespace,
    ),
  );
}

/** What a VirtualService asks of a host: the ports of its destinations, 0 for one that names none. */
interface Asked {
  readonly ports: Set<number>;
  readonly at: Location;
}

function destinationsOf(it: EffectiveVirtualService, namespace: string): ReadonlyMap<string, Asked> {
  const result = new Map<string, Asked>();
  const ask = ({ host, port }: Destination): void => {
    const asked = result.get(host.value) ?? { ports: new Set<number>(), at: host.at };
    asked.ports.add(port?.value ?? 0);
    result.set(host.value, asked);
  };
  for (const entry of it.http) {
    const sources = entry.matches.flatMap((match) => match.sourceNamespace?.value ?? []);
    if (sources.length > 0 && !sources.includes(namespace) && entry.matches.at(-1)?.sourceNamespace) continue;
    for (const { destination } of [...entry.route, ...mirrorsOf(entry)]) ask(destination);
  }
  for (const entry of [...it.tcp, ...it.tls]) for (const { destination } of entry.route) ask(destination);
  return result;
}

/** SCO-5: the service in the client's namespace, else the best that is visible; without the ports that nobody asks for. */
function pull(
  mesh: MeshSnapshot,
  proxy: Proxy,
  result: Map<string, ClusterService>,
  listener: EgressScope,
  host: string,
  { ports, at }: Asked,
): void {
  const all = mesh.servicesNamed(host);
  const visible = all.filter((it) => exportedTo(it.exportTo, proxy.namespace));
  const service =
    all.find((it) => it.namespace === proxy.namespace) ??
    visible.find((it) => it.source.kind === 'Service') ??
    visible[0];
  if (!service) return;
  const offered = portsOn(listener, service);
  const byListener = offered.length < service.ports.length;
  const wanted = byListener || ports.has(0) ? offered : offered.filter((it) => ports.has(it.number));
  add(result, service, wanted, at);
}
