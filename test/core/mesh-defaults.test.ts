import assert from 'node:assert/strict';
import { outboundListeners, virtualOutbound } from '../../src/core/xds/outbound-listeners.js';
import { meshConfigOf } from '../../src/core/model/mesh-config.js';
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
