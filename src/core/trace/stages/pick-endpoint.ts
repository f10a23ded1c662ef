import type { MeshSnapshot } from '../../mesh/snapshot.js';
import type { Cluster, LbEndpoint } from '../../xds/config.js';
import type { Proxy } from '../../xds/proxy.js';
import type { AppMessage } from '../arrival.js';
import type { Decision } from '../path.js';

/** The endpoints that may be picked, with shares that sum to one; none when the cluster has no usable one (DST-5). */
export interface EndpointChoice {
  readonly candidates: readonly { readonly endpoint: LbEndpoint; readonly share: number }[];
  readonly decision: Decision;
}

/** Envoy's choice among a cluster's endpoints: priorities, localities, weights (CL-4, CL-5, CL-8). */
export function pickEndpoint(
  _mesh: MeshSnapshot,
  _proxy: Proxy,
  cluster: Cluster,
  _message: AppMessage,
): EndpointChoice {
  return {
    candidates: [],
    decision: {
      stage: 'pick endpoint',
      chose: 'no endpoint',
      because: `${cluster.name} has none`,
      rules: ['DST-5'],
      evidence: cluster.evidence,
      byDefault: 'a cluster without endpoints answers nothing',
      rejected: [],
      calls: [],
      assumptions: [],
      effects: [],
      state: 'broken',
    },
  };
}
