import type { Rejected } from '../base/explained.js';
import { isWildcard, mostSpecific } from '../mesh/hosts.js';
import { importsVirtualService } from '../mesh/scope.js';
import { exportedTo } from '../mesh/services.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import { ROUTES, TABLES } from '../mesh/sources.js';
import {
  effectiveVirtualServices,
  virtualServicesFor,
  type EffectiveVirtualService,
} from '../mesh/virtual-services.js';
import { viewKey } from './client-view.js';
import type { Proxy } from './proxy.js';

/** The VirtualServices that one egress listener of a sidecar knows, in their order (VS-1, VS-2). */
export interface MeshVirtualServices {
  readonly all: readonly EffectiveVirtualService[];
  /** Whose host is the most special one for a service (VS-4). */
  readonly ownerOf: (
    serviceHost: string,
  ) => { readonly host: string; readonly value: EffectiveVirtualService } | undefined;
}

/** The egress listener that a port's listeners and routes come from: the first on that port or without any. */
export function egressIndexFor(mesh: MeshSnapshot, proxy: Proxy, port: number): number {
  const { egress } = mesh.scopeOf(proxy.pod);
  return egress.findIndex(({ listener }) => !listener?.port || listener.port.number.value === port);
}

export function meshVirtualServices(mesh: MeshSnapshot, proxy: Proxy, egressIndex: number): MeshVirtualServices {
  return mesh.derive(`meshVirtualServices ${viewKey(mesh, proxy)} ${egressIndex}`, TABLES, () => {
    const scope = mesh.scopeOf(proxy.pod).egress[egressIndex];
    const all = virtualServicesFor(mesh, proxy.namespace, 'mesh').filter((it) => {
      const hosts = it.hosts.map(({ value }) => value);
      return scope && importsVirtualService(scope, hosts, it.namespace, it.semantics === 'gateway-api');
    });
    const byHost = new Map<string, EffectiveVirtualService>();
    for (const it of all) for (const { value } of it.hosts) if (!byHost.has(value)) byHost.set(value, it);
    const wildcards = new Map([...byHost].filter(([host]) => isWildcard(host)));
    return { all, ownerOf: (host) => owner(host, byHost, wildcards) };
  });
}

function owner(
  host: string,
  byHost: ReadonlyMap<string, EffectiveVirtualService>,
  wildcards: ReadonlyMap<string, EffectiveVirtualService>,
): { host: string; value: EffectiveVirtualService } | undefined {
  const exact = byHost.get(host);
  return exact ? { host, value: exact } : mostSpecific(host, wildcards);
}

/** VirtualServices that name a host and that this client does not have; with what keeps them away. */
export function hiddenVirtualServices(
  mesh: MeshSnapshot,
  proxy: Proxy,
  host: string,
  known: ReadonlySet<EffectiveVirtualService>,
): Rejected[] {
  return naming(mesh, host)
    .filter((it) => !known.has(it))
    .map((it) => ({ name: titleOf(it), ...whyHidden(mesh, proxy, it) }));
}

function naming(mesh: MeshSnapshot, host: string): readonly EffectiveVirtualService[] {
  const byHost = mesh.derive('virtualServicesByHost', ROUTES, () => {
    const result = new Map<string, EffectiveVirtualService[]>();
    for (const it of effectiveVirtualServices(mesh)) {
      for (const { value } of it.hosts) result.set(value, [...(result.get(value) ?? []), it]);
    }
    return result;
  });
  return byHost.get(host) ?? [];
}

function whyHidden(
  mesh: MeshSnapshot,
  proxy: Proxy,
  it: EffectiveVirtualService,
): Pick<Rejected, 'because' | 'evidence'> {
  if (!it.gateways.includes('mesh')) {
    const at = it.source?.gateways[0]?.at ?? it.nameAt;
    return { because: `it is for ${it.gateways.join(', ')} only, not for the mesh`, evidence: [at] };
  }
  if (!exportedTo(it.exportTo, proxy.namespace)) {
    return { because: `it is not exported to ${proxy.namespace}`, evidence: [it.exportAt] };
  }
  const sidecar = mesh.sidecarOf(proxy.pod);
  const name = sidecar ? `Sidecar ${sidecar.namespace}/${sidecar.name}` : 'the Sidecar';
  return { because: `${name} does not import it`, evidence: sidecar ? [sidecar.nameAt] : [it.nameAt] };
}

/** `VirtualService ns/name`, or the kind of what was turned into one. */
export function titleOf(it: EffectiveVirtualService): string {
  return `${it.config.kind} ${it.config.namespace}/${it.config.name}`;
}
