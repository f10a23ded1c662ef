import assert from 'node:assert/strict';
import type { MeshSnapshot } from '../../src/core/mesh/snapshot.js';
import { clustersOf, findCluster } from '../../src/core/xds/clusters.js';
import { loadAssignment } from '../../src/core/xds/endpoints.js';
import { istio, node, pod, proxyIn, service, smallMesh } from '../support/small-mesh.js';

const WEB = pod('shop/web', { labels: 'app: web', ip: '10.0.0.1', node: 'n1' });
const CART = [
  service('shop/cart'),
  pod('shop/cart-a', { labels: 'app: cart, v: a', ip: '10.0.0.11' }),
  pod('shop/cart-b', { labels: 'app: cart, v: b', ip: '10.0.0.12' }),
];
const NAME = 'outbound|80||cart.shop.svc.cluster.local';

/** `EDS LEAST_REQUEST auto`, or why there is no such cluster. */
function cluster(mesh: MeshSnapshot, name = NAME, from = 'shop/web'): string {
  const { value, rejected } = findCluster(mesh, proxyIn(mesh, from), name);
  if (value) return `${value.type} ${value.loadBalancer} ${value.tls.mode}`;
  return rejected.map((it) => `${it.name}: ${it.because}`).join('; ');
}

function endpoints(mesh: MeshSnapshot, name = NAME, from = 'shop/web'): string[] {
  const proxy = proxyIn(mesh, from);
  const found = findCluster(mesh, proxy, name).value!;
  return loadAssignment(mesh, proxy, found).endpoints.map((it) =>
    [
      it.id,
      ...(it.healthy ? [] : ['unready']),
      ...(it.mutual ? ['mTLS'] : []),
      ...(it.priority ? [it.priority] : []),
    ].join(' '),
  );
}

describe('a cluster', () => {
  it('exists for each port of a service and each subset, and for what is not known (CL-1)', () => {
    const mesh = smallMesh([WEB, ...CART, istio('DestinationRule', 'shop/cart', 'host: cart, subsets: [{name: a}]')]);
    assert.deepEqual(
      clustersOf(mesh, proxyIn(mesh, 'shop/web')).map((it) => it.name),
      [
        NAME,
        'outbound|80|a|cart.shop.svc.cluster.local',
        'outbound|9000||cart.shop.svc.cluster.local',
        'outbound|9000|a|cart.shop.svc.cluster.local',
        'BlackHoleCluster',
        'PassthroughCluster',
      ],
    );
  });

  it('is of a type that follows from how the service is resolved (CL-2)', () => {
    const entry = (resolution: string): string =>
      istio(
        'ServiceEntry',
        'shop/ext',
        `hosts: [a.example.com], resolution: ${resolution}, ports: [{number: 80, name: http, protocol: HTTP}]`,
      );
    const type = (resolution: string): string =>
      cluster(smallMesh([WEB, entry(resolution)]), 'outbound|80||a.example.com');
    assert.equal(type('STATIC'), 'EDS LEAST_REQUEST none');
    assert.equal(type('DNS'), 'STRICT_DNS LEAST_REQUEST none');
    assert.equal(type('DNS_ROUND_ROBIN'), 'LOGICAL_DNS LEAST_REQUEST none');
    assert.equal(type('NONE'), 'ORIGINAL_DST CLUSTER_PROVIDED none');
    const headless = smallMesh([WEB, ...CART.slice(1), service('shop/cart', 'clusterIP: None')]);
    assert.equal(cluster(headless), 'ORIGINAL_DST CLUSTER_PROVIDED istio-mutual');
  });

  it('says what is in the way where there is none (DST-4)', () => {
    const mesh = smallMesh([
      WEB,
      ...CART,
      `{apiVersion: v1, kind: Service, metadata: {name: hidden, namespace: bank, annotations: {networking.istio.io/exportTo: .}}, spec: {ports: [{name: http, port: 80}]}}`,
      istio('DestinationRule', 'shop/cart', 'host: cart, subsets: [{name: a}]'),
    ]);
    assert.match(
      cluster(mesh, 'outbound|80||card.shop.svc.cluster.local'),
      /no Service and no ServiceEntry defines this host/,
    );
    assert.match(
      cluster(mesh, 'outbound|80||cart.shop'),
      /Service shop\/cart: its host is .*: a name with a dot is taken as it is written/,
    );
    assert.equal(
      cluster(mesh, 'outbound|81||cart.shop.svc.cluster.local'),
      'Service shop/cart: it has ports 80, 9000, not 81',
    );
    assert.match(
      cluster(mesh, 'outbound|80|b|cart.shop.svc.cluster.local'),
      /^subset b: the DestinationRule of cart\.shop\.svc\.cluster\.local lacks it: it defines a/,
    );
    assert.equal(
      cluster(mesh, 'outbound|80||hidden.bank.svc.cluster.local'),
      'Service bank/hidden: it is not exported to shop',
    );
  });

  it('is missing for DNS services without endpoints, and for their subsets that select none (CL-3)', () => {
    const mesh = smallMesh([
      WEB,
      istio(
        'ServiceEntry',
        'shop/ext',
        'hosts: [a.example.com], resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}], endpoints: [{address: x.example.org, labels: {v: a}}]',
      ),
      istio(
        'ServiceEntry',
        'shop/none',
        'hosts: [b.example.com], resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}], workloadSelector: {labels: {app: nobody}}',
      ),
      istio(
        'DestinationRule',
        'shop/ext',
        'host: a.example.com, subsets: [{name: a, labels: {v: a}}, {name: z, labels: {v: z}}]',
      ),
    ]);
    assert.match(cluster(mesh, 'outbound|80|a|a.example.com'), /^STRICT_DNS/);
    assert.match(cluster(mesh, 'outbound|80|z|a.example.com'), /DNS services have no empty clusters/);
    assert.match(cluster(mesh, 'outbound|80||b.example.com'), /DNS services without endpoints have no cluster/);
  });

  it('is there for a VirtualService’s destination that the Sidecar does not import (SCO-5)', () => {
    const mesh = smallMesh([
      WEB,
      ...CART,
      service('bank/api'),
      istio('Sidecar', 'shop/own', 'egress: [{hosts: ["./*"]}]'),
      istio(
        'VirtualService',
        'shop/cart',
        'hosts: [cart], http: [{route: [{destination: {host: api.bank.svc.cluster.local, port: {number: 80}}}]}]',
      ),
    ]);
    assert.match(cluster(mesh, 'outbound|80||api.bank.svc.cluster.local'), /^EDS/);
    assert.match(cluster(mesh, 'outbound|9000||api.bank.svc.cluster.local'), /port 9000 is not imported/);
  });
});

