import type { Rejected } from '../base/explained.js';
import { addTo } from '../base/lists.js';
import type { Location, Sourced } from '../base/location.js';
import type { MeshConfig } from '../model/mesh-config.js';
import { describe } from '../model/resource.js';
import type { HttpRoute, L4Route, VirtualService } from '../model/virtual-service.js';
import { completeNames, type CompletedNames } from './complete-names.js';
import { mergeDelegate } from './delegates.js';
import { derivedVirtualServices } from './derived-virtual-services.js';
import { byAge } from './order.js';
import { exportedTo, resolveExportTo } from './services.js';
import type { MeshSnapshot } from './snapshot.js';
import { ROUTES } from './sources.js';

/** Whose rules a set of routes follows: VirtualServices, Gateway API routes and Ingresses differ in places. */
export type RouteSemantics = 'virtual-service' | 'gateway-api' | 'ingress';

/** A VirtualService as istiod applies it: short names completed, delegates merged. Also what Gateway API routes become. */
export interface EffectiveVirtualService {
  /** The object that it is made of, as Envoy's metadata names it. */
  readonly config: { readonly kind: string; readonly namespace: string; readonly name: string };
  readonly namespace: string;
  readonly name: string;
  readonly nameAt: Location;
  readonly created: number | undefined;
  readonly semantics: RouteSemantics;
  /** Completed (GEN-5), as written otherwise: letters keep their case. */
  readonly hosts: readonly Sourced<string>[];
  /** `mesh` or `ns/name` (GWR-1); never empty. */
  readonly gateways: readonly string[];
  readonly http: readonly HttpRoute[];
  readonly tls: readonly L4Route[];
  readonly tcp: readonly L4Route[];
  /** Namespaces that see it: `*`, names, or `~` for nobody. */
  readonly exportTo: ReadonlySet<string>;
  readonly exportAt: Location;
  /** Entries that delegation dropped, and why (VS-7). */
  readonly dropped: readonly Rejected[];
  readonly source: VirtualService | undefined;
}

/** All that have hosts, oldest first (GEN-3); those without are only delegates (VS-1, VS-7). */
export function effectiveVirtualServices(mesh: MeshSnapshot): readonly EffectiveVirtualService[] {
  return mesh.derive('effectiveVirtualServices', ROUTES, () => {
    const roots = mesh.of('VirtualService').filter((it) => it.hosts.length > 0);
    return [...roots.map((it) => effective(mesh, it)), ...derivedVirtualServices(mesh)].sort(byAge);
  });
}

/**
 * Those that are bound to a gateway (`mesh`, or `ns/name`) and exported to a namespace, in the order in which they count
 * for proxies there (VS-2, GWR-4).
 */
export function virtualServicesFor(
  mesh: MeshSnapshot,
  namespace: string,
  gateway: string,
): readonly EffectiveVirtualService[] {
  return mesh.derive(`virtualServicesFor ${namespace} ${gateway}`, ROUTES, () => {
    const bound = boundTo(mesh).get(gateway) ?? [];
    const visible = bound.filter((it) => exportedTo(it.exportTo, namespace));
    const isPublic = (it: EffectiveVirtualService): boolean => it.exportTo.has('*');
    const groups = [
      visible.filter((it) => !isPublic(it) && it.namespace === namespace),
      visible.filter((it) => !isPublic(it) && it.namespace !== namespace),
      visible.filter(isPublic),
    ];
    return groups.flatMap((group) => consumersFirst(group, namespace));
  });
}

/** Gateway API routes of the client's own namespace come before the others of their group (VS-2, MESH-7). */
function consumersFirst(group: readonly EffectiveVirtualService[], namespace: string): EffectiveVirtualService[] {
  const own = (it: EffectiveVirtualService): boolean => it.semantics === 'gateway-api' && it.namespace === namespace;
  return [...group.filter(own), ...group.filter((it) => !own(it))];
}

function boundTo(mesh: MeshSnapshot): ReadonlyMap<string, readonly EffectiveVirtualService[]> {
  return mesh.derive('virtualServicesByGateway', ROUTES, () => {
    const result = new Map<string, EffectiveVirtualService[]>();
    for (const it of effectiveVirtualServices(mesh)) {
      for (const gateway of it.gateways) addTo(result, gateway, it);
    }
    return result;
  });
}

