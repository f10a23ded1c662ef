import type { Explained } from '../base/explained.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { Cluster } from './config.js';
import type { Proxy } from './proxy.js';

/**
 * The cluster of a name, as pushed to a proxy (CL-1). Where there is none, `rejected` says what is in the way: an unknown host,
 * one that is hidden, a port or subset that is not defined, a DNS cluster without endpoints.
 */
export function findCluster(_mesh: MeshSnapshot, _proxy: Proxy, _name: string): Explained<Cluster | undefined> {
  return { value: undefined, evidence: [], rejected: [], rules: ['CL-1'], assumptions: [] };
}

/** All outbound clusters of a proxy, in the order of its services. */
export function clustersOf(_mesh: MeshSnapshot, _proxy: Proxy): readonly Cluster[] {
  return [];
}
