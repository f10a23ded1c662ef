import type { BoundServer } from '../mesh/gateways.js';
import { isSubsetOf } from '../mesh/hosts.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import { clientView } from './client-view.js';
import { outboundCluster } from './cluster-names.js';
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
      !server.hosts.some((it) => isSubsetOf(service.host, it.value.slice(it.value.indexOf('/') + 1)))
    )
      continue;
    for (const port of service.ports) {
      if (port.class === 'UDP') continue;
      chains.push({
        name: '',
        match: { sni: [`outbound_.${port.number}_._.${service.host}`], alpn: MESH_ALPN },
        tls: undefined,
        filter: {
          kind: 'tcp',
          clusters: [
            {
              cluster: outboundCluster(port.number, '', service.host),
              weight: 1,
              headers: undefined,
              evidence: [port.at],
              rejected: [],
              rules: ['GW-20'],
              assumptions: [],
            },
          ],
        },
        evidence: [server.server.at, port.at],
        rejected: [],
        rules: ['GW-20'],
        assumptions: [],
      });
    }
  }
  return chains;
}
