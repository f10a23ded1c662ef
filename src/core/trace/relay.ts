import { uniqueLocations } from '../base/location.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { RouteConfiguration, WeightedCluster } from '../xds/config.js';
import type { Proxy } from '../xds/proxy.js';
import type { AppMessage } from './arrival.js';
import { decision } from './decide.js';
import { forward } from './forward.js';
import { packetOf } from './message.js';
import { normalizePath } from './normalize.js';
import type { Decision, Hop, MirrorCopy, Outcome, Packet, Place, ProxyLog } from './path.js';
import { routeHttp, type MirroredRequest, type RouteContext, type RoutedBranch } from './route.js';
import type { Dialed } from './targets.js';

/** A proxy that has a request (or connection) in hand and is to send it on. */
export interface Relay {
  readonly proxy: Proxy;
  readonly place: Place;
  /** What it decided so far. */
  readonly decisions: readonly Decision[];
  /** What its access log will say, as far as known. */
  readonly log: ProxyLog;
  /** What was dialed. */
  readonly dialed: Dialed;
  /** The same where iptables redirected the connection; a proxy that was dialed itself knows of no other address. */
  readonly originalDestination: Dialed | undefined;
}

/** One course from a place to the end. */
export interface Course {
  readonly share: number;
  readonly label: string;
  readonly hops: readonly Hop[];
  readonly outcome: Outcome;
  readonly mirrors: readonly MirrorCopy[];
}

/** A request through a route table and on to its end: TR-6, then TR-8 to TR-12. */
export function relayHttp(
  mesh: MeshSnapshot,
  relay: Relay,
  routes: RouteConfiguration,
  message: AppMessage,
  context: RouteContext,
): Course[] {
  return routeHttp(mesh, relay.proxy, routes, message, context).flatMap((branch) => {
    const log: ProxyLog = {
      ...relay.log,
      kind: 'http',
      // where no route matched, Envoy's log names no table (OBS-7)
      ...(branch.route ? { routeConfig: routes.name, virtualHost: branch.virtualHost!.name } : {}),
      ...(branch.route?.name ? { route: branch.route.name } : {}),
      authority: branch.message.authority,
      path: branch.message.path,
    };
    if (branch.kind === 'end') return [endedHere(relay, branch, log)];
    const sent = sendOn(mesh, relay, branch, log, {
      ...message,
      path: normalizePath(message.path, mesh.config.pathNormalization),
    });
    return sent
      .flatMap((course) => withMirrors(mesh, relay, branch, course))
      .map((it) => ({ ...it, share: it.share * branch.share }));
  });
}

/** A connection on to one of several clusters, bytes untouched: TR-7. */
export function relayTcp(
  mesh: MeshSnapshot,
  relay: Relay,
  clusters: readonly WeightedCluster[],
  message: AppMessage,
): Course[] {
  const { proxy, originalDestination } = relay;
  return clusters.flatMap((weighted) => {
    const split = decision('split by weight', {
      chose: `${clusters.length > 1 ? `${percent(weighted.weight)} → ` : ''}${weighted.cluster}`,
      because: clusters.length > 1 ? 'The route splits connections by weight' : 'The chain has one cluster',
      rules: weighted.rules,
      evidence: weighted.evidence,
      rejected: weighted.rejected,
      assumptions: weighted.assumptions,
      ...(weighted.evidence.length === 0 ? { byDefault: `the chain's own cluster ${weighted.cluster}` } : {}),
    });
    return forward(mesh, proxy, { cluster: weighted.cluster, message, originalDestination, kind: 'tcp' }).map((it) => ({
      share: it.share * weighted.weight,
      label: joinLabels(clusters.length > 1 ? `${percent(weighted.weight)} → ${weighted.cluster}` : '', it.label),
      hops: [
        hopOf(
          relay,
          [split, ...it.decisions],
          { ...relay.log, kind: 'tcp', ...it.log },
          it.packet ?? restingPacket(relay, message),
        ),
        ...it.hops,
      ],
      outcome: it.outcome,
      mirrors: it.mirrors,
    }));
  });
}

function endedHere(relay: Relay, branch: RoutedBranch & { kind: 'end' }, log: ProxyLog): Course {
  const { status, grpcStatus, details, location, delaySeconds, flags, because, cluster, message } = branch;
  const finished: ProxyLog = {
    ...log,
    status,
    details,
    tlsToUpstream: false,
    ...(flags ? { flags } : {}),
    ...(cluster === undefined ? {} : { cluster }),
  };
  const outcome: Outcome = {
    result: 'status',
    status,
    details,
    because,
    ...(flags ? { flags } : {}),
    ...(grpcStatus === undefined ? {} : { grpcStatus }),
    ...(location === undefined ? {} : { location }),
    ...(delaySeconds > 0 ? { delaySeconds } : {}),
  };
  const hop = hopOf(relay, branch.decisions, finished, restingPacket(relay, message));
  return { share: branch.share, label: branch.label, hops: [hop], outcome, mirrors: [] };
}

