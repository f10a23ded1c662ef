import type { MeshSnapshot } from '../mesh/snapshot.js';
import type {
  MirrorPolicy,
  RetryPolicy,
  Route,
  RouteConfiguration,
  VirtualHost,
  WeightedCluster,
} from '../xds/config.js';
import type { Proxy } from '../xds/proxy.js';
import type { AppMessage } from './arrival.js';
import { decision } from './decide.js';
import { localReply } from './local-reply.js';
import { viewOf } from './match-request.js';
import { normalizePath } from './normalize.js';
import type { Decision, Effect } from './path.js';
import { chooseVirtualHost } from './stages/choose-virtual-host.js';
import { answerCors } from './stages/cors.js';
import { respondDirectly } from './stages/direct-response.js';
import { injectFault } from './stages/fault.js';
import { matchRoute } from './stages/match-route.js';
import { mirror } from './stages/mirror.js';
import { redirect } from './stages/redirect.js';
import { rewriteRequest } from './stages/rewrite.js';
import { splitByWeight, type ClusterAction } from './stages/split-by-weight.js';

/** What a proxy knows of a request apart from the message. */
export interface RouteContext {
  /** What the request calls its scheme where it arrived: `https` where the listener took off TLS. */
  readonly scheme: 'http' | 'https';
  /** Claims of an accepted token, which routes of gateways may look at (RT-9). */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
}

/** One course that a request takes through a route table. */
export type RoutedBranch = BranchBase & (RoutedEnd | RoutedOn);

interface BranchBase {
  /** Part of such requests, 0..1; those of one request sum to one. */
  readonly share: number;
  /** What sets it apart: `90 % → outbound|80|v1|...`; empty when there is only one. */
  readonly label: string;
  readonly decisions: readonly Decision[];
  readonly virtualHost: VirtualHost | undefined;
  readonly route: Route | undefined;
  /** Injected before it goes on or ends (ACT-7). */
  readonly delaySeconds: number;
  /** What the access log has for it so far: `NR`, `DI`, `FI`, `DI,FI`, or empty. */
  readonly flags: string;
  /** As the access log has it: normalized, and as it goes upstream if it does. */
  readonly message: AppMessage;
}

/** The proxy answers by itself. */
export interface RoutedEnd {
  readonly kind: 'end';
  /** As the caller sees it; of a gRPC request 200. */
  readonly status: number;
  readonly grpcStatus: number | undefined;
  readonly details: string;
  readonly location: string | undefined;
  readonly because: string;
  /** Drawn already, though nothing is sent there: the access log names it. */
  readonly cluster: string | undefined;
}

/** It goes on to a cluster. */
export interface RoutedOn {
  readonly kind: 'forward';
  readonly cluster: string;
  readonly retries: RetryPolicy;
  readonly timeoutSeconds: number | undefined;
  /** 503 or 500 (DST-4). */
  readonly clusterNotFoundStatus: number;
  readonly mirrors: readonly MirroredRequest[];
}

/** A copy that is sent off with the request. */
export interface MirroredRequest {
  readonly policy: MirrorPolicy;
  readonly message: AppMessage;
}

/** A request through a route table: virtual host, route, destination, fault, CORS, redirect or rewrite (TR-6). */
export function routeHttp(
  mesh: MeshSnapshot,
  proxy: Proxy,
  config: RouteConfiguration,
  sent: AppMessage,
  context: RouteContext,
): readonly RoutedBranch[] {
  const path = normalizePath(sent.path, mesh.config.pathNormalization);
  const effects: Effect[] = path === sent.path ? [] : [{ what: 'path', before: sent.path, after: path }];
  const message = { ...sent, path };
  const choice = chooseVirtualHost(config, message.authority, proxy.name, effects);
  const start: BranchBase = {
    share: 1,
    label: '',
    decisions: [choice.decision],
    virtualHost: choice.virtualHost,
    route: undefined,
    delaySeconds: 0,
    flags: '',
    message,
  };
  if (!choice.virtualHost) {
    const flags = choice.status === 404 ? 'NR' : '';
    return [end({ ...start, flags }, choice.status, choice.details, choice.decision.because)];
  }
  if (choice.virtualHost.requireTls && context.scheme === 'http') return [redirectedToTls(start, choice.virtualHost)];
  const match = matchRoute(choice.virtualHost, viewOf(message, context.scheme, context.claims));
  const matched: BranchBase = { ...start, route: match.route, decisions: [...start.decisions, match.decision] };
  if (!match.route) return [end({ ...matched, flags: 'NR' }, 404, 'route_not_found', match.decision.because)];
  return act(matched, match.route, context);
}

