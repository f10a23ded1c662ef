import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { RouteConfiguration } from './config.js';
import type { Proxy } from './proxy.js';

/** The route table of a sidecar that listeners name: `<port>` for shared ones, `<host>:<port>` for a sniffed port of one service (VH-1, LIS-6). */
export function outboundRoutes(mesh: MeshSnapshot, proxy: Proxy, name: string): RouteConfiguration {
  return mesh.remember(`outboundRoutes ${proxy.pod.id} ${name}`, () => ({
    name,
    virtualHosts: [],
    ignorePort: true,
    evidence: [],
    rejected: [],
    rules: ['VH-1'],
    assumptions: [],
  }));
}
