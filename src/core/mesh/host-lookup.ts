import { addTo } from '../base/lists.js';
import type { Resource } from '../model/resources.js';
import { clusterName, isSubsetOf, isWildcard } from './hosts.js';
import type { MeshSnapshot } from './snapshot.js';
import { CONFIG, SERVICES } from './sources.js';

/** Whether a document defines the host and the cluster would refuse it: the refusal is then the cause of all that misses it. */
export function isRefusedHost(mesh: MeshSnapshot, host: string): boolean {
  const hosts = mesh.remember(
    'refusedHosts',
    () => new Set([...mesh.refused.keys()].flatMap((it) => hostsOf(mesh, it))),
  );
  return hosts.has(host);
}

function hostsOf(mesh: MeshSnapshot, it: Resource): string[] {
  if (it.kind === 'Service') return [`${it.name}.${it.namespace}.svc.${mesh.config.clusterDomain}`];
  return it.kind === 'ServiceEntry' ? it.hosts.map((host) => host.value.toLowerCase()) : [];
}

/** The ServiceEntry host with a wildcard that covers a host of no service of its own. */
export function wildcardFor(mesh: MeshSnapshot, host: string): string | undefined {
  return wildcardHosts(mesh).find((it) => isSubsetOf(host, it));
}

function wildcardHosts(mesh: MeshSnapshot): readonly string[] {
  return mesh.derive('wildcardHosts', [...SERVICES, ...CONFIG], () =>
    [...new Set(mesh.services.map((it) => it.host))].filter(isWildcard).sort(),
  );
}

/** Kubernetes Services of a name, whatever namespace they live in, by namespace. */
export function servicesCalled(
  mesh: MeshSnapshot,
  name: string,
): readonly { readonly namespace: string; readonly host: string }[] {
  const byName = mesh.derive('servicesByName', [...SERVICES, ...CONFIG], () => {
    const result = new Map<string, { namespace: string; host: string }[]>();
    for (const { source, namespace, host } of mesh.services) {
      if (source.kind !== 'Service') continue;
      addTo(result, source.name, { namespace, host });
    }
    for (const list of result.values()) list.sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
    return result;
  });
  return byName.get(name) ?? [];
}

/** The full host that somebody means who writes `name.namespace`, which nobody completes (GEN-5). */
export function meantByTwoLabels(mesh: MeshSnapshot, host: string): string | undefined {
  const parts = host.split('.');
  const [name, namespace] = parts;
  if (parts.length !== 2 && !(parts.length === 3 && parts[2] === 'svc')) return undefined;
  return servicesCalled(mesh, name!).find((it) => it.namespace === namespace)?.host;
}

/** Hosts that live outside of what one cluster's files can say: other clusters, other cluster domains. */
export function isForeignHost(mesh: MeshSnapshot, host: string): boolean {
  if (/\.svc\.clusterset\.local$|\.global$/.test(host)) return true;
  return /^[^.]+\.[^.]+\.svc\./.test(host) && !clusterName(host, mesh.config.clusterDomain);
}

/** All names under which something can be reached, for finding the one that was meant. */
export function hostsNear(mesh: MeshSnapshot, host: string): readonly string[] {
  const own = clusterName(host, mesh.config.clusterDomain);
  const groups = mesh.derive('hostsByNamespace', [...SERVICES, ...CONFIG], () => {
    const result = new Map<string, string[]>();
    for (const { host: it } of mesh.services) {
      addTo(result, clusterName(it, mesh.config.clusterDomain)?.namespace ?? '', it);
    }
    return result;
  });
  return groups.get(own?.namespace ?? '') ?? [];
}
