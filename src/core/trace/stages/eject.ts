import type { Cluster, LbEndpoint } from '../../xds/config.js';
import type { Fate } from '../fates.js';

/** Endpoints that a proxy stops using, and after what (CL-7). */
export interface Ejection {
  readonly endpoints: ReadonlySet<LbEndpoint>;
  /** Answers or failures in a row that lead to it. */
  readonly after: number;
  readonly what: string;
}

/**
 * The endpoints that outlier detection takes out when the client keeps asking: those that fail every time, as many as
 * maxEjectionPercent lets go. None when too few would be left, for then Envoy uses all of them (CL-8).
 */
export function ejectionOf(
  cluster: Cluster,
  all: readonly LbEndpoint[],
  fates: readonly Fate[],
  tries: number,
): Ejection | undefined {
  const detection = cluster.outlier;
  if (!detection || all.length === 0) return undefined;
  const doomed: { endpoint: LbEndpoint; after: number; what: string }[] = [];
  for (const fate of fates) {
    const reason = alwaysFails(cluster, fate, tries);
    for (const { endpoint } of reason ? fate.targets : []) if (endpoint) doomed.push({ endpoint, ...reason! });
  }
  // a host goes only while it and those already out are within the limit, in percent of all
  const room = Math.floor(((detection.maxEjectionPercent?.value || 10) * all.length) / 100);
  const gone = doomed.slice(0, room);
  if (gone.length === 0) return undefined;
  const out = new Set(gone.map((it) => it.endpoint));
  const left = all.filter((it) => it.healthy && !out.has(it)).length;
  if ((100 * left) / all.length < (detection.minHealthPercent?.value ?? 0)) return undefined;
  return { endpoints: out, after: gone[0]!.after, what: gone[0]!.what };
}

/** How many failures in a row put an endpoint out, when it has nothing but failures. */
function alwaysFails(cluster: Cluster, fate: Fate, tries: number): { after: number; what: string } | undefined {
  const limits: { after: number; what: string }[] = [];
  for (let attempt = 1; attempt <= tries; attempt++) {
    const counted = counterOf(cluster, fate.landing(attempt).result);
    if (!counted) return undefined;
    limits.push(counted);
  }
  return limits.sort((a, b) => a.after - b.after)[0];
}

function counterOf(
  { outlier }: Cluster,
  result: ReturnType<Fate['landing']>['result'],
): { after: number; what: string } | undefined {
  const counters: { after: number; what: string }[] = [];
  const count = (limit: number | undefined, what: string): void => {
    if (limit !== undefined && limit > 0) counters.push({ after: limit, what });
  };
  const any5xx = outlier?.consecutive5xxErrors?.value ?? 5;
  const gateway = outlier?.consecutiveGatewayErrors?.value;
  const byProxy = result.kind !== 'answered' && result.kind !== 'replied';
  if (result.kind === 'unknown') return undefined;
  if (byProxy && outlier?.splitExternalLocalOriginErrors) {
    count(outlier.consecutiveLocalOriginFailures?.value || 5, 'failed connections');
  } else {
    const status = byProxy ? 503 : result.status;
    if (status >= 500) count(any5xx, 'answers 5xx');
    if (status >= 502 && status <= 504) count(gateway, 'gateway errors');
  }
  return counters.sort((a, b) => a.after - b.after)[0];
}
