import { decision } from './decide.js';
import type { FateLanding, Sending } from './fates.js';
import { localReply } from './local-reply.js';
import type { Decision, Hop, Outcome, ProxyLog } from './path.js';
import { landingOf, lastTry, type Ending, type Try } from './tries.js';

type EndingLog = Pick<ProxyLog, 'cluster' | 'status' | 'flags' | 'details' | 'tlsToUpstream'>;

const RESET = 'upstream_reset_before_response_started';

/** What the sending proxy writes of how a request ended (section 6.4 of the semantics). */
export function logOf({ cluster, message, kind }: Sending, ending: Ending): EndingLog {
  const { result } = landingOf(lastTry(ending));
  const encrypted = lastTry(ending).fate.connection.encrypted && isConnected(result);
  const common = { cluster: cluster.name, tlsToUpstream: encrypted };
  if (kind === 'tcp') {
    const flags = tcpFlags(ending);
    return { ...common, ...(flags === undefined ? {} : { flags }) };
  }
  const { status, details, flags } = httpEnd(ending);
  const all = [...flags, ...(ending.exhausted ? ['URX'] : [])].sort().join(',');
  const answered = ending.by === 'result' && (result.kind === 'answered' || result.kind === 'replied');
  return {
    ...common,
    status: answered ? status : localReply(status, message).status,
    details,
    ...(all === '' ? {} : { flags: all }),
  };
}

/** As the sending proxy's client sees it. */
export function outcomeOf({ message, kind }: Sending, ending: Ending, log: EndingLog): Outcome {
  const { result } = landingOf(lastTry(ending));
  const { ids } = lastTry(ending).fate;
  const delay = ending.elapsed > 0 ? { delaySeconds: ending.elapsed } : {};
  const flags = log.flags === undefined ? {} : { flags: log.flags };
  if (result.kind === 'unknown') return { result: 'unknown', because: result.because };
  const grpc = 'grpcStatus' in result && result.grpcStatus !== undefined ? { grpcStatus: result.grpcStatus } : {};
  if (ending.by === 'result' && result.kind === 'answered') {
    const host = result.host === '' ? {} : { host: result.host };
    const path = result.path === '' ? {} : { path: result.path };
    return { result: 'delivered', status: result.status, ...grpc, endpoints: ids, app: { ...host, ...path }, ...delay };
  }
  const because = reasonOf(ending);
  if (ending.by === 'result' && result.kind === 'replied') {
    const details = log.details === undefined ? {} : { details: log.details };
    return { result: 'status', status: result.status, ...grpc, ...flags, ...details, because, ...delay };
  }
  if (kind === 'tcp') return { result: 'reset', ...flags, because, ...delay };
  const { status, details } = httpEnd(ending);
  const reached = result.kind === 'answered' ? { endpoints: ids } : {};
  return { result: 'status', ...localReply(status, message), ...flags, details, ...reached, because, ...delay };
}

/** Whether a handshake came to its end. */
function isConnected(result: FateLanding['result']): boolean {
  return result.kind !== 'refused' && result.kind !== 'dropped' && result.kind !== 'tls-failure';
}

interface HttpEnd {
  readonly status: number;
  readonly details: string;
  readonly flags: readonly string[];
}

/** FAIL-4..FAIL-11; `status` is before gRPC makes it a 200. */
function httpEnd(ending: Ending): HttpEnd {
  if (ending.by === 'limit') return { status: 504, details: 'response_timeout', flags: ['UT'] };
  if (ending.by === 'try-limit') return { status: 504, details: 'upstream_per_try_timeout', flags: ['UT'] };
  const { result } = landingOf(lastTry(ending));
  switch (result.kind) {
    case 'answered':
    case 'replied':
      return { status: result.status, details: 'via_upstream', flags: [] };
    case 'refused': {
      const details = `${RESET}{remote_connection_failure|delayed_connect_error:_Connection_refused}`;
      return { status: 503, details, flags: ['UF'] };
    }
    case 'dropped':
      return { status: 503, details: `${RESET}{connection_timeout}`, flags: ['UF'] };
    case 'tls-failure':
      return { status: 503, details: `${RESET}{remote_connection_failure|${result.transport}}`, flags: ['UF'] };
    case 'closed':
      return { status: 503, details: `${RESET}{connection_termination}`, flags: ['UC'] };
    case 'protocol-error':
      return { status: 502, details: `${RESET}{protocol_error}`, flags: ['UPE'] };
    case 'unknown':
      return { status: 0, details: '', flags: [] };
  }
}

