import assert from 'node:assert/strict';
import { buildSnapshot } from '../../src/core/mesh/snapshot.js';
import type { AppMessage } from '../../src/core/trace/arrival.js';
import { takeRequest, type TakenRequest } from '../../src/core/trace/proxy-headers.js';
import { parseFixture, workspaceOf } from '../support/fixture.js';

const MESH = `# A sidecar and two gateways, one of them behind a proxy that it trusts.
apiVersion: v1
kind: Pod
metadata: { name: cart, namespace: shop }
spec: { serviceAccountName: cart, containers: [{ name: app, image: example.invalid/cart }] }
---
apiVersion: v1
kind: Pod
metadata: { name: door, namespace: shop, annotations: { inject.istio.io/templates: gateway } }
spec: { containers: [{ name: istio-proxy, image: auto }] }
---
apiVersion: v1
kind: Pod
metadata:
  name: back-door
  namespace: shop
  annotations:
    inject.istio.io/templates: gateway
    proxy.istio.io/config: '{ gatewayTopology: { numTrustedProxies: 1 } }'
spec: { containers: [{ name: istio-proxy, image: auto }] }
`;

describe('headers that proxies write (AZ-7, NODE-8, GW-24)', () => {
  const mesh = buildSnapshot(workspaceOf(parseFixture(MESH)).resources());

  function take(pod: string, headers: Record<string, string>, identity?: string): TakenRequest {
    const message: AppMessage = {
      protocol: 'http1',
      method: 'GET',
      authority: 'h',
      path: '/',
      headers,
      scheme: 'http',
    };
    return takeRequest(mesh, mesh.pod(pod)!, message, { peerIp: '203.0.113.9', identity, encrypted: false });
  }

  it('a sidecar believes the right-most forwarded address and appends nothing', () => {
    const { clientIp, message } = take('shop/cart', { 'x-forwarded-for': '192.0.2.1, 198.51.100.7' });
    assert.equal(clientIp, '198.51.100.7');
    assert.deepEqual(message.headers, { 'x-forwarded-for': '192.0.2.1, 198.51.100.7', 'x-forwarded-proto': 'http' });
    assert.equal(take('shop/cart', { 'x-forwarded-for': 'bogus' }).clientIp, '203.0.113.9');
  });

  it('a gateway believes its peer alone, appends it and overwrites what clients say of the scheme', () => {
    const { clientIp, message } = take('shop/door', {
      'x-forwarded-for': '198.51.100.7',
      'x-forwarded-proto': 'https',
    });
    assert.equal(clientIp, '203.0.113.9');
    assert.deepEqual(message.headers, {
      'x-forwarded-for': '198.51.100.7,203.0.113.9',
      'x-forwarded-proto': 'http',
      'x-envoy-external-address': '203.0.113.9',
    });
  });

  it('a gateway behind trusted proxies believes as many', () => {
    const { clientIp, message } = take('shop/back-door', {
      'x-forwarded-for': '198.51.100.7',
      'x-forwarded-proto': 'https',
    });
    assert.equal(clientIp, '198.51.100.7');
    assert.equal(message.headers['x-forwarded-proto'], 'https');
  });

  it('a certificate is claimed by proxies only', () => {
    assert.equal(
      take('shop/cart', { 'x-forwarded-client-cert': 'URI=me' }).message.headers['x-forwarded-client-cert'],
      undefined,
    );
    const proved = take('shop/cart', {}, 'spiffe://cluster.local/ns/a/sa/b').message.headers['x-forwarded-client-cert'];
    assert.equal(proved, 'By=spiffe://cluster.local/ns/shop/sa/cart;URI=spiffe://cluster.local/ns/a/sa/b');
  });
});