describe('TLS to a cluster', () => {
  const tls = (spec: string, ...more: string[]): string =>
    cluster(
      smallMesh([WEB, ...CART, istio('DestinationRule', 'shop/cart', `host: cart, trafficPolicy: {${spec}}`), ...more]),
    ).split(' ')[2]!;

  it('is what the rule says (TLS-1)', () => {
    assert.equal(tls('tls: {mode: DISABLE}'), 'none');
    assert.equal(tls('tls: {mode: ISTIO_MUTUAL}'), 'istio-mutual');
    assert.equal(tls('tls: {mode: SIMPLE}'), 'simple');
    assert.equal(
      tls('tls: {mode: SIMPLE, credentialName: secret}'),
      'none',
      'a sidecar heeds no credential without selector',
    );
  });

  it('is decided for each endpoint where nothing is said (TLS-2)', () => {
    const mesh = smallMesh([
      WEB,
      ...CART,
      pod('shop/old', { labels: 'app: cart, sidecar.istio.io/inject: "false"', ip: '10.0.0.13' }),
      istio('PeerAuthentication', 'shop/b', 'selector: {matchLabels: {v: b}}, mtls: {mode: DISABLE}'),
    ]);
    assert.deepEqual(endpoints(mesh), ['shop/cart-a:8080 mTLS', 'shop/cart-b:8080', 'shop/old:8080']);
  });

  it('is off when the namespace’s policy disables it, whatever a workload’s says (TLS-2)', () => {
    const disabled = istio('PeerAuthentication', 'shop/default', 'mtls: {mode: DISABLE}');
    assert.equal(tls('loadBalancer: {simple: RANDOM}', disabled), 'none');
  });

  it('is all or nothing for headless services (TLS-3)', () => {
    const headless = service('shop/cart', 'clusterIP: None');
    const old = pod('shop/old', { labels: 'app: cart, sidecar.istio.io/inject: "false"' });
    assert.match(cluster(smallMesh([WEB, ...CART.slice(1), headless])), /istio-mutual$/);
    assert.match(cluster(smallMesh([WEB, ...CART.slice(1), headless, old])), /none$/);
  });

  it('still goes by the top level for endpoints of a port whose entry has none (TLS-4)', () => {
    const mesh = smallMesh([
      WEB,
      ...CART,
      istio(
        'DestinationRule',
        'shop/cart',
        'host: cart, trafficPolicy: {tls: {mode: DISABLE}, portLevelSettings: [{port: {number: 80}, loadBalancer: {simple: RANDOM}}]}',
      ),
    ]);
    assert.equal(cluster(mesh), 'EDS RANDOM auto');
    assert.deepEqual(endpoints(mesh), ['shop/cart-a:8080', 'shop/cart-b:8080']);
  });
});

