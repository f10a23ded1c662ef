import assert from 'node:assert/strict';
import { virtualServicesFor } from '../../src/core/mesh/virtual-services.js';
import { routingMesh, tableOf, to, virtualService } from '../support/routes.js';

const CART = 'cart.shop.svc.cluster.local:80';

/** The routes of cart's virtual host, as a client of a namespace has them. */
function cartOf(client: string, ...documents: readonly string[]): string | undefined {
  const found = tableOf(routingMesh(...documents), client, '80').find((it) => it.startsWith(CART));
  return found?.slice(CART.length + 2);
}

function named(id: string, name: string, more = '', created?: string): string {
  return virtualService(
    id,
    `hosts: [cart.shop.svc.cluster.local], http: [{name: ${name}, ${to('cart')}}]${more}`,
    created,
  );
}

describe('VirtualServices of a client', () => {
  it('are those for the mesh, exported to its namespace, with hosts (VS-1)', () => {
    const gateway = named('shop/a', 'gateway', ', gateways: [edge/door]');
    const elsewhere = named('shop/b', 'elsewhere', ', exportTo: [bank]');
    const nobody = named('shop/c', 'nobody', ', exportTo: ["~"]');
    assert.equal(cartOf('shop/till', gateway, elsewhere, nobody), 'default');
    assert.equal(cartOf('bank/guest', gateway, elsewhere), 'elsewhere');
  });

  it('come private first, then exported by name, then public, each oldest first (VS-2, GEN-3)', () => {
    const old = named('shop/z', 'old', '', '2020-01-01');
    const young = named('shop/a', 'young', '', '2021-01-01');
    assert.equal(cartOf('shop/till', young, old), 'old');
    const byName = named('bank/b', 'by-name', ', exportTo: [shop]', '2022-01-01');
    assert.equal(cartOf('shop/till', old, byName), 'by-name');
    const own = named('shop/c', 'private', ', exportTo: ["."]', '2023-01-01');
    assert.equal(cartOf('shop/till', old, byName, own), 'private');
    assert.equal(cartOf('bank/guest', old, byName, own), 'old');
  });

  it('without times are told apart by name, then namespace (GEN-3)', () => {
    assert.equal(cartOf('shop/till', named('shop/b', 'b'), named('shop/a', 'a')), 'a');
    assert.equal(cartOf('shop/till', named('shop/x', 'of-shop'), named('bank/x', 'of-bank')), 'of-bank');
  });

  it('step aside for a host when nothing is left of them (VS-5)', () => {
    const pruned = virtualService(
      'shop/a',
      `hosts: [cart], http: [{name: a, match: [{sourceLabels: {app: other}}], ${to('cart')}}]`,
    );
    assert.equal(cartOf('shop/till', pruned), 'default');
    assert.equal(cartOf('shop/till', pruned, named('shop/b', 'next')), 'next');
    const tcp = virtualService('shop/a', `hosts: [cart], tcp: [{${to('desk')}}]`);
    assert.equal(cartOf('shop/till', tcp), 'default');
  });

  it('with a more special host win, whatever their age; a pruned one leaves the default (VS-4)', () => {
    const wide = virtualService(
      'shop/a',
      `hosts: ["*.svc.cluster.local"], http: [{name: wide, ${to('cart')}}]`,
      '2020-01-01',
    );
    const narrow = virtualService(
      'shop/b',
      `hosts: ["*.shop.svc.cluster.local"], http: [{name: narrow, ${to('cart')}}]`,
      '2021-01-01',
    );
    assert.equal(cartOf('shop/till', wide), 'wide');
    assert.equal(cartOf('shop/till', wide, narrow), 'narrow');
    assert.equal(cartOf('shop/till', wide, narrow, named('shop/c', 'exact')), 'exact');
    const pruned = virtualService('shop/c', `hosts: [cart], http: [{match: [{port: 81}], ${to('cart')}}]`);
    assert.equal(cartOf('shop/till', wide, pruned), 'default');
  });

  it('at a gateway keep to the same order (GWR-4)', () => {
    const mesh = routingMesh(
      named('shop/a', 'public', ', gateways: [edge/door]', '2020-01-01'),
      named('bank/b', 'named', ', gateways: [edge/door, mesh], exportTo: [shop, edge]', '2021-01-01'),
    );
    assert.deepEqual(
      virtualServicesFor(mesh, 'edge', 'edge/door').map((it) => it.name),
      ['b', 'a'],
    );
    assert.deepEqual(
      virtualServicesFor(mesh, 'bank', 'edge/door').map((it) => it.name),
      ['a'],
    );
  });
});

