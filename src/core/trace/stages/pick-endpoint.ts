import type { Rejected } from '../../base/explained.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import type { Cluster, ClusterLoadAssignment, LbEndpoint } from '../../xds/config.js';
import { loadAssignment } from '../../xds/endpoints.js';
import type { Proxy } from '../../xds/proxy.js';
import { decision, push } from '../decide.js';
import type { Decision } from '../path.js';
import { hashedEndpoint, hashedPriority, hashText, type HashedRequest } from './hash-request.js';

/** The endpoints that may be picked, with shares that sum to one; none when the cluster has no usable one (DST-5). */
export interface EndpointChoice {
  readonly candidates: readonly Candidate[];
  readonly decision: Decision;
}

export interface Candidate {
  readonly endpoint: LbEndpoint;
  /** None for one that only a retry may meet: a hash led elsewhere. */
  readonly share: number;
}

/** Envoy's choice among a cluster's endpoints: priorities, localities, weights, a hash (CL-4, CL-5, CL-8). */
export function pickEndpoint(
  mesh: MeshSnapshot,
  proxy: Proxy,
  cluster: Cluster,
  request: HashedRequest,
): EndpointChoice {
  const assignment = loadAssignment(mesh, proxy, cluster);
  const candidates = candidatesOf(mesh, cluster, assignment.endpoints, request);
  return { candidates, decision: explain(proxy, cluster, assignment, candidates, hashText(cluster, request)) };
}

/** The endpoints that may be picked; `out` are those that outlier detection took out. */
export function candidatesOf(
  mesh: MeshSnapshot,
  cluster: Cluster,
  endpoints: readonly LbEndpoint[],
  request: HashedRequest,
  out: ReadonlySet<LbEndpoint> = new Set(),
): readonly Candidate[] {
  const usable = (it: LbEndpoint): boolean => it.healthy && !out.has(it);
  const levels = groupBy(endpoints, (it) => it.priority);
  const priorities = [...levels.keys()].sort((a, b) => a - b);
  const loads = loadsOf(priorities.map((it) => healthOf(levels.get(it)!, usable)));
  const text = hashText(cluster, request);
  if (text !== undefined && loads.some((it) => it > 0)) {
    const level = levels.get(priorities[hashedPriority(loads, text)]!)!;
    const members = withinLevel(cluster, level, usable);
    const chosen = hashedEndpoint(mesh, cluster, members, text);
    return members.map(({ endpoint }) => ({ endpoint, share: endpoint === chosen ? 1 : 0 }));
  }
  return priorities.flatMap((priority, index) => {
    const load = loads[index]!;
    return load > 0
      ? withinLevel(cluster, levels.get(priority)!, usable).map((it) => ({ ...it, share: it.share * load }))
      : [];
  });
}

/** A level takes as much as it is healthy, with 40 % to spare (Envoy's overprovisioning factor, in whole percents). */
function healthOf(level: readonly LbEndpoint[], usable: (it: LbEndpoint) => boolean): number {
  return Math.min(100, Math.floor((140 * level.filter(usable).length) / level.length));
}

/** The first level takes what it can, the next one takes of the rest; if all together cannot take everything, they share. */
function loadsOf(health: readonly number[]): number[] {
  const total = Math.min(
    100,
    health.reduce((sum, it) => sum + it, 0),
  );
  if (total === 0) return health.map(() => 0);
  let left = 100;
  const loads = health.map((it) => {
    const load = Math.min(left, Math.floor((it * 100) / total));
    left -= load;
    return load;
  });
  const first = loads.findIndex((it) => it > 0);
  return loads.map((it, index) => (index === first ? it + left : it) / 100); // what rounding left goes to the first
}

function withinLevel(
  cluster: Cluster,
  level: readonly LbEndpoint[],
  usable: (it: LbEndpoint) => boolean,
): readonly Candidate[] {
  if (!cluster.localityWeighted) return byWeight(cluster, level.filter(usable));
  const localities = [...groupBy(level, (it) => it.locality).values()].map((members) => {
    const healthy = members.filter(usable);
    const availability = Math.min(1, (1.4 * healthy.length) / members.length);
    return { healthy, weight: members[0]!.localityWeight * availability };
  });
  const total = localities.reduce((sum, it) => sum + it.weight, 0);
  return localities.flatMap(({ healthy, weight }) =>
    byWeight(cluster, healthy).map((it) => ({ ...it, share: (it.share * weight) / total })),
  );
}

