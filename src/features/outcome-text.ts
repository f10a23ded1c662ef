import { unreachable } from '../core/base/unreachable.js';
import { isBroken, type Outcome, type Path } from '../core/trace/path.js';
import { clusterTitle } from './cluster-name.js';
import type { Badge } from './diagram-model.js';
import { clusterOfHop } from './hop-cluster.js';

/** The outcome of a path as every view says it: `503 UH` and `no healthy upstream · reviews v3`. */
export function badgeOf(path: Pick<Path, 'outcome' | 'hops'>): Badge {
  const { state, code, reason } = describeOutcome(path.outcome);
  // Envoy answers 502 by a direct response that nobody wrote: the host is not in the registry
  if (path.hops.at(-1)?.proxy?.virtualHost === 'block_all') {
    return {
      state: 'broken',
      code,
      text: 'blocked: the mesh knows no such host, and REGISTRY_ONLY lets out nothing else',
    };
  }
  const where = whereItEnded(path);
  return { state, code, text: [reason, where].filter((it) => it !== '').join(' · ') };
}

/** A badge in one line: `503 UH · no healthy upstream · reviews v3`. */
export function badgeLine({ code, text }: Badge): string {
  return text === '' ? code : `${code} · ${text}`;
}

/** The sign beside a code where there is only text: never colour alone. */
export const MARKS: Readonly<Record<Badge['state'], string>> = { ok: '✓', warning: '!', broken: '✗', unknown: '?' };

/** What an outcome is called, without saying where it happened. */
export function describeOutcome(outcome: Outcome): {
  readonly state: Badge['state'];
  readonly code: string;
  readonly reason: string;
} {
  switch (outcome.result) {
    case 'delivered': {
      const failed = (outcome.status ?? 200) >= 400 || (outcome.grpcStatus ?? 0) !== 0;
      return {
        state: failed ? 'warning' : 'ok',
        code: code(outcome.status ?? 200, undefined, outcome.grpcStatus),
        reason: joined(failed ? "the application's own answer" : '', delay(outcome.delaySeconds)),
      };
    }
    case 'status': {
      // gRPC says its failures in a header, under status 200
      const status = outcome.grpcStatus ? Math.max(outcome.status, 400) : outcome.status;
      return {
        state: isBroken({ ...outcome, status }) ? 'broken' : status >= 400 ? 'warning' : 'ok',
        code: code(outcome.status, outcome.flags, outcome.grpcStatus),
        reason: joined(answerReason(outcome), delay(outcome.delaySeconds)),
      };
    }
    case 'reset':
      return ended('reset', flagReason(outcome.flags) ?? 'the connection is cut off', outcome);
    case 'refused':
      return ended('refused', flagReason(outcome.flags) ?? 'nothing accepts the connection', outcome);
    case 'unresolved':
      return ended('no address', 'the name does not resolve', outcome);
    case 'unknown':
      return { state: 'unknown', code: 'unknown', reason: outcome.because };
    default:
      return unreachable(outcome);
  }
}

function ended(word: string, reason: string, outcome: { readonly flags?: string; readonly delaySeconds?: number }) {
  const flags = shownFlags(outcome.flags);
  return {
    state: 'broken' as const,
    code: flags ? `${word} ${flags}` : word,
    reason: joined(reason, delay(outcome.delaySeconds)),
  };
}

function code(status: number, flags: string | undefined, grpcStatus: number | undefined): string {
  const parts = [String(status), shownFlags(flags)];
  if (grpcStatus !== undefined) parts.push(`grpc-status ${grpcStatus}`);
  return parts.filter((it) => it !== '').join(' ');
}

const shownFlags = (flags: string | undefined): string => (flags === undefined || flags === '-' ? '' : flags);

const delay = (seconds: number | undefined): string => (seconds ? `after ${seconds} s` : '');

const joined = (...parts: string[]): string => parts.filter((it) => it !== '').join(' ');

type Answer = Extract<Outcome, { result: 'status' }>;

function answerReason(outcome: Answer): string {
  const details = outcome.details ?? '';
  if (outcome.location !== undefined) return `redirected to ${outcome.location}`;
  if (details === 'cors_response') return 'CORS preflight answered';
  if (details.startsWith('rbac_access_denied')) return `RBAC: access denied${policyOf(details)}`;
  if (details.startsWith('jwt_authn_access_denied')) return `JWT refused${jwtReason(details)}`;
  // 502 block_all and the 403s of ext_authz are direct responses or have no flag: their own words say more than ours.
  if (details === 'direct_response') return 'direct response';
  if (details === 'via_upstream') return "answered by the server's proxy";
  return flagReason(outcome.flags) ?? outcome.because;
}

/** ` by shop/no-strangers` out of `rbac_access_denied_matched_policy[ns[shop]-policy[no-strangers]-rule[0]]`. */
function policyOf(details: string): string {
  const found = /ns\[([^\]]*)\]-policy\[([^\]]*)\]/.exec(details);
  if (found) return ` by ${found[1]}/${found[2]}`;
  return details.includes('[none]') ? ', no policy allows it' : '';
}

function jwtReason(details: string): string {
  const found = /\{([^}]*)\}/.exec(details);
  return found?.[1] ? `: ${found[1].replaceAll('_', ' ')}` : '';
}

/** Envoy's response flags in words, as its documentation words them; the first known flag speaks. */
const FLAGS: Readonly<Record<string, string>> = {
  NR: 'no route',
  NC: 'cluster not found',
  UH: 'no healthy upstream',
  UF: 'upstream connection failure',
  UC: 'upstream connection termination',
  UO: 'upstream overflow',
  UT: 'upstream request timeout',
  UR: 'upstream reset',
  URX: 'retries used up',
  LR: 'reset by the proxy',
  UPE: 'upstream protocol error',
  DPE: 'downstream protocol error',
  DC: 'the client hung up',
  DI: 'delay injected',
  FI: 'fault injected',
  RL: 'rate limited',
  UAEX: 'denied by external authorization',
  DF: 'DNS resolution failed',
};

function flagReason(flags: string | undefined): string | undefined {
  const known = (flags ?? '').split(',').filter((it) => it in FLAGS);
  // an injected abort is the answer, the delay before it is only when
  const speaking = known.find((it) => it !== 'DI') ?? known[0];
  return speaking && FLAGS[speaking];
}

/** The last thing the request was on its way to, in short: `reviews v3`, `shop/reviews-v1:9080`. */
function whereItEnded({ outcome, hops }: Pick<Path, 'outcome' | 'hops'>): string {
  if (outcome.result === 'unresolved' || outcome.result === 'unknown') return '';
  if (outcome.result === 'delivered') return endpointsTitle(outcome.endpoints);
  if (outcome.result === 'status' && outcome.location !== undefined) return '';
  const cluster = hops
    .map(clusterOfHop)
    .filter((it) => it?.startsWith('outbound|'))
    .at(-1);
  return cluster ? clusterTitle(cluster, hops[0]?.place.pod?.split('/')[0]) : '';
}

/** `shop/reviews-v1:9080`, `shop/reviews-v1:9080 and 2 more`. */
export function endpointsTitle(endpoints: readonly string[]): string {
  const [first, ...more] = endpoints;
  if (first === undefined) return '';
  return more.length ? `${first} and ${more.length} more` : first;
}
