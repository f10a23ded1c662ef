import type { MeshSnapshot } from '../mesh/snapshot.js';
import { catchAllHost } from './catch-all-host.js';
import type { RouteConfiguration, VirtualHost } from './config.js';
import { viewKey } from './client-view.js';
import { portVirtualHosts } from './port-virtual-hosts.js';
import type { Proxy } from './proxy.js';
import { asEnvoyTakesIt } from './refused-tables.js';

/**
 * The route table of a sidecar that listeners name: `<port>` for shared ones, `<host>:<port>` for a sniffed port of one
 * service (VH-1, LIS-6).
 */
export function outboundRoutes(mesh: MeshSnapshot, proxy: Proxy, name: string): RouteConfiguration {
  const key = `outboundRoutes ${viewKey(mesh, proxy)} ${callerKey(mesh, proxy)} ${name}`;
  return mesh.remember(key, () => asEnvoyTakesIt(build(mesh, proxy, name)));
}

/** What of a client's labels its routes depend on (RT-3): clients that agree in it share their tables. */
function callerKey(mesh: MeshSnapshot, proxy: Proxy): string {
  const asked = mesh.remember('labelsAskedFor', () => {
    const keys = new Set<string>();
    for (const it of mesh.of('VirtualService')) {
      for (const { matches } of it.http)
        for (const { sourceLabels } of matches) for (const key of sourceLabels.keys()) keys.add(key);
    }
    return [...keys].sort();
  });
  return JSON.stringify(asked.map((it) => proxy.labels.get(it)?.value ?? null));
}

function build(mesh: MeshSnapshot, proxy: Proxy, name: string): RouteConfiguration {
  const unix = name.startsWith('unix:');
  const colon = unix ? -1 : name.lastIndexOf(':');
  const port = unix ? 0 : Number(name.slice(colon + 1));
  if (colon >= 0) return sniffedTable(mesh, proxy, name, name.slice(0, colon), port);
  const hosts = sharedHosts(mesh, proxy, port);
  return table(name, [...hosts, catchAllHost(mesh, proxy)], ['VH-1']);
}

/** A sniffed port on an address of its own has that service alone, whatever `Host` says (LIS-6). */
function sniffedTable(mesh: MeshSnapshot, proxy: Proxy, name: string, host: string, port: number): RouteConfiguration {
  const hosts = sharedHosts(mesh, proxy, port).filter((it) => it.domains.includes(host) || it.domains.includes(name));
  const alone = hosts.length === 1 ? hosts.map((it): VirtualHost => ({ ...it, domains: ['*'] })) : hosts;
  return table(name, alone, ['LIS-6']);
}

function table(name: string, virtualHosts: readonly VirtualHost[], rules: readonly string[]): RouteConfiguration {
  return { name, virtualHosts, ignorePort: true, evidence: [], rejected: [], rules, assumptions: [] };
}

/** All virtual hosts of a port but the catch-all, by name; sniffed tables are cut out of it. */
function sharedHosts(mesh: MeshSnapshot, proxy: Proxy, port: number): readonly VirtualHost[] {
  const key = `sharedHosts ${viewKey(mesh, proxy)} ${callerKey(mesh, proxy)} ${port}`;
  return mesh.remember(key, () => portVirtualHosts(mesh, proxy, port, callerKey(mesh, proxy)));
}
