import assert from 'node:assert/strict';
import { extensionAssumptions, type ProxySide } from '../../src/core/mesh/extensions.js';
import { buildSnapshot } from '../../src/core/mesh/snapshot.js';
import { parseFixture, workspaceOf } from '../support/fixture.js';

const MESH = `# Who patches whom (IN-13).
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: everywhere, namespace: istio-system }
spec: { configPatches: [{ applyTo: HTTP_FILTER, match: { context: SIDECAR_INBOUND } }] }
---
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: cart, namespace: shop }
spec:
  workloadSelector: { labels: { app: cart } }
  configPatches: [{ applyTo: CLUSTER, match: { context: SIDECAR_OUTBOUND } }, { applyTo: CLUSTER }]
---
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: elsewhere, namespace: bank }
spec: { configPatches: [{ applyTo: HTTP_FILTER }] }
---
apiVersion: extensions.istio.io/v1alpha1
kind: WasmPlugin
metadata: { name: plugin, namespace: shop }
spec: { selector: { matchLabels: { app: till } }, url: oci://example.invalid/plugin }
---
apiVersion: extensions.istio.io/v1alpha1
kind: WasmPlugin
metadata: { name: for-a-gateway, namespace: shop }
spec: { targetRefs: [{ kind: Gateway, group: gateway.networking.k8s.io, name: door }], url: oci://example.invalid/plugin }
---
apiVersion: v1
kind: Pod
metadata: { name: cart, namespace: shop, labels: { app: cart } }
spec: { containers: [{ name: app, image: example.invalid/cart }] }
---
apiVersion: v1
kind: Pod
metadata: { name: till, namespace: shop, labels: { app: till } }
spec: { containers: [{ name: app, image: example.invalid/till }] }
`;

describe('extensions that are known by name only (IN-13)', () => {
  const mesh = buildSnapshot(workspaceOf(parseFixture(MESH)).resources());
  const named = (pod: string, side: ProxySide): string[] =>
    extensionAssumptions(mesh, mesh.pod(pod)!, side).map((it) => it.text.split(' changes')[0]!);

  it('act on the workloads that they select, in the contexts of their patches', () => {
    assert.deepEqual(named('shop/cart', 'inbound'), ['EnvoyFilter istio-system/everywhere', 'EnvoyFilter shop/cart']);
    assert.deepEqual(named('shop/cart', 'outbound'), ['EnvoyFilter shop/cart']);
    assert.deepEqual(named('shop/till', 'inbound'), ['EnvoyFilter istio-system/everywhere', 'WasmPlugin shop/plugin']);
    assert.deepEqual(named('shop/till', 'outbound'), ['WasmPlugin shop/plugin']);
  });
});
