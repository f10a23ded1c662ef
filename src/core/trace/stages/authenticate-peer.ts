import { peerModeOf } from '../../mesh/policies.js';
import type { MeshPod } from '../../mesh/pods.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import type { FilterChain } from '../../xds/config.js';
import { nameOf } from '../../xds/proxy.js';
import type { Arrival } from '../arrival.js';
import { decision } from '../decide.js';
import type { Decision } from '../path.js';

export interface PeerResult {
  readonly decision: Decision;
  /** The identity that the client proved. */
  readonly identity: string | undefined;
  readonly failed: boolean;
}

/** The handshake at a chosen chain: one that takes off mesh TLS wants a certificate of the mesh (IN-6, TLS-5, FAIL-13). */
export function authenticatePeer(
  mesh: MeshSnapshot,
  pod: MeshPod,
  chain: FilterChain,
  { tls, port }: Arrival,
): PeerResult {
  const mode = peerModeOf(mesh, pod, port);
  const common = {
    evidence: mode.evidence,
    rejected: mode.rejected,
    assumptions: mode.assumptions,
    ...(mode.evidence.length > 0 ? {} : { byDefault: 'PERMISSIVE, as no PeerAuthentication says otherwise' }),
  };
  if (!chain.tls) {
    const made = decision('authenticate peer', {
      ...common,
      chose: 'no identity',
      because: `${mode.value}: what arrives is taken as it is`,
      rules: ['IN-6', ...mode.rules],
    });
    return { decision: made, identity: undefined, failed: false };
  }
  const calls = [{ kind: 'SDS', from: 'istio-agent', to: `Envoy ${nameOf(pod)}`, what: 'default, ROOTCA' } as const];
  if (tls.kind === 'mesh') {
    const made = decision('authenticate peer', {
      ...common,
      chose: tls.identity,
      because: `${mode.value}: mutual TLS, both certificates come from the mesh`,
      rules: ['IN-6', 'TLS-5', ...mode.rules],
      calls,
    });
    return { decision: made, identity: tls.identity, failed: false };
  }
  const made = decision('authenticate peer', {
    ...common,
    chose: 'handshake refused',
    because: `${mode.value} wants a certificate of the mesh, and the client shows none`,
    rules: ['IN-6', 'FAIL-13', ...mode.rules],
    calls,
    state: 'broken',
  });
  return { decision: made, identity: undefined, failed: true };
}