interface Known {
  readonly config: MeshConfig;
  readonly value: EffectiveVirtualService;
}

/** One that delegates nothing hangs on nothing else, and stays as it is when others are edited. */
const known = new WeakMap<VirtualService, Known>();

function effective(mesh: MeshSnapshot, it: VirtualService): EffectiveVirtualService {
  const before = known.get(it);
  if (before && before.config === mesh.config) return before.value;
  const value = completeAndMerge(mesh, it);
  if (!it.http.some(({ delegate }) => delegate)) known.set(it, { config: mesh.config, value });
  return value;
}

function completeAndMerge(mesh: MeshSnapshot, it: VirtualService): EffectiveVirtualService {
  const names = completed(mesh, it);
  const { http, dropped } = withDelegates(mesh, it, names);
  return {
    config: { kind: 'VirtualService', namespace: it.namespace, name: it.name },
    namespace: it.namespace,
    name: it.name,
    nameAt: it.nameAt,
    created: it.created,
    semantics: 'virtual-service',
    hosts: names.hosts,
    gateways: names.gateways,
    http,
    tls: names.tls,
    tcp: names.tcp,
    exportTo: exportOf(mesh, it),
    exportAt: it.exportTo?.[0]?.at ?? it.nameAt,
    dropped,
    source: it,
  };
}

function completed(mesh: MeshSnapshot, it: VirtualService): CompletedNames {
  return completeNames(it, mesh.config.clusterDomain);
}

function exportOf(mesh: MeshSnapshot, it: VirtualService): ReadonlySet<string> {
  const written = it.exportTo?.map((entry) => entry.value) ?? [];
  return resolveExportTo(written.length > 0 ? written : mesh.config.defaultVirtualServiceExportTo, it.namespace);
}

/** VS-7: an entry with `delegate` is replaced by the delegate's entries, or by nothing. */
function withDelegates(
  mesh: MeshSnapshot,
  root: VirtualService,
  names: CompletedNames,
): { http: readonly HttpRoute[]; dropped: readonly Rejected[] } {
  if (!names.http.some((it) => it.delegate)) return { http: names.http, dropped: [] };
  const http: HttpRoute[] = [];
  const dropped: Rejected[] = [];
  for (const entry of names.http) {
    if (!entry.delegate) {
      http.push(entry);
      continue;
    }
    const found = findDelegate(mesh, root, entry.delegate);
    if ('because' in found) {
      dropped.push({ name: `delegate ${found.name}`, because: found.because, evidence: found.evidence });
      continue;
    }
    const merged = mergeDelegate(entry, completed(mesh, found.delegate).http, describe(found.delegate));
    http.push(...merged.http);
    dropped.push(...merged.dropped);
  }
  return { http, dropped };
}

/** Those that hand some of their requests over to others. */
export function delegatingVirtualServices(mesh: MeshSnapshot): readonly VirtualService[] {
  return mesh.derive('delegatingVirtualServices', ['VirtualService'], () =>
    mesh.of('VirtualService').filter(({ http }) => http.some((it) => it.delegate)),
  );
}

/** The VirtualService that a root entry hands over to, or why it gets none. */
export function findDelegate(
  mesh: MeshSnapshot,
  root: Pick<VirtualService, 'namespace'>,
  wanted: NonNullable<HttpRoute['delegate']>,
): { readonly delegate: VirtualService } | Rejected {
  const namespace = wanted.namespace?.value ?? root.namespace;
  const name = `${namespace}/${wanted.name.value}`;
  const delegate = mesh.find('VirtualService', namespace, wanted.name.value);
  if (!delegate) return { name, because: 'there is no such VirtualService', evidence: [wanted.at] };
  if (delegate.hosts.length > 0) {
    return { name, because: 'it has hosts, so it is no delegate', evidence: [wanted.at, delegate.hostsAt] };
  }
  if (!exportedTo(exportOf(mesh, delegate), root.namespace)) {
    const at = delegate.exportTo?.[0]?.at ?? delegate.nameAt;
    return { name, because: `it is not exported to ${root.namespace}`, evidence: [wanted.at, at] };
  }
  return { delegate };
}
