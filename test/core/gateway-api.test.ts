import assert from 'node:assert/strict';
import fc from 'fast-check';
import { apiListeners } from '../../src/core/mesh/api-listeners.js';
import { byPrecedence, convertRoute } from '../../src/core/mesh/api-rules.js';
import { attachmentsOf } from '../../src/core/mesh/api-attachment.js';
import { mergedGateways } from '../../src/core/mesh/gateways.js';
import { buildSnapshot, type MeshSnapshot } from '../../src/core/mesh/snapshot.js';
import { effectiveVirtualServices } from '../../src/core/mesh/virtual-services.js';
import { Workspace } from '../../src/core/mesh/workspace.js';
import { gatewayListeners } from '../../src/core/xds/gateway-listeners.js';
import { gatewayRoutes } from '../../src/core/xds/gateway-routes.js';
import { proxyOf } from '../../src/core/xds/proxy.js';

const API = 'apiVersion: gateway.networking.k8s.io/v1';

function object(kind: string, name: string, spec: string, namespace = 'shop', created = ''): string {
  const time = created === '' ? '' : `, creationTimestamp: "${created}"`;
  return `${API}\nkind: ${kind}\nmetadata: { name: ${name}, namespace: ${namespace}${time} }\nspec: ${spec}\n`;
}

const door = (listeners: string, more = ''): string =>
  object('Gateway', 'door', `{ gatewayClassName: istio, listeners: [${listeners}]${more} }`);
