import type { MeshSnapshot } from '../mesh/snapshot.js';
import { clustersOf } from './clusters.js';
import type { Cluster, ClusterLoadAssignment, HttpManager, Listener, RouteConfiguration } from './config.js';
import { loadAssignment } from './endpoints.js';
import { gatewayListeners } from './gateway-listeners.js';
import { gatewayRoutes } from './gateway-routes.js';
import { inboundListener } from './inbound.js';
import { outboundListeners, outboundPorts, virtualOutbound } from './outbound-listeners.js';
import { outboundRoutes } from './outbound-routes.js';
import type { Proxy } from './proxy.js';

/** Everything that istiod pushes to one proxy. */
export interface ProxyConfig {
  readonly listeners: readonly Listener[];
  readonly routes: readonly RouteConfiguration[];
  readonly clusters: readonly Cluster[];
  readonly endpoints: readonly ClusterLoadAssignment[];
}

/** What one proxy has, put together when it is asked for; names as `istioctl proxy-config` prints them. */
export function proxyConfigOf(mesh: MeshSnapshot, proxy: Proxy): ProxyConfig {
  const listeners = listenersOf(mesh, proxy);
  const clusters = clustersOf(mesh, proxy);
  return {
    listeners,
    routes: routesOf(mesh, proxy, listeners),
    clusters,
    endpoints: clusters.filter((it) => it.host !== '').map((it) => loadAssignment(mesh, proxy, it)),
  };
}

function listenersOf(mesh: MeshSnapshot, proxy: Proxy): Listener[] {
  if (proxy.type === 'gateway') return [...gatewayListeners(mesh, proxy).listeners];
  const outbound = outboundPorts(mesh, proxy).flatMap((port) => [...outboundListeners(mesh, proxy, port).values()]);
  return [...outbound, virtualOutbound(mesh, proxy), inboundListener(mesh, proxy.pod)];
}

/** The tables that the listeners ask for by name, and those that come with them. */
function routesOf(mesh: MeshSnapshot, proxy: Proxy, listeners: readonly Listener[]): RouteConfiguration[] {
  const managers = listeners
    .flatMap((it) => [...it.chains, ...(it.defaultChain ? [it.defaultChain] : [])])
    .map((it) => it.filter)
    .filter((it): it is HttpManager => it.kind === 'http');
  const byName = new Map<string, RouteConfiguration>();
  for (const { routeConfig, inline } of managers) {
    if (byName.has(routeConfig)) continue;
    const named = proxy.type === 'gateway' ? gatewayRoutes : outboundRoutes;
    byName.set(routeConfig, inline ?? named(mesh, proxy, routeConfig));
  }
  return [...byName.values()];
}
