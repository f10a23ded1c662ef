import type { K8sGateway } from '../model/gateway-api.js';
import type { MeshSnapshot } from './snapshot.js';

/** What Istio does with a Gateway API Gateway of a class; `undefined` when the class is another controller's (GAPI-1). */
export type ClassRole = 'istio' | 'remote' | 'waypoint' | 'east-west';

const BY_CONTROLLER: Readonly<Record<string, ClassRole>> = {
  'istio.io/gateway-controller': 'istio',
  'istio.io/unmanaged-gateway': 'remote',
  'istio.io/mesh-controller': 'waypoint',
  'istio.io/eastwest-controller': 'east-west',
};

const BUILT_IN: Readonly<Record<string, ClassRole>> = {
  istio: 'istio',
  'istio-remote': 'remote',
  'istio-waypoint': 'waypoint',
  'istio-east-west': 'east-west',
};

/** Built-in names work without a GatewayClass of theirs. */
export function gatewayClassOf(mesh: MeshSnapshot, it: K8sGateway): ClassRole | undefined {
  const written = mesh.find('GatewayClass', '', it.className.value);
  return written ? BY_CONTROLLER[written.controller?.value ?? ''] : BUILT_IN[it.className.value];
}

/** Whether istiod runs its pods and Service itself (GAPI-2). */
export function isManaged({ addresses }: K8sGateway): boolean {
  return addresses.length === 0 || (addresses.length === 1 && addresses[0]!.type === 'IPAddress');
}
