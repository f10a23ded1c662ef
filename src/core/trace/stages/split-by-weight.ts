import type { Route, RouteAction, WeightedCluster } from '../../xds/config.js';
import { decision } from '../decide.js';
import type { Decision } from '../path.js';

export type ClusterAction = Extract<RouteAction, { kind: 'clusters' }>;

/** One of a route's clusters, with its part of the requests (DST-6). */
export interface Split {
  readonly share: number;
  /** `90 % → outbound|80|v1|...`; empty when there is only one. */
  readonly label: string;
  readonly cluster: WeightedCluster;
  readonly decision: Decision;
}

/** Every request draws its cluster anew, whatever connection it came on; a lone cluster gets all (DST-6). */
export function splitByWeight(route: Route, action: ClusterAction): Split[] {
  const several = action.clusters.length > 1;
  return action.clusters.map((cluster) => {
    const label = several ? `${percent(cluster.weight)} → ${cluster.cluster}` : '';
    const evidence = cluster.evidence.length > 0 ? cluster.evidence : route.evidence;
    const said = decision('split by weight', {
      chose: several ? label : cluster.cluster,
      because: several
        ? `The route splits requests over ${action.clusters.length} destinations`
        : 'It is the route’s only destination',
      rules: cluster.rules,
      evidence,
      rejected: [...cluster.rejected, ...others(action.clusters, cluster)],
      assumptions: cluster.assumptions,
      ...(evidence.some((it) => it.doc !== '') ? {} : { byDefault: `${route.title} leads there` }),
    });
    return { share: cluster.weight, label, cluster, decision: said };
  });
}

function others(all: readonly WeightedCluster[], chosen: WeightedCluster): Decision['rejected'] {
  return all
    .filter((it) => it !== chosen)
    .map((it) => ({ name: it.cluster, because: `it gets ${percent(it.weight)}`, evidence: it.evidence }));
}

/** `33.3 %`, with as few digits as tell the truth. */
export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