/** A TCP proxy has one try; a connection that the server's listener takes by no chain is reset under it (FAIL-6). */
function tcpFlags(ending: Ending): string | undefined {
  const { result, hops } = landingOf(lastTry(ending));
  switch (result.kind) {
    case 'refused':
    case 'dropped':
    case 'tls-failure':
      return 'UF,URX';
    case 'closed': {
      const lines = hops.flatMap((it) => it.proxy ?? []);
      return result.abrupt || lines.length === 0 ? 'UR' : undefined;
    }
    default:
      return undefined;
  }
}

function reasonOf(ending: Ending): string {
  if (ending.by === 'limit') return `No answer within ${ending.elapsed} s, which is the limit for all tries together`;
  if (ending.by === 'try-limit') {
    return `No answer within the limit of a try${ending.exhausted ? ', and no tries are left' : ''}`;
  }
  const { result } = landingOf(lastTry(ending));
  return 'because' in result ? result.because : 'The application answers';
}

/** The hops after the proxy, try by try; a server whose client has given up writes that down. */
export function hopsAfter(ending: Ending): readonly Hop[] {
  const last = lastTry(ending);
  return ending.tries.flatMap((it) => {
    const { hops } = landingOf(it);
    const told = it.cut === 'first' ? hops.map(givenUp) : hops;
    return it === last ? told : told.map(notTheEnd);
  });
}

function givenUp(hop: Hop): Hop {
  if (hop.proxy?.kind !== 'http') return hop;
  const { status: _, ...log } = hop.proxy;
  return { ...hop, proxy: { ...log, flags: 'DC', details: 'downstream_remote_disconnect' } };
}

/** What broke a try that is made again does not break the request. */
function notTheEnd(hop: Hop): Hop {
  const decisions = hop.decisions.map((it) => (it.state === 'broken' ? { ...it, state: 'warning' as const } : it));
  return { ...hop, decisions };
}

/** Retries and limits, where they played a part. */
export function endingDecisions(kind: Sending['kind'], ending: Ending): readonly Decision[] {
  if (kind === 'tcp') return [];
  const result: Decision[] = [];
  const { retries, limit } = ending.rules;
  const count = lastTry(ending).last;
  if (count > 1 || ending.exhausted) {
    const where = ending.tries.map(
      (it) => `${nameOfTry(it)}${it.last > it.first ? ` (${it.last - it.first + 1} times)` : ''}`,
    );
    result.push(
      decision('retry', {
        chose: `${count === 1 ? 'one try' : `${count} tries`}: ${where.join(', then ')}`,
        because: ending.exhausted
          ? `The policy allows ${retries?.attempts ?? 0} further tries, and all of them failed`
          : `A failed try is made again when the policy covers the failure (${ending.condition})`,
        rules: ['ACT-6'],
        evidence: [retries?.at],
        ...(retries?.at ? {} : { byDefault: 'two further tries when a connection fails' }),
        state: ending.exhausted ? 'broken' : 'warning',
      }),
    );
  }
  if (ending.by !== 'result') {
    result.push(
      decision('time out', {
        chose: `504 after ${ending.elapsed} s`,
        because: reasonOf(ending),
        rules: ['ACT-5', 'FAIL-9'],
        evidence: [ending.by === 'limit' ? ending.rules.limitAt : retries?.at],
        byDefault: `a limit of ${ending.by === 'limit' ? limit : retries?.perTryTimeout} s`,
        state: 'broken',
      }),
    );
  }
  return result;
}

export function nameOfTry({ fate }: Try): string {
  return [...new Set(fate.ids)].join(' or ');
}
