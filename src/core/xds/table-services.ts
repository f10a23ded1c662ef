import { isSubsetOf } from '../mesh/hosts.js';
import type { EgressScope } from '../mesh/scope.js';
import { isHeadless, type RegistryPort, type RegistryService } from '../mesh/services.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import { SERVICES, VIEWS } from '../mesh/sources.js';
import { clientView, viewKey } from './client-view.js';
import type { Proxy } from './proxy.js';

/** A service as one route table knows it. */
export interface TableService {
  /** In lower case: route tables know no other. */
  readonly host: string;
  readonly service: RegistryService;
  /** Those that the table is about: the one of its number, or all of them (VH-9). */
  readonly ports: readonly RegistryPort[];
  /** ExternalName Services that stand for it. */
  readonly aliases: readonly RegistryService[];
  /** What may stand in `Host` for it. */
  readonly addresses: readonly string[];
  readonly headless: boolean;
}

/** The services of one egress listener that own a port (any port when `undefined`), by host. */
export function tableServices(
  mesh: MeshSnapshot,
  proxy: Proxy,
  egressIndex: number,
  port: number | undefined,
): ReadonlyMap<string, TableService> {
  return mesh.derive(`tableServices ${viewKey(mesh, proxy)} ${egressIndex} ${port ?? '*'}`, VIEWS, () => {
    const aliases = aliasesByHost(mesh);
    // of several definitions of a host the last one that owns the port counts
    const definitions = clientView(mesh, proxy).egress[egressIndex]?.definitions ?? [];
    const scope = mesh.scopeOf(proxy.pod).egress[egressIndex];
    const result = new Map<string, TableService>();
    for (const service of definitions) {
      const ports = port === undefined ? service.ports : service.ports.filter((it) => it.number === port).slice(0, 1);
      if (ports.length === 0) continue;
      const host = service.host.toLowerCase();
      result.set(host, {
        host,
        service,
        ports,
        aliases: importedAliases(aliases.get(service.host) ?? [], service, scope),
        addresses: addressesIn(service),
        headless: isHeadless(service),
      });
    }
    return result;
  });
}

/** Aliases count only where a pattern that brings the service covers their hosts, too; their namespaces play no part. */
function importedAliases(
  aliases: readonly RegistryService[],
  service: RegistryService,
  scope: EgressScope | undefined,
): readonly RegistryService[] {
  if (aliases.length === 0 || !scope) return aliases;
  const named = scope.includes.filter((it) => it.namespace === service.namespace);
  const bringing = named.some((it) => isSubsetOf(service.host, it.host))
    ? named
    : scope.includes.filter((it) => it.namespace === '*');
  return aliases.filter((alias) => bringing.some((it) => isSubsetOf(alias.host, it.host)));
}

/** Each address of a ServiceEntry is a service of its own, and the last one takes the host's place in the table (LIS-10). */
function addressesIn(service: RegistryService): readonly string[] {
  return service.source.kind === 'ServiceEntry' ? service.addresses.slice(-1) : service.addresses;
}

/** ExternalName Services by the host that they stand for in the end. */
function aliasesByHost(mesh: MeshSnapshot): ReadonlyMap<string, readonly RegistryService[]> {
  return mesh.derive('aliasesByHost', SERVICES, () => {
    const targets = new Map<string, string>();
    for (const it of mesh.services) if (it.aliasOf !== undefined) targets.set(it.host, it.aliasOf);
    const result = new Map<string, RegistryService[]>();
    for (const it of mesh.services) {
      const end = it.aliasOf === undefined ? undefined : follow(it.aliasOf, targets);
      if (end !== undefined) result.set(end, [...(result.get(end) ?? []), it]);
    }
    return result;
  });
}

/** An alias of an alias stands for its last target; a circle stands for nothing. */
function follow(target: string, targets: ReadonlyMap<string, string>): string | undefined {
  const seen = new Set<string>();
  let at = target;
  for (;;) {
    const next = targets.get(at);
    if (next === undefined) return at;
    if (seen.has(at)) return undefined;
    seen.add(at);
    at = next;
  }
}