describe('delegates', () => {
  const root = (entry: string): string =>
    virtualService('shop/root', `hosts: [cart], http: [${entry}, {name: rest, ${to('cart')}}]`);

  it('stand in for the entry that names them; matches are paired, names joined (VS-7)', () => {
    const delegate = virtualService(
      'bank/items',
      `http: [{name: one, match: [{uri: {prefix: /a/b}}, {uri: {exact: /a}}], ${to('vault')}}, {${to('vault')}}]`,
    );
    const mesh = routingMesh(
      root('{name: top, match: [{uri: {prefix: /a}}], delegate: {name: items, namespace: bank}}'),
      delegate,
    );
    const [first] = virtualServicesFor(mesh, 'shop', 'mesh');
    assert.deepEqual(
      first!.http.map(
        (it) =>
          `${it.name?.value} ${it.matches.map((match) => JSON.stringify(match.uri?.type)).join()} ${it.route[0]?.destination.host.value}`,
      ),
      [
        'top-one "prefix","exact" vault.bank.svc.cluster.local',
        'top "prefix" vault.bank.svc.cluster.local',
        'rest  cart.shop.svc.cluster.local',
      ],
    );
  });

  it('inherit what they leave out, each field as a whole (VS-7)', () => {
    const delegate = virtualService(
      'shop/d',
      `http: [{${to('desk')}, timeout: 2s}, {${to('desk')}, headers: {request: {set: {x: "1"}}}}]`,
    );
    const mesh = routingMesh(
      root('{delegate: {name: d}, timeout: 5s, rewrite: {uri: /r}, headers: {request: {set: {y: "1"}}}}'),
      delegate,
    );
    const http = virtualServicesFor(mesh, 'shop', 'mesh')[0]!.http;
    assert.deepEqual(
      http.slice(0, 2).map((it) => [it.timeout?.value, it.rewrite?.uri?.value, [...it.headers!.request.set.keys()]]),
      [
        [2, '/r', ['y']],
        [5, '/r', ['x']],
      ],
    );
  });

  it('lose entries that lie outside the root’s matches (VS-7)', () => {
    const entries = (match: string): string[] => {
      const delegate = virtualService('shop/d', `http: [{name: d, match: [${match}], ${to('desk')}}]`);
      const mesh = routingMesh(
        root('{match: [{uri: {prefix: /a}, headers: {x: {exact: "1"}}}], delegate: {name: d}}'),
        delegate,
      );
      return virtualServicesFor(mesh, 'shop', 'mesh')[0]!.http.map((it) => it.name?.value ?? '');
    };
    assert.deepEqual(entries('{uri: {prefix: /a/b}}'), ['d', 'rest']);
    assert.deepEqual(entries('{uri: {prefix: /b}}'), ['rest']);
    assert.deepEqual(entries('{uri: {regex: "/a.*"}}'), ['rest']);
    assert.deepEqual(entries('{headers: {x: {exact: "2"}}}'), ['rest']);
    assert.deepEqual(entries('{headers: {z: {exact: "2"}}}'), ['d', 'rest']);
    assert.deepEqual(entries('{uri: {prefix: /b}}, {uri: {prefix: /a}}'), ['rest']);
    assert.deepEqual(entries('{ignoreUriCase: true}'), ['rest']);
  });

  it('that are missing, have hosts or are not exported take only their entry with them (VS-7)', () => {
    const left = (...documents: readonly string[]): string[] => {
      const mesh = routingMesh(root('{delegate: {name: d, namespace: bank}}'), ...documents);
      const found = virtualServicesFor(mesh, 'shop', 'mesh').find((it) => it.name === 'root')!;
      return [...found.http.map((it) => it.name?.value ?? ''), ...found.dropped.map((it) => it.because)];
    };
    assert.deepEqual(left(), ['rest', 'there is no such VirtualService']);
    const own = virtualService('bank/d', `http: [{${to('vault')}}], exportTo: ["."]`);
    assert.deepEqual(left(own), ['rest', 'it is not exported to shop']);
    const hosted = virtualService('bank/d', `hosts: [other], http: [{${to('vault')}}]`);
    assert.deepEqual(left(hosted), ['rest', 'it has hosts, so it is no delegate']);
  });
});
