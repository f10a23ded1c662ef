import { containsLabels } from '../core/model/fields.js';
import type { HttpMatch, L4Match } from '../core/model/virtual-service.js';
import { clusterName } from '../core/mesh/hosts.js';
import type { MeshPod } from '../core/mesh/pods.js';
import type { RegistryService } from '../core/mesh/services.js';
import type { MeshSnapshot } from '../core/mesh/snapshot.js';
import { effectiveVirtualServices } from '../core/mesh/virtual-services.js';
import { ANY_POD } from './any-pod.js';

/** A workload that sends requests. */
export interface Client {
  /** `ns/name` */
  readonly pod: string;
  readonly namespace: string;
}

export interface ClientQuery {
  /** The host that is asked, in full. */
  readonly host: string;
  /** Where clients are looked for first. */
  readonly namespace: string;
  /** Whether clients of a namespace count. */
  readonly allowed: (namespace: string) => boolean;
  /** A match that says whom it is for. */
  readonly match?: HttpMatch | L4Match | undefined;
}

/** So many are looked at more closely; in a large mesh that is a small part. */
const FINALISTS = 24;

/** As many workloads are tried as may ask before a policy's refusal is believed. */
const MOST_CLIENTS = 4;

/**
 * The workloads that may ask, best first: those with a sidecar that fit the match; better ones that name the host in their
 * environment, than some of the same namespace, than some that gateways lead to, than others; the host itself comes last.
 */
export function rankClients(mesh: MeshSnapshot, query: ClientQuery): readonly Client[] {
  const { match } = query;
  const own = mesh.servicesNamed(query.host.toLowerCase())[0];
  const namesHost = hostFinder(mesh, query.host);
  const scored = new Map<string, { readonly pod: MeshPod; readonly score: number }>();
  for (const pod of mesh.pods) {
    if (pod.finished || pod.proxy.value !== 'sidecar' || scored.has(pod.workload)) continue;
    if (!query.allowed(pod.namespace)) continue;
    if (match?.sourceNamespace && match.sourceNamespace.value !== pod.namespace) continue;
    if (match && !containsLabels(pod.labels, match.sourceLabels)) continue;
    const score =
      (own && isBehind(own, pod) ? 0 : 8) + (namesHost(pod) ? 4 : 0) + (pod.namespace === query.namespace ? 2 : 0);
    scored.set(pod.workload, { pod, score });
  }
  const best = [...scored.values()].sort((a, b) => b.score - a.score).slice(0, FINALISTS);
  const final = best.map((it) => ({ ...it, score: it.score + (isFront(mesh, it.pod) ? 1 : 0) }));
  const clients = final.sort((a, b) => b.score - a.score).slice(0, MOST_CLIENTS);
  const namespace = match?.sourceNamespace?.value ?? query.namespace;
  return clients.length > 0 ? clients.map((it) => clientOf(it.pod)) : [{ pod: `${namespace}/${ANY_POD}`, namespace }];
}

export function clientOf(pod: MeshPod): Client {
  return { pod: pod.synthetic ? pod.workload : pod.id, namespace: pod.namespace };
}

/** A host as an application in that namespace would write it. */
export function spokenHost(mesh: MeshSnapshot, host: string, clientNamespace: string): string {
  const parts = clusterName(host, mesh.config.clusterDomain);
  if (!parts) return host;
  return parts.namespace === clientNamespace ? parts.name : `${parts.name}.${parts.namespace}`;
}

/** Tells whether a pod's environment variables speak of a host. */
function hostFinder(mesh: MeshSnapshot, host: string): (pod: MeshPod) => boolean {
  const name = clusterName(host, mesh.config.clusterDomain)?.name ?? host;
  const pattern = new RegExp(`(^|[/@])${name.replace(/[.*+?^$(){}|[\]\\]/g, '\\$&')}([.:/]|$)`);
  return (pod) => pod.template.containers.some((it) => [...it.env.values()].some((value) => pattern.test(value)));
}

/** Whether a gateway sends requests to a pod: what is in front is likelier to ask than what is behind. */
function isFront(mesh: MeshSnapshot, pod: MeshPod): boolean {
  const fronts = mesh.remember('services behind gateways', () => {
    const bound = effectiveVirtualServices(mesh).filter((it) => it.gateways.some((gateway) => gateway !== 'mesh'));
    const hosts = bound.flatMap((it) =>
      it.http.flatMap((route) => route.route.map((one) => one.destination.host.value)),
    );
    const byNamespace = new Map<string, RegistryService[]>();
    for (const service of [...new Set(hosts)].flatMap((host) => mesh.servicesNamed(host.toLowerCase()))) {
      byNamespace.set(service.namespace, [...(byNamespace.get(service.namespace) ?? []), service]);
    }
    return byNamespace;
  });
  return (fronts.get(pod.namespace) ?? []).some((it) => isBehind(it, pod));
}

function isBehind({ source, namespace }: RegistryService, pod: MeshPod): boolean {
  const selector = source.kind === 'Service' ? source.selector : undefined;
  return selector !== undefined && namespace === pod.namespace && containsLabels(pod.labels, selector);
}
