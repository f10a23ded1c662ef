import type { Location } from '../base/location.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import { findCluster } from '../xds/clusters.js';
import type { Cluster, RetryPolicy } from '../xds/config.js';
import { loadAssignment } from '../xds/endpoints.js';
import type { Proxy } from '../xds/proxy.js';
import type { AppMessage } from './arrival.js';
import { decision } from './decide.js';
import { fatesOf, type Sending } from './fates.js';
import { localReply } from './local-reply.js';
import type { Decision, Hop, MirrorCopy, Outcome, Packet, ProxyLog } from './path.js';
import { endingDecisions, hopsAfter, logOf, nameOfTry, outcomeOf } from './report-ending.js';
import { clusterFound, clusterMissing } from './stages/find-cluster.js';
import { hashText, type HashedRequest } from './stages/hash-request.js';
import { ejectionOf, type Ejection } from './stages/eject.js';
import { candidatesOf } from './stages/pick-endpoint.js';
import { resolved, targetsOf, type Dialed, type Targets } from './targets.js';
import { landingOf, lastTry, playTries, type Ending } from './tries.js';

/** What a proxy sends off, to which cluster. */
export interface Send {
  readonly cluster: string;
  /** As it goes upstream: rewritten, with the destination's headers. */
  readonly message: AppMessage;
  /** Where iptables took the connection from; ORIGINAL_DST clusters go there, or nowhere (DST-7). */
  readonly originalDestination: Dialed | undefined;
  /** Whether the proxy reads requests or carries bytes. */
  readonly kind: 'http' | 'tcp';
  readonly retries?: RetryPolicy;
  readonly timeoutSeconds?: number | undefined;
  readonly timeoutAt?: Location | undefined;
  /** Retries go to the same host again where a hash of the request picks it (ACT-6). */
  readonly retriesStay?: boolean;
  /** 503, or 500 for Gateway API routes (DST-4). */
  readonly clusterNotFoundStatus?: number;
  /** The cluster of the request that this is a copy of: the two compete for its limits (ACT-9). */
  readonly copyBeside?: string;
}

/** One fate of what was sent; endpoints that fare alike share it. */
export interface ForwardBranch {
  /** Part of such requests, 0..1; the shares of one call sum to one. */
  readonly share: number;
  /** What sets it apart, such as `→ shop/cart-v2:8080`; empty when there is only one. */
  readonly label: string;
  /** Of the sending proxy: find cluster, pick endpoint, connect upstream, retry, time out. */
  readonly decisions: readonly Decision[];
  /** The packet as it leaves the sending proxy; `undefined` when nothing leaves it. */
  readonly packet: Packet | undefined;
  /** What follows: nodes, the server's iptables, its proxy, its application. */
  readonly hops: readonly Hop[];
  /** As the sending proxy's own client sees it. */
  readonly outcome: Outcome;
  /** For the sending proxy's log. */
  readonly log: Pick<ProxyLog, 'cluster' | 'status' | 'flags' | 'details' | 'tlsToUpstream'>;
  /** Copies that proxies further on sent off. */
  readonly mirrors: readonly MirrorCopy[];
}

