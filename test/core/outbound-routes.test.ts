import assert from 'node:assert/strict';
import { outboundRoutes } from '../../src/core/xds/outbound-routes.js';
import { domainsOf, routingMesh, tableOf, to, virtualService } from '../support/routes.js';
import { istio, proxyIn, service } from '../support/small-mesh.js';

describe('a sidecar’s route table', () => {
  it('has a virtual host for each service with an HTTP or sniffed port of its number (VH-1, VH-2)', () => {
    const sniffed = service('shop/odd').replace('{name: http, port: 80', '{name: web, port: 80');
    assert.deepEqual(tableOf(routingMesh(sniffed), 'shop/till', '80'), [
      'cart.shop.svc.cluster.local:80: default',
      'desk.shop.svc.cluster.local:80: default',
      'odd.shop.svc.cluster.local:80: default',
      'vault.bank.svc.cluster.local:80: default',
    ]);
    assert.deepEqual(tableOf(routingMesh(), 'shop/till', '9000'), []);
  });

  it('knows services by every name that their clients may use, short ones at home only (VH-5)', () => {
    const mesh = routingMesh(service('shop/fixed', 'clusterIP: 10.96.7.7', 'cart'));
    const name = 'fixed.shop.svc.cluster.local:80';
    const abroad = [
      'fixed.shop.svc.cluster.local',
      'fixed.shop.svc.cluster.local.',
      'fixed.shop',
      'fixed.shop.svc',
      '10.96.7.7',
    ];
    assert.deepEqual([...domainsOf(mesh, 'bank/guest', '80', name)].sort(), [...abroad].sort());
    assert.deepEqual([...domainsOf(mesh, 'shop/till', '80', name)].sort(), [...abroad, 'fixed'].sort());
  });

  it('gives headless services the names of their pods, aliases to what they stand for (VH-5, LIS-9)', () => {
    const mesh = routingMesh(
      service('shop/peers', 'clusterIP: None', 'cart'),
      '{apiVersion: v1, kind: Service, metadata: {name: nick, namespace: bank}, spec: {type: ExternalName, externalName: cart.shop.svc.cluster.local, ports: [{name: http, port: 80}]}}',
    );
    assert.ok(domainsOf(mesh, 'shop/till', '80', 'peers.shop.svc.cluster.local:80').includes('*.peers'));
    assert.ok(domainsOf(mesh, 'shop/till', '80', 'cart.shop.svc.cluster.local:80').includes('nick.bank'));
    assert.ok(domainsOf(mesh, 'bank/guest', '80', 'cart.shop.svc.cluster.local:80').includes('nick'));
    assert.deepEqual(domainsOf(mesh, 'shop/till', '80', 'nick.bank.svc.cluster.local:80'), []);
  });

  it('has hosts that no registry knows on port 80, elsewhere only beside a service of theirs (VS-6, VH-4)', () => {
    const stranger = virtualService('shop/s', `hosts: [Stranger.example], http: [{name: s, ${to('cart')}}]`);
    const mesh = routingMesh(stranger, service('shop/more').replace('port: 80,', 'port: 8080,'));
    assert.deepEqual(domainsOf(mesh, 'shop/till', '80', 'stranger.example:80'), ['stranger.example']);
    assert.deepEqual(domainsOf(mesh, 'shop/till', '8080', 'stranger.example:8080'), []);
    const both = virtualService('shop/s', `hosts: [stranger.example, more], http: [{name: s, ${to('cart')}}]`);
    const joined = routingMesh(both, service('shop/more').replace('port: 80,', 'port: 8080,'));
    assert.deepEqual(domainsOf(joined, 'shop/till', '8080', 'stranger.example:8080'), ['stranger.example']);
  });

  it('lets a wildcard act through the services that it covers only (VH-4)', () => {
    const wide = virtualService(
      'shop/w',
      `hosts: ["*.shop.svc.cluster.local", "*.example"], http: [{name: w, ${to('cart')}}]`,
    );
    assert.deepEqual(tableOf(routingMesh(wide), 'shop/till', '80'), [
      '*.example:80: w',
      'cart.shop.svc.cluster.local:80: w',
      'desk.shop.svc.cluster.local:80: w',
      'vault.bank.svc.cluster.local:80: default',
    ]);
  });

  it('gives each domain to the first that asks, and no short form to the name of another host (VH-6)', () => {
    const entry = istio(
      'ServiceEntry',
      'shop/e',
      'hosts: [cart.shop], ports: [{number: 80, name: http, protocol: HTTP}], resolution: STATIC',
    );
    const mesh = routingMesh(entry);
    assert.ok(domainsOf(mesh, 'shop/till', '80', 'cart.shop:80').includes('cart.shop'));
    assert.ok(!domainsOf(mesh, 'shop/till', '80', 'cart.shop.svc.cluster.local:80').includes('cart.shop'));
  });

  it('of a sniffed port on an address has that service alone, for any Host (LIS-6)', () => {
    const config = outboundRoutes(
      routingMesh(service('shop/odd').replace('name: http', 'name: web')),
      proxyIn(routingMesh(), 'shop/till'),
      'odd.shop.svc.cluster.local:80',
    );
    assert.deepEqual(
      config.virtualHosts.map((it) => [it.name, ...it.domains]),
      [['odd.shop.svc.cluster.local:80', '*']],
    );
  });

  it('ends with a host for everything else, by the policy of the Sidecar or the mesh (LIS-13, LIS-14)', () => {
    const last = (...documents: readonly string[]): string | undefined => {
      const mesh = routingMesh(...documents);
      return outboundRoutes(mesh, proxyIn(mesh, 'shop/till'), '80').virtualHosts.at(-1)?.name;
    };
    assert.equal(last(), 'allow_any');
    assert.equal(last('{outboundTrafficPolicy: {mode: REGISTRY_ONLY}}'), 'block_all');
    assert.equal(last('{outboundTrafficPolicy: {mode: ALLOW_ANY_DYNAMIC_DNS}}'), 'allow_any_dynamic_dns');
    assert.equal(last(istio('Sidecar', 'shop/s', 'outboundTrafficPolicy: {}')), 'block_all');
  });

  it('shows a Sidecar’s client what it imports, and VirtualServices with all their hosts (SCO-2)', () => {
    const both = virtualService(
      'bank/b',
      `hosts: [vault, cart.shop.svc.cluster.local], http: [{name: b, ${to('vault')}}]`,
    );
    const sidecar = (hosts: string): string => istio('Sidecar', 'shop/s', `egress: [{hosts: [${hosts}]}]`);
    assert.deepEqual(tableOf(routingMesh(both, sidecar('./*')), 'shop/till', '80'), [
      'cart.shop.svc.cluster.local:80: default',
      'desk.shop.svc.cluster.local:80: default',
    ]);
    assert.deepEqual(tableOf(routingMesh(both, sidecar('./cart.shop.svc.cluster.local, bank/*')), 'shop/till', '80'), [
      'cart.shop.svc.cluster.local:80: b',
      'vault.bank.svc.cluster.local:80: b',
    ]);
    assert.deepEqual(
      tableOf(routingMesh(both, sidecar('"*/*", ~bank/vault.bank.svc.cluster.local')), 'shop/till', '80'),
      [
        'cart.shop.svc.cluster.local:80: b',
        'desk.shop.svc.cluster.local:80: default',
        'vault.bank.svc.cluster.local:80: b',
      ],
    );
  });

  it('is refused whole by Envoy for one redirect that it does not know (ACT-2)', () => {
    const odd = virtualService('shop/d', 'hosts: [desk], http: [{redirect: {uri: /x, redirectCode: 304}}]');
    const mesh = routingMesh(odd);
    const config = outboundRoutes(mesh, proxyIn(mesh, 'shop/till'), '80');
    assert.deepEqual(
      [config.virtualHosts.length, config.rejected[0]?.because],
      [0, 'Envoy has no redirect with code 304, and refuses the whole table'],
    );
  });

  it('is shared by clients that no route tells apart (RT-3)', () => {
    const mesh = routingMesh(
      virtualService('shop/c', `hosts: [cart], http: [{match: [{sourceLabels: {tier: front}}], ${to('cart')}}]`),
    );
    assert.equal(
      outboundRoutes(mesh, proxyIn(mesh, 'shop/cart-1'), '80'),
      outboundRoutes(mesh, proxyIn(mesh, 'shop/desk-1'), '80'),
    );
    assert.notEqual(
      outboundRoutes(mesh, proxyIn(mesh, 'shop/cart-1'), '80'),
      outboundRoutes(mesh, proxyIn(mesh, 'shop/till'), '80'),
    );
  });

  it('says which VirtualServices have no part in a host, and why', () => {
    const mesh = routingMesh(
      virtualService('shop/a', `hosts: [cart], http: [{name: a, ${to('cart')}}]`),
      virtualService('shop/b', `hosts: [cart], http: [{name: b, ${to('cart')}}]`),
      virtualService('shop/c', `hosts: [cart], http: [{match: [{port: 81}], ${to('cart')}}]`),
      virtualService('shop/d', `hosts: [cart], gateways: [edge/door], http: [{${to('cart')}}]`),
      virtualService('bank/e', `hosts: [cart.shop.svc.cluster.local], exportTo: ["."], http: [{${to('cart')}}]`),
      virtualService('shop/f', `hosts: ["*.shop.svc.cluster.local"], http: [{${to('cart')}}]`),
    );
    const host = outboundRoutes(mesh, proxyIn(mesh, 'shop/till'), '80').virtualHosts.find((it) =>
      it.name.startsWith('cart'),
    );
    assert.deepEqual(host!.rejected.map((it) => `${it.name}: ${it.because}`).sort(), [
      'VirtualService bank/e: it is not exported to shop',
      'VirtualService shop/b: another VirtualService for this host comes first',
      'VirtualService shop/c: none of its http entries is for this client and port: it is for port 81, this is 80',
      'VirtualService shop/d: it is for edge/door only, not for the mesh',
      'VirtualService shop/f: VirtualService shop/a names cart.shop.svc.cluster.local, which is more special than *.shop.svc.cluster.local',
    ]);
  });
});
