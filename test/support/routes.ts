import type { MeshSnapshot } from '../../src/core/mesh/snapshot.js';
import type { RouteConfiguration } from '../../src/core/xds/config.js';
import { outboundRoutes } from '../../src/core/xds/outbound-routes.js';
import { istio, pod, proxyIn, service, smallMesh } from './small-mesh.js';

/** `shop/till` (tier: front) and `bank/guest` ask; `cart` and `desk` of `shop`, `vault` of `bank` serve on 80 (http) and 9000 (tcp). */
export function routingMesh(...documents: readonly string[]): MeshSnapshot {
  return smallMesh([
    pod('shop/till', { labels: 'app: till, tier: front' }),
    pod('bank/guest', { labels: 'app: guest' }),
    ...['shop/cart', 'shop/desk', 'bank/vault'].flatMap((id) => [
      pod(`${id}-1`, { labels: `app: ${id.split('/')[1]!}` }),
      service(id),
    ]),
    ...documents,
  ]);
}

/** A VirtualService with a spec in YAML's flow style: `virtualService('shop/cart', 'hosts: [cart], http: [...]')`. */
export function virtualService(id: string, spec: string, created?: string): string {
  return istio('VirtualService', id, spec, created === undefined ? '' : `creationTimestamp: "${created}T00:00:00Z"`);
}

/** `route: [{destination: {host: HOST}}]` */
export function to(host: string, more = ''): string {
  return `route: [{destination: {host: "${host}"${more ? `, ${more}` : ''}}}]`;
}

/** The table of a port as one client has it: `name (domains): routes`, without the catch-all. */
export function tableOf(mesh: MeshSnapshot, client: string, name: string): string[] {
  return hostsOf(outboundRoutes(mesh, proxyIn(mesh, client), name)).filter((it) => !/^(allow_any|block_all)/.test(it));
}

function hostsOf(config: RouteConfiguration): string[] {
  return config.virtualHosts.map((it) => {
    const routes = it.routes.map((route) => route.name || route.title);
    return `${it.name}: ${routes.join(' ')}`;
  });
}

/** The domains of one virtual host. */
export function domainsOf(mesh: MeshSnapshot, client: string, name: string, host: string): readonly string[] {
  const found = outboundRoutes(mesh, proxyIn(mesh, client), name).virtualHosts.find((it) => it.name === host);
  return found?.domains ?? [];
}
