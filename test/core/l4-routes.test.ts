import assert from 'node:assert/strict';
import type { FilterChain } from '../../src/core/xds/config.js';
import { tcpChains, tlsChains } from '../../src/core/xds/l4-routes.js';
import { routingMesh, to, virtualService } from '../support/routes.js';
import { proxyIn, service } from '../support/small-mesh.js';

/** The chains of `safe` in `shop`, which listens on 443 (tls) and 9000 (tcp), as `shop/till` has them. */
function chainsOf(
  port: 443 | 9000,
  documents: readonly string[],
  more: { subnets?: string[]; wildcard?: boolean } = {},
): string[] {
  const safe = service('shop/safe', 'clusterIP: 10.96.7.7', 'cart').replace(
    'name: http, port: 80',
    'name: tls, port: 443',
  );
  const mesh = routingMesh(safe, ...documents);
  const found = mesh.servicesNamed('safe.shop.svc.cluster.local')[0]!;
  const place = {
    service: found,
    port: found.ports.find((it) => it.number === port)!,
    listenerPort: port,
    wildcardBind: more.wildcard ?? false,
    subnets: more.subnets,
    egressIndex: 0,
  };
  return (port === 443 ? tlsChains : tcpChains)(mesh, proxyIn(mesh, 'shop/till'), place).map(told);
}

/** `sni a.b, to 10.0.0.0/8 → 100 outbound|...` */
function told({ match, filter }: FilterChain): string {
  const parts = [match.sni ? `sni ${match.sni.join(' ')}` : '', match.subnets ? `to ${match.subnets.join(' ')}` : ''];
  const clusters =
    filter.kind === 'tcp' ? filter.clusters.map((it) => `${Math.round(it.weight * 100)} ${it.cluster}`) : [];
  return `${parts.filter((it) => it !== '').join(', ') || 'all'} → ${clusters.join(', ')}`;
}

const SAFE = 'safe.shop.svc.cluster.local';
const OWN_TLS = `all → 100 outbound|443||${SAFE}`;
const OWN_TCP = `all → 100 outbound|9000||${SAFE}`;

describe('chains of a TLS port', () => {
  const tls = (routes: string, more = ''): string =>
    virtualService('shop/v', `hosts: [${SAFE}], tls: [${routes}]${more}`);

  it('are one to the service for any SNI, unless only its name tells it apart (SNI-1)', () => {
    assert.deepEqual(chainsOf(443, []), [OWN_TLS]);
    assert.deepEqual(chainsOf(443, [], { subnets: ['10.0.0.0/8'] }), [
      `sni ${SAFE}, to 10.0.0.0/8 → 100 outbound|443||${SAFE}`,
    ]);
  });

  it('are those of VirtualServices alone when there is one; equal ones count once (SNI-2)', () => {
    const match = `match: [{sniHosts: [${SAFE}]}]`;
    const found = chainsOf(443, [tls(`{${match}, ${to('desk', 'port: {number: 9000}')}}, {${match}, ${to('cart')}}`)]);
    assert.deepEqual(found, [`sni ${SAFE} → 100 outbound|9000||desk.shop.svc.cluster.local`]);
  });

  it('have subnets that stick to the matches after them (SNI-2)', () => {
    const found = chainsOf(443, [
      tls(
        `{match: [{sniHosts: [${SAFE}], destinationSubnets: [10.1.0.0/16]}], ${to('desk')}}, {match: [{sniHosts: [${SAFE}]}], ${to('cart')}}`,
      ),
    ]);
    assert.deepEqual(found, [
      `sni ${SAFE}, to 10.1.0.0/16 → 100 outbound|443||desk.shop.svc.cluster.local`,
      `sni ${SAFE}, to 10.1.0.0/16 → 100 outbound|443||cart.shop.svc.cluster.local`,
    ]);
  });

  it('look at all static conditions together; tcp and http sections mean nothing here (SNI-2, SNI-4)', () => {
    const kept = (match: string): number =>
      Number(chainsOf(443, [tls(`{match: [{sniHosts: [${SAFE}], ${match}}], ${to('desk')}}`)])[0] !== OWN_TLS);
    assert.deepEqual(
      ['port: 443', 'sourceLabels: {app: till}', 'sourceNamespace: shop', 'gateways: [mesh]'].map(kept),
      [1, 1, 1, 1],
    );
    assert.deepEqual(
      [
        'port: 9000',
        'sourceLabels: {app: x}',
        'sourceNamespace: bank',
        'gateways: [edge/door]',
        'gateways: [mesh], sourceNamespace: bank',
      ].map(kept),
      [0, 0, 0, 0, 0],
    );
    assert.deepEqual(
      chainsOf(443, [virtualService('shop/v', `hosts: [safe], tcp: [{${to('desk')}}], http: [{${to('desk')}}]`)]),
      [OWN_TLS],
    );
  });
});

describe('chains of a TCP port', () => {
  const tcp = (routes: string, hosts = 'safe'): string =>
    virtualService('shop/v', `hosts: [${hosts}], tcp: [${routes}]`);

  it('are the first route that takes all, of the first VirtualService whose hosts meet the service’s (SNI-3)', () => {
    assert.deepEqual(chainsOf(9000, []), [OWN_TCP]);
    assert.deepEqual(chainsOf(9000, [tcp(`{match: [{port: 81}], ${to('cart')}}, {${to('desk')}}, {${to('cart')}}`)]), [
      'all → 100 outbound|9000||desk.shop.svc.cluster.local',
    ]);
    assert.deepEqual(chainsOf(9000, [tcp(`{${to('desk')}}`, '"*.svc.cluster.local"')]), [
      'all → 100 outbound|9000||desk.shop.svc.cluster.local',
    ]);
  });

  it('add one for each route with subnets, and go on (SNI-3)', () => {
    const found = chainsOf(9000, [tcp(`{match: [{destinationSubnets: [10.1.0.0/16]}], ${to('desk')}}`)]);
    assert.deepEqual(found, ['to 10.1.0.0/16 → 100 outbound|9000||desk.shop.svc.cluster.local', OWN_TCP]);
    const same = chainsOf(9000, [tcp(`{match: [{destinationSubnets: [10.0.0.0/8]}], ${to('desk')}}`)], {
      subnets: ['10.0.0.0/8'],
    });
    assert.deepEqual(same, ['to 10.0.0.0/8 → 100 outbound|9000||desk.shop.svc.cluster.local']);
  });

  it('default to the only port of a destination, and split by weight (SNI-5)', () => {
    const single = service('shop/single').replace(
      '{name: http, port: 80, targetPort: 8080}, {name: tcp, port: 9000}',
      '{name: tcp, port: 7}',
    );
    const route =
      '{route: [{destination: {host: single}, weight: 1}, {destination: {host: desk}, weight: 3}, {destination: {host: cart}}]}';
    assert.deepEqual(chainsOf(9000, [single, tcp(route)]), [
      'all → 25 outbound|7||single.shop.svc.cluster.local, 75 outbound|9000||desk.shop.svc.cluster.local',
    ]);
  });
});
