import assert from 'node:assert/strict';
import { gatewayRoutes } from '../../src/core/xds/gateway-routes.js';
import { gateway, meshOf, TO_WEB, virtualService } from '../support/gateways.js';

/** `host (domains): routes` of a table. */
function table(name: string, ...documents: readonly string[]): string[] {
  const { mesh, proxy } = meshOf(...documents);
  return gatewayRoutes(mesh, proxy, name).virtualHosts.map(
    (it) =>
      `${it.name} (${it.domains.join(' ')})${it.requireTls ? ' https only' : ''}: ${it.routes.map((route) => route.name).join(' ')}`,
  );
}

describe('routes of a gateway', () => {
  const http = gateway('g', [{ port: 80, protocol: 'HTTP', hosts: ['*.example', 'b.test'] }]);

  it('have the more specific of two hosts that meet; unequal case does not meet (GWR-2)', () => {
    const found = table(
      'http.8080',
      http,
      virtualService('a', `{ hosts: ["*"], gateways: [g], http: [{ name: star, ${TO_WEB} }] }`),
      virtualService(
        'b',
        `{ hosts: [x.example, x.Example, other.test], gateways: [g], http: [{ name: x, ${TO_WEB} }] }`,
      ),
    );
    // virtual hosts with the same routes are one, named after the most specific
    assert.deepEqual(found, ['x.example:80 (x.example): x', 'b.test:80 (b.test *.example): star']);
  });

  it('of several VirtualServices follow each other, catch-alls last (GWR-5)', () => {
    const found = table(
      'http.8080',
      http,
      virtualService('a', `{ hosts: [b.test], gateways: [g], http: [{ name: all, ${TO_WEB} }] }`),
      virtualService(
        'b',
        `{ hosts: [b.test], gateways: [g], http: [{ name: x, match: [{ uri: { prefix: /x } }], ${TO_WEB} }] }`,
      ),
    );
    assert.deepEqual(found, ['b.test:80 (b.test): x all']);
  });

  it('send whole servers to https, with or without a VirtualService (GW-17)', () => {
    const found = table(
      'http.8080',
      gateway('g', [{ port: 80, protocol: 'HTTP', hosts: ['a.test', 'b.test'], tls: '{ httpsRedirect: true }' }]),
      virtualService('b', `{ hosts: [b.test], gateways: [g], http: [{ name: b, ${TO_WEB} }] }`),
    );
    assert.deepEqual(found, ['a.test:80 (a.test) https only: ', 'b.test:80 (b.test) https only: b']);
  });

  it('of a server that nobody serves are one black hole (GWR-16)', () => {
    assert.deepEqual(table('http.8080', http), ['blackhole:80 (*): ']);
    const wrong = virtualService('v', `{ hosts: ["*"], gateways: [other/g], http: [{ ${TO_WEB} }] }`);
    assert.deepEqual(table('http.8080', http, wrong), ['blackhole:80 (*): ']);
  });

  it('leave out VirtualServices that are not for their namespace (GW-11, GWR-3)', () => {
    const scoped = gateway('g', [{ port: 80, protocol: 'HTTP', hosts: ['prod/*'] }]);
    const dev = virtualService('v', `{ hosts: [a.test], gateways: [edge/g], http: [{ ${TO_WEB} }] }`, 'dev');
    const prod = virtualService(
      'v',
      `{ hosts: [a.test], gateways: [edge/g], http: [{ name: ok, ${TO_WEB} }] }`,
      'prod',
    );
    const own = virtualService(
      'w',
      `{ hosts: [a.test], gateways: [edge/g], exportTo: ["."], http: [{ ${TO_WEB} }] }`,
      'prod',
    );
    assert.deepEqual(table('http.8080', scoped, dev), ['blackhole:80 (*): ']);
    assert.deepEqual(table('http.8080', scoped, prod, own), ['a.test:80 (a.test): ok']);
  });

  it('see match.port as the number of the first server that a VirtualService fits (GWR-8)', () => {
    const both = gateway('g', [
      { port: 80, protocol: 'HTTP', hosts: ['a.test'] },
      { port: 8080, protocol: 'HTTP', hosts: ['a.test', 'b.test'] },
    ]);
    const on = (port: number, host: string): string =>
      virtualService(
        `v${port}`,
        `{ hosts: [${host}], gateways: [g], http: [{ name: p${port}, match: [{ port: ${port} }], ${TO_WEB} }] }`,
      );
    assert.deepEqual(table('http.8080', both, on(80, 'a.test')), ['a.test:80 (a.test): p80 p80']);
    assert.deepEqual(table('http.8080', both, on(8080, 'b.test')), ['b.test:8080 (b.test): p8080']);
  });
});
