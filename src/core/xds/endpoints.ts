import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { Cluster, ClusterLoadAssignment } from './config.js';
import type { Proxy } from './proxy.js';

/** The endpoints that a proxy has for a cluster, with those that were left out (section 7 of the semantics). */
export function loadAssignment(_mesh: MeshSnapshot, _proxy: Proxy, cluster: Cluster): ClusterLoadAssignment {
  return { cluster: cluster.name, endpoints: [], evidence: [], rejected: [], rules: ['EP-1'], assumptions: [] };
}
