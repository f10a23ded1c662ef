import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { RouteConfiguration } from './config.js';
import type { Proxy } from './proxy.js';

/** One route configuration of a gateway's proxy (GWR-2..GWR-17). */
export function gatewayRoutes(_mesh: MeshSnapshot, _proxy: Proxy, name: string): RouteConfiguration {
  return { name, virtualHosts: [], ignorePort: true, evidence: [], rejected: [], rules: [], assumptions: [] };
}
