import type { Location } from '../base/location.js';
import { embeddedFields } from './embedded-fields.js';
import type { MeshPod } from './pods.js';
import type { MeshSnapshot } from './snapshot.js';

/** What stands in front of a gateway, as far as its proxy is told. */
export interface GatewayTopology {
  /** Proxies whose X-Forwarded headers are believed (NODE-8). */
  readonly trustedProxies: number;
  /** Where it says that connections begin with a PROXY header (NODE-9). */
  readonly proxyProtocol: Location | undefined;
}

/** `gatewayTopology` of the pod's annotation `proxy.istio.io/config`, over that of the mesh's defaultConfig. */
export function gatewayTopologyOf(mesh: MeshSnapshot, pod: MeshPod): GatewayTopology {
  return mesh.remember(`gatewayTopology ${pod.id}`, () => {
    const annotation = pod.template.annotations.get('proxy.istio.io/config');
    const own = annotation && embeddedFields(annotation).fields('gatewayTopology');
    const general = mesh.config.written?.fields('defaultConfig')?.fields('gatewayTopology');
    const proxyProtocol = own?.fields('proxyProtocol')
      ? annotation!.at
      : general?.fields('proxyProtocol') && general.valueAt('proxyProtocol');
    return { trustedProxies: own?.number('numTrustedProxies')?.value ?? mesh.config.numTrustedProxies, proxyProtocol };
  });
}