function sendOn(
  mesh: MeshSnapshot,
  relay: Relay,
  branch: RoutedBranch & { kind: 'forward' },
  log: ProxyLog,
  received: AppMessage,
): Course[] {
  const { cluster, message, retries, timeoutSeconds, clusterNotFoundStatus, delaySeconds } = branch;
  const { originalDestination } = relay;
  const branches = forward(mesh, relay.proxy, {
    cluster,
    message,
    originalDestination,
    kind: 'http',
    retries,
    timeoutSeconds,
    timeoutAt: branch.route?.timeout?.at,
    clusterNotFoundStatus,
    retriesStay: isOnlyDestination(branch.route),
  });
  return branches.map((it) => {
    const flags = [branch.flags, it.log.flags].filter(Boolean).join(',');
    const finished: ProxyLog = {
      ...log,
      ...it.log,
      ...(flags ? { flags } : {}),
      // Envoy looks for the cluster before it rewrites anything
      ...(it.log.flags === 'NC' ? { authority: received.authority, path: received.path } : {}),
    };
    const hop = hopOf(
      relay,
      [...branch.decisions, ...it.decisions.map((one) => blaming(one, branch.decisions.at(-1)))],
      finished,
      it.packet ?? restingPacket(relay, message),
    );
    return {
      share: it.share,
      label: joinLabels(branch.label, it.label),
      hops: [hop, ...it.hops],
      outcome: delayed(it.outcome, delaySeconds),
      mirrors: it.mirrors,
    };
  });
}

/** Whether a VirtualService's route has one destination, whose hash then holds for retries, too. */
function isOnlyDestination(route: RoutedBranch['route']): boolean {
  return route?.config !== undefined && route.action.kind === 'clusters' && route.action.clusters.length === 1;
}

/** A cluster that is not there is asked for by the destination that names it: its line comes first. */
function blaming(made: Decision, asking: Decision | undefined): Decision {
  if (made.stage !== 'find cluster' || made.state !== 'broken' || !asking) return made;
  return { ...made, evidence: uniqueLocations([...asking.evidence, ...made.evidence]) };
}

/** An injected delay comes on top of what the upstream takes. */
function delayed(outcome: Outcome, seconds: number): Outcome {
  if (seconds === 0 || outcome.result === 'unknown') return outcome;
  return { ...outcome, delaySeconds: (outcome.delaySeconds ?? 0) + seconds };
}

const NOTHING_TO_SEND_TO: ReadonlySet<string> = new Set(['cluster_not_found', 'no_healthy_upstream']);

/** Mirrors that take only a part of the requests make two courses of one (ACT-9). */
function withMirrors(
  mesh: MeshSnapshot,
  relay: Relay,
  { mirrors, cluster: main }: RoutedBranch & { kind: 'forward' },
  course: Course,
): Course[] {
  // Envoy copies what it is about to send: without a cluster or a usable endpoint there is nothing to copy
  if (NOTHING_TO_SEND_TO.has(course.hops[0]?.proxy?.details ?? '')) return [course];
  return mirrors.reduce<Course[]>(
    (courses, it) => {
      const { share, cluster } = it.policy;
      if (share <= 0) return courses;
      const copy = copyOf(mesh, relay, it, main);
      return courses.flatMap((one) => {
        const taken = { ...one, share: one.share * share, mirrors: [...one.mirrors, copy] };
        if (share >= 1) return [taken];
        const rest = { ...one, share: one.share * (1 - share) };
        return [
          { ...taken, label: joinLabels(one.label, `with a copy to ${cluster}`) },
          { ...rest, label: joinLabels(one.label, `without a copy to ${cluster}`) },
        ];
      });
    },
    [course],
  );
}

function copyOf(mesh: MeshSnapshot, relay: Relay, { policy, message }: MirroredRequest, main: string): MirrorCopy {
  const branches = forward(mesh, relay.proxy, {
    cluster: policy.cluster,
    message,
    originalDestination: relay.originalDestination,
    kind: 'http',
    copyBeside: main,
  });
  const reached = branches.flatMap((it) => (it.outcome.result === 'delivered' ? it.outcome.endpoints : []));
  const lost = branches.map((it) => it.outcome).find((it) => it.result !== 'delivered');
  return {
    endpoints: [...reached].sort(),
    cluster: policy.cluster,
    authority: message.authority,
    path: message.path,
    share: policy.share,
    because:
      reached.length > 0
        ? 'A copy is sent; its answer is thrown away'
        : `The copy is lost: ${lost && 'because' in lost ? lost.because : policy.cluster}`,
    evidence: [policy.at],
  };
}

function hopOf(relay: Relay, decisions: readonly Decision[], proxy: ProxyLog, packet: Packet): Hop {
  return { place: relay.place, decisions: [...relay.decisions, ...decisions], packet, proxy };
}

/** The request in the proxy's hands, when it does not leave it. */
function restingPacket(relay: Relay, message: AppMessage): Packet {
  const { ip, port } = relay.dialed;
  return packetOf(message, relay.proxy.pod.ip, `${ip}:${port}`);
}

export function joinLabels(...labels: readonly string[]): string {
  return labels.filter((it) => it !== '').join(', ');
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
