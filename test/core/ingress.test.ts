import assert from 'node:assert/strict';
import { ingressVerdict } from '../../src/core/mesh/ingress.js';
import { buildSnapshot, type MeshSnapshot } from '../../src/core/mesh/snapshot.js';
import { Workspace } from '../../src/core/mesh/workspace.js';
import { gatewayListeners } from '../../src/core/xds/gateway-listeners.js';
import { gatewayRoutes } from '../../src/core/xds/gateway-routes.js';
import { proxyOf } from '../../src/core/xds/proxy.js';
import { gateway, TO_WEB, virtualService } from '../support/gateways.js';

/** An Ingress of namespace `shop` with the given spec in flow style. */
function ingress(name: string, spec: string, more = '', className = 'ours'): string {
  return `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: ${name}, namespace: shop${more} }
spec: { ingressClassName: ${className}, ${spec} }
`;
}

const CLASS = `apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: ours }
spec: { controller: istio.io/ingress-controller }
`;

const SERVICE = `apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: web }, ports: [{ name: http, port: 80 }, { name: admin, port: 81 }] }
`;

const path = (text: string, type: string, port = 'number: 80'): string =>
  `{ path: "${text}", pathType: ${type}, backend: { service: { name: web, port: { ${port} } } } }`;

function meshOf(...documents: readonly string[]): MeshSnapshot {
  const workspace = new Workspace();
  workspace.setFile('file:///mesh.yaml', [CLASS, SERVICE, ...documents].join('---\n'));
  return buildSnapshot(workspace.resources());
}

/** `host: path → port` for each route of the plaintext table, in Envoy's order. */
function table(...documents: readonly string[]): string[] {
  const mesh = meshOf(...documents);
  const proxy = proxyOf(mesh.podsOf('istio-system/istio-ingressgateway')[0]!)!;
  return gatewayRoutes(mesh, proxy, 'http.8080').virtualHosts.flatMap((it) =>
    it.routes.map(({ match, action }) => {
      const uri = match?.uri && 'value' in match.uri ? match.uri.value : '';
      const shown =
        match?.pathSegments === undefined ? `${match?.uri?.type ?? 'any'} ${uri}` : `below ${match.pathSegments}`;
      const to =
        action.kind === 'clusters'
          ? action.clusters.map((cluster) => cluster.cluster.split('|')[1]).join()
          : action.kind;
      return `${it.domains.join(' ')}: ${shown} → ${to}`;
    }),
  );
}

describe('Ingresses', () => {
  it('are Istio’s by annotation, by an IngressClass that exists, and else by the mesh’s mode (ING-2)', () => {
    const verdict = (more = '', className = 'ours', ...others: readonly string[]): boolean => {
      const mesh = meshOf(ingress('i', 'rules: []', more, className), ...others);
      return ingressVerdict(mesh, mesh.of('Ingress')[0]!).taken;
    };
    assert.equal(verdict(), true);
    assert.equal(verdict('', 'gone'), false);
    assert.equal(verdict('', 'gone', 'ingressControllerMode: DEFAULT\n'), true);
    assert.equal(verdict(', annotations: { kubernetes.io/ingress.class: istio }', 'gone'), true);
    assert.equal(verdict(', annotations: { kubernetes.io/ingress.class: nginx }'), false);
    assert.equal(verdict('', 'ours', 'ingressControllerMode: "OFF"\n'), false);
  });

  it('listen on 80 for any host and on 443 for each tls item with a secret (ING-3)', () => {
    const mesh = meshOf(ingress('i', 'tls: [{ hosts: [a.test], secretName: cert }, { hosts: [b.test] }], rules: []'));
    const proxy = proxyOf(mesh.podsOf('istio-system/istio-ingressgateway')[0]!)!;
    const found = gatewayListeners(mesh, proxy).listeners.map(
      (it) => `${it.name} ${it.chains.map((chain) => chain.match.sni ?? 'any').join()}`,
    );
    assert.deepEqual(found, ['0.0.0.0_8443 a.test', '0.0.0.0_8080 any']);
  });

  it('have whole path segments, stars and exact paths as the types say (ING-9)', () => {
    const paths = [
      path('/p/', 'Prefix'),
      path('/e', 'Exact', 'number: 81'),
      path('/star/*', 'ImplementationSpecific'),
      path('/dot.*', 'ImplementationSpecific'),
      path('/own', 'ImplementationSpecific'),
      path('*', 'ImplementationSpecific', 'number: 81'),
    ];
    assert.deepEqual(table(ingress('i', `rules: [{ host: a.test, http: { paths: [${paths.join(', ')}] } }]`)), [
      'a.test: below /star → 80',
      'a.test: exact /own → 80',
      'a.test: below /dot → 80',
      'a.test: below /p → 80',
      'a.test: exact /e → 81',
      'a.test: any  → 81',
    ]);
  });

  it('of one host share a VirtualService, longer paths first, exact ones before prefixes (ING-6, ING-10)', () => {
    const older = ingress(
      'a',
      `rules: [{ host: a.test, http: { paths: [${path('/foo', 'Prefix')}, ${path('/foo', 'Exact', 'number: 81')}] } }]`,
    );
    const newer = ingress('b', `rules: [{ host: a.test, http: { paths: [${path('/foo/', 'Prefix')}] } }]`);
    assert.deepEqual(table(newer, older), [
      'a.test: below /foo → 80',
      'a.test: exact /foo → 81',
      'a.test: below /foo → 80',
    ]);
  });

  it('name ports that the Service has, or lose the path; a default backend is not used (ING-5, ING-11)', () => {
    const paths = `${path('/a', 'Prefix', 'name: admin')}, ${path('/b', 'Prefix', 'name: gone')}`;
    const backend = 'defaultBackend: { service: { name: web, port: { number: 80 } } }';
    assert.deepEqual(table(ingress('i', `${backend}, rules: [{ http: { paths: [${paths}] } }]`)), ['*: below /a → 81']);
  });

  it('come before what others wrote for the same host (ING-8)', () => {
    const found = table(
      gateway('g', [{ port: 80, protocol: 'HTTP' }]),
      virtualService(
        'a',
        `{ hosts: [a.test], gateways: [g], http: [{ name: vs, match: [{ uri: { prefix: /x } }], ${TO_WEB} }] }`,
      ),
      ingress('z', `rules: [{ host: a.test, http: { paths: [${path('/x', 'Exact', 'number: 81')}] } }]`),
    );
    assert.deepEqual(found, ['a.test: exact /x → 81', 'a.test: prefix /x → 80']);
  });
});
