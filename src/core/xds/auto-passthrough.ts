import type { Location } from '../base/location.js';
import { destinationRuleFor } from '../mesh/destination-rules.js';
import type { BoundServer } from '../mesh/gateways.js';
import { isSubsetOf } from '../mesh/hosts.js';
import type { RegistryPort, RegistryService } from '../mesh/services.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import { clientView } from './client-view.js';
import type { FilterChain } from './config.js';
import type { Proxy } from './proxy.js';

/** Words that only proxies of the mesh offer in TLS. */
const MESH_ALPN = ['istio-peer-exchange', 'istio', 'istio-http/1.0', 'istio-http/1.1', 'istio-h2'] as const;

/** A chain for each service port that the server's hosts cover, by the SNI that proxies of the mesh send for it (GW-20). */
export function autoPassthroughChains(mesh: MeshSnapshot, proxy: Proxy, server: BoundServer): readonly FilterChain[] {
  const chains: FilterChain[] = [];
  for (const service of clientView(mesh, proxy).services) {
    if (
      service.external ||
      service.resolution === 'alias' ||
      !server.hosts.some((it) => isSubsetOf(service.host, it.value.slice(it.value.indexOf('/') + 1)))
    )
      continue;
    const subsets = destinationRuleFor(mesh, proxy, service).value?.subsets ?? [];
    for (const port of service.ports) {
      if (port.class === 'UDP') continue;
      chains.push(chainFor(server, service, port, '', port.at));
      for (const { name } of subsets) chains.push(chainFor(server, service, port, name.value, name.at));
    }
  }
  return chains;
}

/** Server name and cluster are called alike. */
function chainFor(
  server: BoundServer,
  service: RegistryService,
  port: RegistryPort,
  subset: string,
  at: Location,
): FilterChain {
  const name = `outbound_.${port.number}_.${subset}_.${service.host}`;
  const pushed = { rejected: [], rules: ['GW-20'], assumptions: [] };
  const cluster = { ...pushed, cluster: name, weight: 1, headers: undefined, evidence: [at] };
  return {
    ...pushed,
    name: '',
    match: { sni: [name], alpn: MESH_ALPN },
    tls: undefined,
    filter: { kind: 'tcp', clusters: [cluster] },
    evidence: [server.server.at, at],
  };
}