const service = (name: string, namespace = 'shop'): string =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec: { selector: { app: ${name} }, ports: [{ name: http, port: 80 }] }\n`;
const TO_WEB = 'backendRefs: [{ name: web, port: 80 }]';

function meshOf(...documents: readonly string[]): MeshSnapshot {
  const workspace = new Workspace();
  workspace.setFile('file:///mesh.yaml', [service('web'), service('web', 'far'), ...documents].join('---\n'));
  return buildSnapshot(workspace.resources());
}

function doorOf(mesh: MeshSnapshot) {
  return proxyOf(mesh.podsOf('shop/door-istio')[0]!)!;
}

/** `host: route names` of a table. */
function table(name: string, ...documents: readonly string[]): string[] {
  const mesh = meshOf(...documents);
  const { virtualHosts } = gatewayRoutes(mesh, doorOf(mesh), name);
  return virtualHosts.map((it) => `${it.domains.join(' ')}: ${it.routes.map((route) => route.name).join(' ')}`);
}

describe('Gateway API listeners', () => {
  it('are served by a pod and Service that istiod makes (GAPI-3, GAPI-4, GAPI-5)', () => {
    const mesh = meshOf(door('{ name: web, port: 8080, protocol: HTTP }'));
    const { listeners } = gatewayListeners(mesh, doorOf(mesh));
    assert.deepEqual(
      listeners.map((it) => it.name),
      ['0.0.0.0_8080'],
    );
    assert.deepEqual(
      mesh.kubernetesServiceOf('shop', 'door-istio')?.ports.map((it) => it.number),
      [15021, 8080],
    );
  });

  it('of other classes are nothing to Istio (GAPI-1)', () => {
    const mesh = meshOf(
      object('Gateway', 'door', '{ gatewayClassName: nginx, listeners: [{ name: web, port: 80, protocol: HTTP }] }'),
    );
    assert.deepEqual(mesh.podsOf('shop/door-nginx'), []);
    assert.deepEqual(apiListeners(mesh).kept, []);
  });

  it('lose to earlier ones on the same port with another protocol or the same hostname (GAPI-13)', () => {
    const { lost } = apiListeners(
      meshOf(
        door(
          '{ name: a, port: 80, protocol: HTTP }, { name: b, port: 80, protocol: TCP }, { name: c, port: 80, protocol: HTTP, hostname: c.test }, { name: d, port: 80, protocol: HTTP }',
        ),
      ),
    );
    assert.deepEqual(
      lost.map((it) => it.listener.name.value),
      ['b', 'd'],
    );
  });

  it('of a ListenerSet join where the Gateway lets them (GAPI-14)', () => {
    const set = object(
      'ListenerSet',
      'extra',
      '{ parentRef: { name: door }, listeners: [{ name: x, protocol: HTTP }] }',
    );
    const own = '{ name: a, port: 8080, protocol: HTTP }';
    const names = (mesh: MeshSnapshot): string[] =>
      apiListeners(mesh).kept.map((it) => `${it.listener.name.value}:${it.port}`);
    assert.deepEqual(names(meshOf(door(own), set)), ['a:8080']);
    assert.deepEqual(names(meshOf(door(own, ', allowedListeners: { namespaces: { from: Same } }'), set)), [
      'a:8080',
      'x:80',
    ]);
  });

  it('need a certificate that exists and that they may use (GAPI-9, GAPI-20)', () => {
    const listener =
      '{ name: s, port: 443, protocol: HTTPS, tls: { certificateRefs: [{ name: cert, namespace: far }] } }';
    const secret =
      'apiVersion: v1\nkind: Secret\nmetadata: { name: cert, namespace: far }\ndata: { tls.crt: x, tls.key: x }\n';
    const grant = (kind: string): string =>
      object(
        'ReferenceGrant',
        'g',
        `{ from: [{ group: gateway.networking.k8s.io, kind: ${kind}, namespace: shop }], to: [{ group: "", kind: Secret }] }`,
        'far',
      );
    const problem = (...documents: readonly string[]): string | undefined =>
      apiListeners(meshOf(door(listener), ...documents)).kept[0]!.problem?.because;
    assert.match(problem()!, /no Secret far\/cert/);
    assert.match(problem(secret)!, /no ReferenceGrant in far/);
    assert.match(problem(secret, grant('HTTPRoute'))!, /no ReferenceGrant in far/);
    assert.equal(problem(secret, grant('Gateway')), undefined);
  });
});

describe('Gateway API routes', () => {
  const web = '{ name: web, port: 80, protocol: HTTP, hostname: "*.test" }';
  const open = '{ name: web, port: 80, protocol: HTTP, allowedRoutes: { namespaces: { from: All } } }';

  it('attach where namespace, section, port and hostname fit (GAPI-11, GAPI-15, GAPI-16)', () => {
    const refused = (spec: string, namespace = 'shop'): string | undefined => {
      const mesh = meshOf(door(web), object('HTTPRoute', 'r', `{ ${spec}, rules: [{ ${TO_WEB} }] }`, namespace));
      return attachmentsOf(mesh, mesh.of('HTTPRoute')[0]!).refused[0]?.because;
    };
    assert.equal(refused('parentRefs: [{ name: door }], hostnames: [a.test, b.other]'), undefined);
    assert.match(refused('parentRefs: [{ name: door, sectionName: other }]')!, /asks for other/);
    assert.match(refused('parentRefs: [{ name: door, port: 81 }]')!, /on port 80/);
    assert.match(refused('parentRefs: [{ name: door }], hostnames: [b.other]')!, /no hostname of the route fits/);
    assert.match(refused('parentRefs: [{ name: door, namespace: shop }]', 'far')!, /no routes of namespace far/);
    assert.match(refused('parentRefs: [{ name: gone }]')!, /no listener that Istio serves/);
  });

  it('leave hostnames to a more specific listener (GAPI-17)', () => {
    const both =
      '{ name: any, port: 80, protocol: HTTP }, { name: east, port: 80, protocol: HTTP, hostname: "*.east.test" }';
    const route = object(
      'HTTPRoute',
      'r',
      `{ parentRefs: [{ name: door, sectionName: any }], hostnames: [a.east.test, a.west.test], rules: [{ ${TO_WEB} }] }`,
    );
    assert.deepEqual(table('http.80', door(both), route), ['a.west.test: shop.r.0']);
  });

  it('of one hostname are merged over namespaces and sorted by precedence (HR-1, HR-2)', () => {
    const rule = (path: string, type: string, more = ''): string =>
      `{ matches: [{ path: { type: ${type}, value: "${path}" }${more} }], ${TO_WEB} }`;
    const route = (name: string, namespace: string, rules: string): string =>
      object(
        'HTTPRoute',
        name,
        `{ parentRefs: [{ name: door, namespace: shop }], hostnames: [a.test], rules: [${rules}] }`,
        namespace,
      );
    const found = table(
      'http.80',
      door(open),
      route(
        'one',
        'shop',
        `${rule('/', 'PathPrefix')}, ${rule('/long', 'PathPrefix')}, ${rule('/r.*', 'RegularExpression')}`,
      ),
      route('two', 'far', `${rule('/x', 'Exact')}, ${rule('/long', 'PathPrefix', ', method: GET')}`),
    );
    // the catch-all ends the list: no expression comes to its turn
    assert.deepEqual(found, ['a.test: far.two.0 far.two.1 shop.one.1 shop.one.0']);
  });

  it('keep a share for backends that are missing, and vanish for worse mistakes (HR-8, HR-9)', () => {
    const convert = (rules: string) => {
      const mesh = meshOf(object('HTTPRoute', 'r', `{ parentRefs: [{ name: door }], rules: [${rules}] }`));
      return convertRoute(mesh, mesh.of('HTTPRoute')[0]!, false);
    };
    const hosts = (rules: string): string[] =>
      convert(rules).entries.flatMap((it) => it.route.map((to) => to.destination.host.value));
    assert.deepEqual(hosts('{ backendRefs: [{ name: web, port: 80 }, { name: gone, port: 80 }] }'), [
      'web.shop.svc.cluster.local',
      'gone.shop.svc.cluster.local',
    ]);
    assert.deepEqual(hosts('{ backendRefs: [{ name: web, namespace: far, port: 80 }] }'), ['']);
    assert.match(convert('{ backendRefs: [{ name: web.shop, port: 80 }] }').error!.because, /no name of a Service/);
    assert.match(
      convert(`{ ${TO_WEB} }, { filters: [{ type: ExtensionRef }], ${TO_WEB} }`).error!.because,
      /no filter ExtensionRef/,
    );
    assert.equal(
      convert('{ backendRefs: [{ name: web, port: 80, weight: 0 }] }').entries[0]!.directResponse?.status.value,
      500,
    );
  });

  it('that do not serve a listener are told with their reasons (GAPI-15, GAPI-19, HR-9)', () => {
    const mesh = meshOf(
      door(`${web}, { name: bad, port: 81, protocol: UDP }`),
      object('HTTPRoute', 'far', `{ parentRefs: [{ name: door, namespace: shop }], rules: [{ ${TO_WEB} }] }`, 'far'),
      object('HTTPRoute', 'odd', '{ parentRefs: [{ name: door }], rules: [{ filters: [{ type: ExtensionRef }] }] }'),
    );
    const table = gatewayRoutes(mesh, doorOf(mesh), 'http.80');
    assert.deepEqual(
      table.rejected.map((it) => `${it.name}: ${it.because}`),
      [
        'HTTPRoute far/far: it lets no routes of namespace far attach',
        'HTTPRoute shop/odd: none of its rules counts: Istio has no filter ExtensionRef for a HTTPRoute',
      ],
    );
    const { rejected } = mergedGateways(mesh, doorOf(mesh).pod);
    assert.deepEqual(
      rejected.map((it) => `${it.port} ${it.name}: ${it.because}`),
      ['81 listener bad of Gateway shop/door: Istio has no protocol UDP for listeners'],
    );
  });

  it('become VirtualServices of the mesh for Service parents, one for each port (MESH-6, MESH-10)', () => {
    const parents = (name: string, ref: string): string =>
      object(
        'HTTPRoute',
        name,
        `{ parentRefs: [{ group: "", kind: Service, name: web${ref} }], rules: [{ ${TO_WEB} }] }`,
      );
    const mesh = meshOf(parents('a', ', port: 80'), parents('b', ''), parents('c', ', port: 80'));
    const made = effectiveVirtualServices(mesh).map((it) => `${it.name} ${it.gateways.join()} ${it.http.length}`);
    assert.deepEqual(made, ['shop~80~web.shop.svc.cluster.local mesh 2', 'shop~web.shop.svc.cluster.local mesh 1']);
  });

  it('are tried in an order that contradicts itself nowhere (property of HR-2)', () => {
    const match = fc.record({
      type: fc.constantFrom('Exact', 'PathPrefix', 'RegularExpression'),
      value: fc.constantFrom('/', '/a', '/a/b'),
      method: fc.constantFrom(undefined, 'GET'),
      headers: fc.integer({ min: 0, max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(match, { maxLength: 6 }), (matches) => {
        const text = matches.map((it) => {
          const headers = Array.from({ length: it.headers }, (_, index) => `{ name: h${index}, value: "1" }`).join(
            ', ',
          );
          return `{ path: { type: ${it.type}, value: "${it.value}" }, headers: [${headers}]${it.method ? `, method: ${it.method}` : ''} }`;
        });
        const mesh = meshOf(
          object(
            'HTTPRoute',
            'r',
            `{ parentRefs: [{ name: door }], rules: [{ matches: [${text.join(', ')}], ${TO_WEB} }] }`,
          ),
        );
        const { entries } = convertRoute(mesh, mesh.of('HTTPRoute')[0]!, false);
        const sorted = [...entries].sort(byPrecedence);
        for (const [index, one] of sorted.entries()) {
          for (const later of sorted.slice(index + 1)) assert.ok(byPrecedence(one, later) <= 0);
        }
      }),
      { numRuns: 40 },
    );
  });
});