/** From a proxy's cluster to the answer: cluster, endpoint, TLS, the server's side, retries and timeouts (TR-8..TR-12). */
export function forward(mesh: MeshSnapshot, proxy: Proxy, send: Send): readonly ForwardBranch[] {
  const found = findCluster(mesh, proxy, send.cluster);
  const cluster = found.value;
  if (!cluster) {
    const made = clusterMissing(proxy, send.cluster, found);
    return [
      endedHere(send, [made], { status: send.clusterNotFoundStatus ?? 503, flags: 'NC', details: 'cluster_not_found' }),
    ];
  }
  const finding = clusterFound(proxy, cluster, found);
  if (send.copyBeside === cluster.name && cluster.limits.maxRequests === 1) return [overflow(send, cluster, finding)];
  const targets = targetsOf(mesh, proxy, cluster, hashedOf(proxy, send), send.originalDestination);
  if (targets.targets.length === 0) return [noTarget(mesh, proxy, send, cluster, [finding, targets.decision])];

  const sending: Sending = { mesh, proxy, cluster, message: send.message, kind: send.kind };
  const fates = fatesOf(sending, targets.targets);
  const endings = playTries(fates, rulesOf(proxy, send, cluster));
  const before = endings.map((it) => branchOf(sending, [finding, targets.decision], it));
  const tries = 1 + (send.kind === 'http' ? (send.retries?.attempts ?? 0) : 0);
  const ejection = ejectionOf(cluster, loadAssignment(mesh, proxy, cluster).endpoints, fates, Math.min(tries, 3));
  if (!ejection) return labelled(before);
  const after = withoutEjected(sending, send, finding, targets, ejection);
  return labelled([
    ...before.map((it) => ({ ...it, share: it.share / 2, label: joined(it.label, `before ejection`) })),
    ...after.map((it) => ({
      ...it,
      share: it.share / 2,
      label: joined(it.label, `after ${ejection.after} ${ejection.what}`),
    })),
  ]);
}

function rulesOf(proxy: Proxy, send: Send, cluster: Cluster): Parameters<typeof playTries>[1] {
  const http = send.kind === 'http';
  return {
    retries: http ? send.retries : undefined,
    limit: http && send.timeoutSeconds ? send.timeoutSeconds : undefined,
    limitAt: send.timeoutAt,
    connectTimeout: cluster.connectTimeout,
    again: againOf(proxy, send, cluster),
  };
}

/** What a consistent hash sees: behind a sidecar there is one client, its own pod. */
function hashedOf(proxy: Proxy, { message, kind }: Send): HashedRequest {
  return { message, kind, sourceIp: proxy.type === 'sidecar' ? proxy.pod.ip : undefined };
}

/** ACT-6: where a hash picks the host for a VirtualService's route, retries do not look for another one. */
function againOf(proxy: Proxy, send: Send, cluster: Cluster): 'others' | 'same' | 'any' {
  if (!cluster.hash || !send.retriesStay) return 'others';
  return hashText(cluster, hashedOf(proxy, send)) === undefined ? 'any' : 'same';
}

function branchOf(sending: Sending, decisions: readonly Decision[], ending: Ending): ForwardBranch {
  const { kind } = sending;
  const log = logOf(sending, ending);
  const last = lastTry(ending);
  const { fate } = last;
  const before = ending.tries.slice(0, -1).map(nameOfTry);
  return {
    share: ending.share,
    label: joined(
      before.length > 0 ? `after a try at ${before.join(', ')}` : '',
      fate.ids.length > 0 ? `→ ${nameOfTry(last)}` : '',
      fate.label,
    ),
    decisions: [...decisions, fate.connection.decision, ...endingDecisions(kind, ending)],
    packet: fate.connection.packet,
    hops: hopsAfter(ending),
    outcome: outcomeOf(sending, ending, log),
    log,
    mirrors: landingOf(last).mirrors,
  };
}