function act(branch: BranchBase, route: Route, { scheme }: RouteContext): RoutedBranch[] {
  const { action } = route;
  switch (action.kind) {
    case 'redirect': {
      const to = redirect(route, action, branch.message, scheme);
      const said = { ...branch, message: to.message, decisions: [...branch.decisions, to.decision] };
      return [{ ...end(said, to.status, 'direct_response', to.because), location: to.location }];
    }
    case 'direct': {
      const answer = respondDirectly(route, action.response);
      const said = { ...branch, decisions: [...branch.decisions, answer.decision] };
      return [end(said, answer.status, 'direct_response', answer.because)];
    }
    case 'clusters':
      return toClusters(branch, route, action);
  }
}

/** The destination is drawn with the route, before filters such as fault and CORS have their say (ACT-1). */
function toClusters(branch: BranchBase, route: Route, action: ClusterAction): RoutedBranch[] {
  const splits = splitByWeight(route, action);
  if (splits.length === 0) {
    const because = `${route.title} has no destination`;
    return [end({ ...branch, flags: 'NC' }, action.clusterNotFoundStatus, 'cluster_not_found', because)];
  }
  return splits.flatMap((split) =>
    injectFault(route.fault, branch.message).map((fault): RoutedBranch => {
      const drawn: BranchBase = {
        ...branch,
        share: branch.share * split.share * fault.share,
        label: [branch.label, split.label, fault.label].filter((it) => it !== '').join(', '),
        decisions: [...branch.decisions, split.decision, ...fault.decisions],
        delaySeconds: fault.delaySeconds,
        flags: fault.flags,
      };
      const cluster = split.cluster.cluster;
      if (fault.abort) {
        const { status, grpcStatus, because } = fault.abort;
        return { ...end(drawn, status, 'fault_filter_abort', because), status, grpcStatus, cluster };
      }
      const cors = answerCors(route.cors, branch.message);
      const asked = cors.decision ? { ...drawn, decisions: [...drawn.decisions, cors.decision] } : drawn;
      if (cors.kind === 'answered') return { ...end(asked, 200, 'cors_response', cors.because), cluster };
      return sendOn(asked, route, action, split.cluster);
    }),
  );
}

function sendOn(branch: BranchBase, route: Route, action: ClusterAction, to: WeightedCluster): RoutedBranch {
  const change = rewriteRequest(route, action, to, branch.message);
  const copies = mirror(action, change.message);
  return {
    ...branch,
    kind: 'forward',
    decisions: [...branch.decisions, ...(change.decision ? [change.decision] : []), ...copies.decisions],
    message: change.message,
    cluster: to.cluster,
    retries: route.retries,
    timeoutSeconds: route.timeout?.seconds,
    clusterNotFoundStatus: action.clusterNotFoundStatus,
    mirrors: copies.copies,
  };
}

/** GW-17: the virtual host takes no plaintext, whatever its routes say. */
function redirectedToTls(branch: BranchBase, virtualHost: VirtualHost): RoutedBranch {
  const location = `https://${branch.message.authority}${branch.message.path}`;
  const because = `Virtual host ${virtualHost.name} redirects all plaintext to https`;
  const said = decision('redirect', {
    chose: `301 ${location}`,
    because,
    rules: ['GW-17'],
    evidence: virtualHost.evidence,
    byDefault: 'a server with httpsRedirect answers plaintext with 301',
  });
  return { ...end({ ...branch, decisions: [...branch.decisions, said] }, 301, 'direct_response', because), location };
}

function end(branch: BranchBase, status: number, details: string, because: string): BranchBase & RoutedEnd {
  const reply = localReply(status, branch.message);
  return {
    ...branch,
    kind: 'end',
    status: reply.status,
    grpcStatus: reply.grpcStatus,
    details,
    location: undefined,
    because,
    cluster: undefined,
  };
}