describe('the endpoints of a cluster', () => {
  it('leave out other subsets; unready ones are sent but not used (DR-7, EP-3)', () => {
    const mesh = smallMesh([
      WEB,
      ...CART,
      pod('shop/cart-c', { labels: 'app: cart, v: a', ip: '10.0.0.13', ready: false }),
      istio('DestinationRule', 'shop/cart', 'host: cart, subsets: [{name: a, labels: {v: a}}]'),
    ]);
    const name = 'outbound|80|a|cart.shop.svc.cluster.local';
    assert.deepEqual(endpoints(mesh, name), ['shop/cart-a:8080 mTLS', 'shop/cart-c:8080 unready mTLS']);
    const proxy = proxyIn(mesh, 'shop/web');
    const { rejected } = loadAssignment(mesh, proxy, findCluster(mesh, proxy, name).value!);
    assert.deepEqual(
      rejected.map((it) => `${it.name} ${it.because}`),
      ['shop/cart-b:8080 its labels lack v=a'],
    );
  });

  it('are shared by all definitions of the host in one namespace, by the name of the port', () => {
    const entry = (name: string, address: string): string =>
      istio(
        'ServiceEntry',
        `shop/${name}`,
        `hosts: [a.example.com], resolution: STATIC, ports: [{number: 80, name: http, protocol: HTTP}], endpoints: [{address: ${address}}]`,
      );
    const mesh = smallMesh([WEB, entry('one', '192.0.2.1'), entry('two', '192.0.2.2')]);
    assert.deepEqual(endpoints(mesh, 'outbound|80||a.example.com'), ['192.0.2.1:80', '192.0.2.2:80']);
  });

  const NODES = [node('n1', 'ra', 'za'), node('n2', 'ra', 'zb'), node('n3', 'rb', 'za')];
  const spread = ['n1', 'n2', 'n3'].map((it, index) =>
    pod(`shop/cart-${it}`, { labels: 'app: cart', node: it, ip: `10.0.1.${index + 1}` }),
  );
  const located = (policy: string): string[] =>
    endpoints(
      smallMesh([
        WEB,
        ...NODES,
        ...spread,
        service('shop/cart'),
        istio('DestinationRule', 'shop/cart', `host: cart, trafficPolicy: {${policy}}`),
      ]),
    ).map((it) => it.replace(' mTLS', ''));

  it('have priorities by locality only with outlierDetection (CL-5)', () => {
    assert.deepEqual(located('loadBalancer: {simple: RANDOM}'), [
      'shop/cart-n1:8080',
      'shop/cart-n2:8080',
      'shop/cart-n3:8080',
    ]);
    assert.deepEqual(located('outlierDetection: {}'), [
      'shop/cart-n1:8080',
      'shop/cart-n2:8080 1',
      'shop/cart-n3:8080 2',
    ]);
  });

  it('are those of the localities that distribute lists (CL-5)', () => {
    const to = (text: string): string[] =>
      located(`loadBalancer: {localityLbSetting: {distribute: [{from: "ra/*", to: {${text}}}]}}`);
    assert.deepEqual(to('"rb/*": 100'), ['shop/cart-n3:8080']);
    assert.deepEqual(to('"rx/*": 100'), []);
  });

  it('of other regions come later with zoneAwareLbSetting, without outlierDetection (CL-5)', () => {
    assert.deepEqual(located('loadBalancer: {zoneAwareLbSetting: {enabled: true}}'), [
      'shop/cart-n1:8080',
      'shop/cart-n2:8080',
      'shop/cart-n3:8080 1',
    ]);
  });

  it('are preferred by zone where the Service asks for it, without outlierDetection (EP-8)', () => {
    const mesh = smallMesh([WEB, ...NODES, ...spread, service('shop/cart', 'trafficDistribution: PreferClose')]);
    assert.deepEqual(endpoints(mesh), [
      'shop/cart-n1:8080 mTLS',
      'shop/cart-n2:8080 mTLS 1',
      'shop/cart-n3:8080 mTLS 2',
    ]);
  });

  it('are those of the client’s node with internalTrafficPolicy Local (EP-4)', () => {
    const mesh = smallMesh([WEB, ...NODES, ...spread, service('shop/cart', 'internalTrafficPolicy: Local')]);
    assert.deepEqual(endpoints(mesh), ['shop/cart-n1:8080 mTLS']);
  });
});
