import assert from 'node:assert/strict';
import type { Route } from '../../src/core/xds/config.js';
import { httpRoutesOf, type HttpRoutes, type RoutePlace } from '../../src/core/xds/http-routes.js';
import { virtualServicesFor } from '../../src/core/mesh/virtual-services.js';
import { routingMesh, to, virtualService } from '../support/routes.js';
import { proxyIn } from '../support/small-mesh.js';

/** What one client gets of the http entries of a VirtualService of `shop`. */
function routesOf(http: string, place: Partial<RoutePlace> = {}, ...more: readonly string[]): HttpRoutes {
  const mesh = routingMesh(virtualService('shop/v', `hosts: [cart], http: [${http}]`), ...more);
  const [vs] = virtualServicesFor(mesh, 'shop', 'mesh');
  const lookup = (): undefined => undefined;
  return httpRoutesOf(mesh, proxyIn(mesh, 'shop/till'), vs!, {
    port: 80,
    gateways: new Set(['mesh']),
    tls: false,
    lookup,
    ...place,
  });
}

function clusters(route: Route | undefined): string[] {
  assert.equal(route?.action.kind, 'clusters');
  return route.action.kind === 'clusters'
    ? route.action.clusters.map((it) => `${Math.round(it.weight * 100)} ${it.cluster}`)
    : [];
}

