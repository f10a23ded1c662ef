import type { Location } from '../base/location.js';
import type { Resource } from '../model/resources.js';
import { gatewayRefusal } from './refused-gateway.js';
import { authorizationPolicyRefusal } from './refused-authorization.js';
import { peerAuthenticationRefusal, requestAuthenticationRefusal } from './refused-security.js';

/** Why the API server or Istio's webhook would not take an object. */
export interface Refusal {
  readonly at: Location;
  readonly because: string;
  /** Ids of the rules of the semantics. */
  readonly rules: readonly string[];
}

/** What is refused does not exist for the mesh (GEN-10, META-4); `undefined` for objects that are taken. */
export function refusalOf(resource: Resource): Refusal | undefined {
  const wrong = resource.problems[0];
  if (wrong && resource.kind !== 'ConfigMap' && resource.kind !== 'Other' && resource.kind !== 'MeshConfig') {
    return { at: wrong.at, because: `must be ${wrong.expected}, is ${wrong.found}`, rules: ['GEN-10'] };
  }
  if (resource.kind === 'IstioGateway') return gatewayRefusal(resource);
  if (resource.kind === 'PeerAuthentication') return peerAuthenticationRefusal(resource);
  if (resource.kind === 'RequestAuthentication') return requestAuthenticationRefusal(resource);
  if (resource.kind === 'AuthorizationPolicy') return authorizationPolicyRefusal(resource);
  return undefined;
}