/** The same request once endpoints that only fail are no longer used (CL-7, CL-8). */
function withoutEjected(
  sending: Sending,
  send: Send,
  finding: Decision,
  { decision: picking }: Targets,
  ejection: Ejection,
): ForwardBranch[] {
  const { mesh, proxy, cluster } = sending;
  const all = loadAssignment(mesh, proxy, cluster).endpoints;
  const candidates = candidatesOf(mesh, cluster, all, hashedOf(proxy, send), ejection.endpoints);
  const names = [...new Set([...ejection.endpoints].map((it) => it.id))].sort();
  const text = `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} out after ${ejection.after} ${ejection.what} in a row`;
  const none = candidates.length === 0;
  const made = decision('pick endpoint', {
    ...picking,
    chose: none
      ? `no endpoint of ${cluster.name}`
      : `one of ${[...new Set(candidates.flatMap((it) => (it.share > 0 ? [it.endpoint.id] : [])))].sort().join(', ')}`,
    because: none ? `Outlier detection has taken all endpoints out: ${text}` : `Of the others, as ${text}`,
    rules: ['CL-7', 'CL-8', ...(none ? ['FAIL-3'] : []), ...picking.rules],
    evidence: [cluster.outlier?.at, ...picking.evidence],
    rejected: [
      ...picking.rejected,
      ...[...ejection.endpoints].map((it) => ({
        name: it.id,
        because: 'outlier detection has taken it out',
        evidence: it.evidence,
      })),
    ],
    assumptions: [
      { text: `How often the endpoint is out depends on traffic: one request in two is taken to come while it is` },
    ],
    state: none ? 'broken' : 'ok',
  });
  const { targets } = resolved(mesh, proxy, cluster, send.message, candidates, made);
  if (targets.length === 0) return [noTarget(mesh, proxy, send, cluster, [finding, made])];
  return playTries(fatesOf(sending, targets), rulesOf(proxy, send, cluster)).map((it) =>
    branchOf(sending, [finding, made], it),
  );
}

/** Nothing leaves the proxy: it answers itself, or closes the connection. */
function endedHere(
  send: Send,
  decisions: readonly Decision[],
  end: { readonly status: number; readonly flags: string; readonly details: string; readonly cluster?: string },
): ForwardBranch {
  const { flags, details } = end;
  const because = decisions.at(-1)!.because;
  const named = end.cluster === undefined ? {} : { cluster: end.cluster };
  const common = { share: 1, label: '', decisions, packet: undefined, hops: [], mirrors: [] };
  if (send.kind === 'tcp') {
    return { ...common, outcome: { result: 'reset', flags, because }, log: { ...named, flags, tlsToUpstream: false } };
  }
  const reply = localReply(end.status, send.message);
  return {
    ...common,
    outcome: { result: 'status', ...reply, flags, details, because },
    log: { ...named, status: reply.status, flags, details, tlsToUpstream: false },
  };
}

/** FAIL-3; a name that is looked up on demand has details of its own, and a flag where the mesh allows any name. */
function noTarget(
  mesh: MeshSnapshot,
  proxy: Proxy,
  send: Send,
  cluster: Cluster,
  decisions: readonly Decision[],
): ForwardBranch {
  const onDemand = cluster.type === 'DYNAMIC_FORWARD_PROXY';
  const anyName = mesh.scopeOf(proxy.pod).outboundPolicy.mode === 'ALLOW_ANY_DYNAMIC_DNS';
  return endedHere(send, decisions, {
    status: 503,
    flags: onDemand && anyName && send.kind === 'http' ? 'DF' : 'UH',
    details: onDemand ? 'dns_resolution_failure' : 'no_healthy_upstream',
    cluster: cluster.name,
  });
}

/** ACT-9, CL-6: the request itself holds the one place that the limit allows. */
function overflow(send: Send, cluster: Cluster, finding: Decision): ForwardBranch {
  const made = decision('connect upstream', {
    chose: 'no place in the connection pool',
    because: 'http2MaxRequests: 1 lets the request pass, and its copy to the same cluster is one too many',
    rules: ['ACT-9', 'CL-6', 'FAIL-8'],
    evidence: [cluster.limits.at],
    byDefault: 'limits of the cluster',
    state: 'broken',
  });
  const details = 'upstream_reset_before_response_started{overflow}';
  return endedHere(send, [finding, made], { status: 503, flags: 'UO', details, cluster: cluster.name });
}

function labelled(branches: readonly ForwardBranch[]): readonly ForwardBranch[] {
  return branches.length > 1 ? branches : branches.map((it) => ({ ...it, label: '' }));
}

function joined(...labels: readonly string[]): string {
  return labels.filter((it) => it !== '').join(', ');
}
