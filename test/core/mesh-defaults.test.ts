import assert from 'node:assert/strict';
import { outboundListeners, virtualOutbound } from '../../src/core/xds/outbound-listeners.js';
import { meshConfigOf } from '../../src/core/model/mesh-config.js';
import { buildSnapshot } from '../../src/core/mesh/snapshot.js';
import { Workspace } from '../../src/core/mesh/workspace.js';
import { pod, proxyIn, smallMesh } from '../support/small-mesh.js';

describe('a mesh without MeshConfig (GEN-1)', () => {
  const config = meshConfigOf(undefined);

  it('has Istio’s defaults', () => {
    assert.deepEqual(
      {
        trustDomain: config.trustDomain,
        rootNamespace: config.rootNamespace,
        connectTimeout: config.connectTimeout,
        outboundTrafficPolicy: config.outboundTrafficPolicy.value,
        inboundLocalhost: config.inboundTrafficPolicyLocalhost,
        enableAutoMtls: config.enableAutoMtls,
        dnsCapture: config.dnsCapture,
        pathNormalization: config.pathNormalization,
      },
      {
        trustDomain: 'cluster.local',
        rootNamespace: 'istio-system',
        connectTimeout: 10,
        outboundTrafficPolicy: 'ALLOW_ANY',
        inboundLocalhost: false,
        enableAutoMtls: true,
        dnsCapture: false,
        pathNormalization: 'BASE',
      },
    );
  });

  it('exports everything to everybody', () => {
    assert.deepEqual(config.defaultServiceExportTo, ['*']);
    assert.deepEqual(config.defaultVirtualServiceExportTo, ['*']);
    assert.deepEqual(config.defaultDestinationRuleExportTo, ['*']);
  });

  it('takes outbound traffic in on 15001', () => {
    const mesh = smallMesh([pod('shop/web')]);
    const proxy = proxyIn(mesh, 'shop/web');
    assert.equal(virtualOutbound(mesh, proxy).port, 15001);
    assert.equal(outboundListeners(mesh, proxy, 15001).size, 0);
  });
});

describe('MeshConfig in a ConfigMap', () => {
  it('is the place of all that it says, since its lines are lines of a string', () => {
    const mesh = 'outboundTrafficPolicy: {mode: REGISTRY_ONLY}, enableAutoMtls: false';
    const text = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata: {mesh: "{${mesh}}"}\n`;
    const workspace = new Workspace();
    workspace.setFile('file:///config.yaml', text);
    const { config } = buildSnapshot(workspace.resources());
    assert.equal(config.outboundTrafficPolicy.value, 'REGISTRY_ONLY');
    for (const at of [config.at!, config.outboundTrafficPolicy.at, config.written!.keyAt('enableAutoMtls')])
      assert.equal(workspace.textAt(at), `{${mesh}}`);
  });
});
