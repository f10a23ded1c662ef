import assert from 'node:assert/strict';
import { istio, outcomesFrom, pod, service, smallMesh } from '../support/small-mesh.js';

const WEB = pod('shop/web', { labels: 'app: web' });
const BACKEND = pod('shop/vault', { labels: 'app: vault, sidecar.istio.io/inject: "false"' });
const SPEAKS_TLS = { apps: [{ pod: 'shop/vault', tlsPorts: [8080] }] };

function policy(name: string, validation: string, section = ''): string {
  const ref = `{group: "", kind: Service, name: vault${section ? `, sectionName: ${section}` : ''}}`;
  return `{apiVersion: gateway.networking.k8s.io/v1, kind: BackendTLSPolicy, metadata: {name: ${name}, namespace: shop}, spec: {targetRefs: [${ref}], validation: {hostname: vault.internal, ${validation}}}}`;
}

const SYSTEM = 'wellKnownCACertificates: System';

describe('BackendTLSPolicy', () => {
  const get = (...documents: string[]): string[] =>
    outcomesFrom(smallMesh([WEB, BACKEND, service('shop/vault'), ...documents], SPEAKS_TLS), 'shop/web', {
      host: 'vault',
    });

  it('makes clients speak TLS to the backend (BTP-1)', () => {
    assert.deepEqual(get(), ['100 % 400']);
    assert.deepEqual(get(policy('p', SYSTEM)), ['100 % delivered shop/vault:8080']);
    assert.deepEqual(get(policy('p', `${SYSTEM}, subjectAltNames: [{type: Hostname, hostname: other}]`)), [
      '100 % 503 UF,URX',
    ]);
  });

  it('may be for one port; a port that does not exist has no effect (BTP-3)', () => {
    assert.deepEqual(get(policy('p', SYSTEM, 'http')), ['100 % delivered shop/vault:8080']);
    assert.deepEqual(get(policy('p', SYSTEM, 'nothing')), ['100 % 400']);
  });

  it('counts by name when several are for the same backend (BTP-3)', () => {
    const strange = policy('a', `${SYSTEM}, subjectAltNames: [{type: Hostname, hostname: other}]`);
    assert.deepEqual(get(policy('b', SYSTEM), strange), ['100 % 503 UF,URX']);
  });

  it('fills what the user’s DestinationRule leaves open (BTP-4, DR-8)', () => {
    const rule = (spec: string): string =>
      istio('DestinationRule', 'shop/vault', `host: vault, trafficPolicy: {${spec}}`);
    assert.deepEqual(get(policy('p', SYSTEM), rule('connectionPool: {tcp: {maxConnections: 9}}')), [
      '100 % delivered shop/vault:8080',
    ]);
    assert.deepEqual(get(policy('p', SYSTEM), rule('tls: {mode: DISABLE}')), ['100 % 400']);
  });
});