describe('http entries', () => {
  it('become a route for each match, up to the first that takes everything (RT-1)', () => {
    const { routes, pruned } = routesOf(
      `{name: a, match: [{uri: {exact: /a}}, {name: m, uri: {prefix: /b}}], ${to('cart')}}, {match: [{uri: {prefix: /}}], ${to('cart')}}, {name: late, ${to('cart')}}`,
    );
    assert.deepEqual(
      routes.map((it) => [it.name, it.title]),
      [
        ['a', 'route #1 (exact /a)'],
        ['a.m', 'route #1 (prefix /b)'],
        ['', 'route #2 (prefix /)'],
      ],
    );
    assert.deepEqual(
      pruned.map((it) => it.because),
      ['route #2 (prefix /) before it takes every request'],
    );
  });

  it('take everything only without any other condition (RT-1)', () => {
    for (const match of [
      'uri: {prefix: /}, headers: {x: {}}',
      'uri: {prefix: /}, method: {exact: GET}',
      'withoutHeaders: {x: {}}',
      'uri: {exact: /}',
      'queryParams: {q: {}}',
    ]) {
      assert.equal(routesOf(`{match: [{${match}}], ${to('cart')}}, {${to('cart')}}`).routes.length, 2, match);
    }
    for (const match of ['uri: {regex: ".*"}', 'uri: {prefix: /}, ignoreUriCase: true', 'port: 80', 'name: x']) {
      assert.equal(routesOf(`{match: [{${match}}], ${to('cart')}}, {${to('cart')}}`).routes.length, 1, match);
    }
  });

  it('are left out for other ports, callers, namespaces and gateways (RT-3)', () => {
    const kept = (match: string, place: Partial<RoutePlace> = {}): boolean =>
      routesOf(`{match: [{${match}}], ${to('cart')}}`, place).routes.length > 0;
    assert.ok(kept('port: 80') && !kept('port: 81'));
    assert.ok(kept('sourceLabels: {tier: front}') && !kept('sourceLabels: {tier: front, app: other}'));
    assert.ok(kept('sourceNamespace: shop') && !kept('sourceNamespace: bank'));
    assert.ok(kept('gateways: [mesh, edge/door]') && !kept('gateways: [edge/door]'));
    assert.ok(
      kept('gateways: [mesh], sourceLabels: {app: other}, sourceNamespace: bank'),
      'with gateways the others are not looked at',
    );
    assert.ok(kept('gateways: [door]', { gateways: new Set(['shop/door']) }), 'GWR-1');
    assert.deepEqual(
      routesOf(`{match: [{port: 81}], ${to('cart')}}`).pruned.map((it) => it.because),
      ['it is for port 81, this is 80'],
    );
  });

  it('send to the listener’s port unless they name one, or the service has one only (DST-1, GWR-11)', () => {
    const cluster = (destination: string, lookup?: RoutePlace['lookup']): string[] =>
      clusters(routesOf(`{route: [{destination: {${destination}}}]}`, lookup ? { lookup } : {}).routes[0]);
    assert.deepEqual(cluster('host: desk'), ['100 outbound|80||desk.shop.svc.cluster.local']);
    assert.deepEqual(cluster('host: desk, port: {number: 8080}, subset: v1'), [
      '100 outbound|8080|v1|desk.shop.svc.cluster.local',
    ]);
    assert.deepEqual(
      cluster('host: desk.bank'),
      ['100 outbound|80||desk.bank'],
      'GEN-5: a name with a dot is taken literally',
    );
    assert.deepEqual(
      cluster('host: desk', () => ({ ports: [9] })),
      ['100 outbound|9||desk.shop.svc.cluster.local'],
    );
    assert.deepEqual(
      cluster('host: desk', () => ({ ports: [9, 10] })),
      ['100 outbound|80||desk.shop.svc.cluster.local'],
    );
    assert.deepEqual(
      cluster('host: nick', () => ({ ports: [80], aliasOf: 'real.example' })),
      ['100 outbound|80||real.example'],
      'DST-2',
    );
  });

  it('share requests by weight; of several, those without are left out (DST-6)', () => {
    const weighted = (...weights: readonly (number | undefined)[]): string[] =>
      clusters(
        routesOf(
          `{route: [${weights.map((it, index) => `{destination: {host: d${index}.x}${it === undefined ? '' : `, weight: ${it}`}}`).join(', ')}]}`,
        ).routes[0],
      ).map((it) => it.replace(/outbound\|80\|\|/, ''));
    assert.deepEqual(weighted(undefined), ['100 d0.x']);
    assert.deepEqual(weighted(0), ['100 d0.x']);
    assert.deepEqual(weighted(1, 3, 0, undefined), ['25 d0.x', '75 d1.x']);
    assert.deepEqual(weighted(200, 200), ['50 d0.x', '50 d1.x']);
  });

  it('mirror all of the requests unless a percentage says otherwise (ACT-9)', () => {
    const mirrors = (text: string): (string | number)[][] => {
      const action = routesOf(`{${to('cart')}, ${text}}`).routes[0]!.action;
      return action.kind === 'clusters' ? action.mirrors.map((it) => [it.cluster, it.share]) : [];
    };
    assert.deepEqual(mirrors('mirror: {host: desk}'), [['outbound|80||desk.shop.svc.cluster.local', 1]]);
    assert.deepEqual(mirrors('mirror: {host: desk}, mirrorPercentage: {value: 0}'), []);
    assert.deepEqual(
      mirrors(
        'mirrors: [{destination: {host: desk, port: {number: 9}}, percentage: {value: 25}}, {destination: {host: vault.bank}}]',
      ),
      [
        ['outbound|9||desk.shop.svc.cluster.local', 0.25],
        ['outbound|80||vault.bank', 1],
      ],
    );
  });

  it('retry twice by default, as they say, or not at all; the mesh may say otherwise (ACT-6)', () => {
    const retries = (text: string, ...more: readonly string[]): unknown[] => {
      const { attempts, retryOn, statusCodes, perTryTimeout } = routesOf(`{${to('cart')}${text}}`, {}, ...more)
        .routes[0]!.retries;
      return [attempts, retryOn.join(), statusCodes.join(), perTryTimeout];
    };
    const usual = 'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes';
    assert.deepEqual(retries(''), [2, usual, '', undefined]);
    assert.deepEqual(retries(', retries: {attempts: 5, perTryTimeout: 1s}'), [5, usual, '', 1]);
    assert.deepEqual(retries(', retries: {attempts: 1, retryOn: "5xx,503,429"}'), [
      1,
      '5xx,retriable-status-codes',
      '503,429',
      undefined,
    ]);
    assert.deepEqual(retries(', retries: {attempts: 0}'), [0, '', '', undefined]);
    assert.deepEqual(retries(', retries: {}'), [0, '', '', undefined]);
    assert.deepEqual(retries('', '{defaultHttpRetryPolicy: {attempts: 7, retryOn: reset}}'), [
      7,
      'reset',
      '',
      undefined,
    ]);
  });
});
