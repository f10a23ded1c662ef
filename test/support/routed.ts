import type { AppMessage } from '../../src/core/trace/arrival.js';
import { routeHttp, type RoutedBranch } from '../../src/core/trace/route.js';
import { outboundRoutes } from '../../src/core/xds/outbound-routes.js';
import { routingMesh, virtualService } from './routes.js';
import { proxyIn } from './small-mesh.js';

/** A plain GET of `cart`, apart from what is said. */
export function message(given: Partial<AppMessage> = {}): AppMessage {
  return { protocol: 'http1', method: 'GET', authority: 'cart', path: '/', headers: {}, scheme: 'http', ...given };
}

/** What becomes of a request of `shop/till` for `cart`, whose VirtualService has these http entries. */
export function routed(http: string, sent: Partial<AppMessage> = {}): readonly RoutedBranch[] {
  const mesh = routingMesh(virtualService('shop/cart', `hosts: [cart], http: [${http}]`));
  const till = proxyIn(mesh, 'shop/till');
  return routeHttp(mesh, till, outboundRoutes(mesh, till, '80'), message(sent), { scheme: 'http' });
}

/** The only thing that becomes of it. */
export function theOnly(branches: readonly RoutedBranch[]): RoutedBranch {
  if (branches.length !== 1) throw new Error(`${branches.length} branches`);
  return branches[0]!;
}

/** `25 % 503 FI`, `75 % → outbound|80||cart.shop.svc.cluster.local`: a line for each. */
export function linesOf(branches: readonly RoutedBranch[]): string[] {
  return branches.map((it) => {
    const end = it.kind === 'end' ? `${it.status}` : `→ ${it.cluster}`;
    return [`${Math.round(it.share * 100)} %`, end, it.flags].filter((part) => part !== '').join(' ');
  });
}
