import { clusterName, isWildcard } from '../core/mesh/hosts.js';
import type { MeshSnapshot } from '../core/mesh/snapshot.js';

/** What a form that asks for a request can offer. */
export interface RequestSuggestions {
  /** `ns/name` of workloads and pods. */
  readonly workloads: readonly string[];
  /** `ns/name` of gateways. */
  readonly gateways: readonly string[];
  /** Hosts with a port: `reviews.shop:9080`. */
  readonly hosts: readonly string[];
}

/** Everything that the mesh has, sorted and each once. */
export function suggestionsOf(mesh: MeshSnapshot): RequestSuggestions {
  const pods = mesh.pods.filter((it) => !it.finished);
  const gateways = pods.filter((it) => it.proxy.value === 'gateway');
  const own = mesh.services.flatMap((service) =>
    isWildcard(service.host)
      ? []
      : service.ports.map((port) => `${spoken(service.host, mesh.config.clusterDomain)}:${port.number}`),
  );
  const outside = mesh
    .of('VirtualService')
    .flatMap((it) => (it.gateways.some((gateway) => gateway.value !== 'mesh') ? it.hosts : []));
  return {
    workloads: unique(
      pods.filter((it) => it.proxy.value !== 'gateway').map((it) => (it.synthetic ? it.workload : it.id)),
    ),
    gateways: unique(gateways.map((it) => it.workload)),
    hosts: unique([...own, ...outside.map((it) => it.value).filter((it) => it.includes('.') && !isWildcard(it))]),
  };
}

function spoken(host: string, domain: string): string {
  const parts = clusterName(host, domain);
  return parts ? `${parts.name}.${parts.namespace}` : host;
}

function unique(items: readonly string[]): string[] {
  return [...new Set(items)].sort();
}