function byWeight(cluster: Cluster, endpoints: readonly LbEndpoint[]): readonly Candidate[] {
  // RANDOM knows no weights
  const weigh = (it: LbEndpoint): number => (cluster.loadBalancer === 'RANDOM' ? 1 : it.weight);
  const total = endpoints.reduce((sum, it) => sum + weigh(it), 0);
  return endpoints.map((endpoint) => ({ endpoint, share: weigh(endpoint) / total }));
}

function explain(
  proxy: Proxy,
  cluster: Cluster,
  assignment: ClusterLoadAssignment,
  candidates: readonly Candidate[],
  hashed: string | undefined,
): Decision {
  const found = candidates.length > 0;
  const ids = [...new Set(candidates.flatMap((it) => (it.share > 0 ? [it.endpoint.id] : [])))].sort();
  const unready = assignment.endpoints.filter((it) => !it.healthy);
  const chosen = new Set(candidates.map((it) => it.endpoint));
  const later = assignment.endpoints.filter((it) => it.healthy && !chosen.has(it));
  const rejected: Rejected[] = [
    ...assignment.rejected,
    ...unready.map((it) => ({ name: it.id, because: 'it is not ready', evidence: it.evidence })),
    ...later.map((it) => ({
      name: it.id,
      because: `its locality ${it.locality || 'unknown'} has priority ${it.priority}: it is used when nearer ones fail`,
      evidence: it.evidence,
    })),
  ];
  const localized = cluster.localityWeighted || assignment.endpoints.some((it) => it.priority > 0);
  return decision('pick endpoint', {
    chose: found ? `${ids.length > 1 ? 'one of ' : ''}${ids.join(', ')}` : `no endpoint of ${cluster.name}`,
    because: found ? howPicked(cluster, localized, hashed) : whyNone(cluster, assignment),
    rules: found
      ? ['CL-4', ...assignment.rules, ...(unready.length > 0 ? ['EP-3', 'CL-8'] : [])]
      : ['DST-5', 'FAIL-3', ...assignment.rules],
    evidence: [
      cluster.hash && ('at' in cluster.hash ? cluster.hash.at : cluster.hash.name.at),
      ...assignment.evidence,
      ...(found ? [] : cluster.evidence),
    ],
    rejected,
    calls: [push(cluster.type === 'EDS' ? 'EDS' : 'CDS', proxy.name, `endpoints of ${cluster.name}`)],
    assumptions: assignment.assumptions,
    byDefault: found ? `the balancer ${cluster.loadBalancer}` : 'a cluster without endpoints answers nothing',
    state: found ? 'ok' : 'broken',
  });
}

function howPicked(cluster: Cluster, localized: boolean, hashed: string | undefined): string {
  const near = localized ? ', nearer localities first' : '';
  if (cluster.hash) {
    return hashed === undefined
      ? `The request has not what the hash looks at, so that any endpoint will do${near}`
      : `The hash of "${hashed}" leads here; requests with the same one meet the same endpoint${near}`;
  }
  if (cluster.loadBalancer === 'LEAST_REQUEST') {
    return `Envoy takes two at random and uses the one with fewer requests under way${near}`;
  }
  return `Envoy picks by ${cluster.loadBalancer}${near}`;
}

function whyNone(cluster: Cluster, assignment: ClusterLoadAssignment): string {
  if (assignment.endpoints.length > 0) return `None of the ${assignment.endpoints.length} endpoints is ready`;
  if (cluster.name === 'BlackHoleCluster')
    return 'The mesh forbids destinations that it does not know: their cluster has no endpoint';
  if (cluster.subset !== '' && assignment.rejected.length > 0) {
    return `No pod has the labels of subset ${cluster.subset} (${assignment.rejected.length} have others)`;
  }
  return assignment.rejected.length > 0
    ? `All ${assignment.rejected.length} endpoints are left out`
    : `Nothing is behind ${cluster.host} on port ${cluster.servicePort}`;
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const result = new Map<K, T[]>();
  for (const it of items) {
    const group = result.get(keyOf(it));
    if (group) group.push(it);
    else result.set(keyOf(it), [it]);
  }
  return result;
}
