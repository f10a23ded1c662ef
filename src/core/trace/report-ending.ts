import { decision } from './decide.js';
import type { FateLanding, Sending } from './fates.js';
import { localReply } from './local-reply.js';
import type { Decision, Hop, Outcome, ProxyLog } from './path.js';
import type { Ending } from './tries.js';

type EndingLog = Pick<ProxyLog, 'cluster' | 'status' | 'flags' | 'details' | 'tlsToUpstream'>;

const RESET = 'upstream_reset_before_response_started';

/** What the sending proxy writes of how a request ended (section 6.4 of the semantics). */
export function logOf({ cluster, message, kind }: Sending, ending: Ending): EndingLog {
  const { result } = lastLanding(ending);
  const encrypted = ending.fate.connection.encrypted && isConnected(result);
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
  const { result } = lastLanding(ending);
  const { ids } = ending.fate;
  const delay = ending.elapsed > 0 ? { delaySeconds: ending.elapsed } : {};
  const flags = log.flags === undefined ? {} : { flags: log.flags };
  if (result.kind === 'unknown') return { result: 'unknown', because: result.because };
  if (ending.by === 'result' && result.kind === 'answered') {
    const grpc = result.grpcStatus === undefined ? {} : { grpcStatus: result.grpcStatus };
    const app = {
      ...(result.host === '' ? {} : { host: result.host }),
      ...(result.path === '' ? {} : { path: result.path }),
    };
    return { result: 'delivered', status: result.status, ...grpc, endpoints: ids, app, ...delay };
  }
  const because = reasonOf(ending);
  if (ending.by === 'result' && result.kind === 'replied') {
    const grpc = result.grpcStatus === undefined ? {} : { grpcStatus: result.grpcStatus };
    const details = log.details === undefined ? {} : { details: log.details };
    return {
      result: 'status',
      status: result.status,
      ...grpc,
      ...flags,
      ...details,
      endpoints: ids,
      because,
      ...delay,
    };
  }
  if (kind === 'tcp') return { result: 'reset', ...flags, because, endpoints: ids, ...delay };
  const { status, details } = httpEnd(ending);
  return { result: 'status', ...localReply(status, message), ...flags, details, endpoints: ids, because, ...delay };
}

function lastLanding(ending: Ending): FateLanding {
  return ending.fate.landing(ending.attempt);
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
  const { result } = lastLanding(ending);
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
  const { result, hops } = lastLanding(ending);
  switch (result.kind) {
    case 'refused':
    case 'dropped':
    case 'tls-failure':
      return 'UF,URX';
    case 'closed': {
      const lines = hops.flatMap((it) => it.proxy ?? []);
      return lines.length === 0 || lines.some((it) => it.flags === 'NR') ? 'UR' : undefined;
    }
    default:
      return undefined;
  }
}

function reasonOf(ending: Ending): string {
  if (ending.by === 'limit') return `No answer within ${ending.elapsed} s, which is the limit for all tries together`;
  if (ending.by === 'try-limit')
    return `No answer within the limit of a try${ending.exhausted ? ', and no tries are left' : ''}`;
  const { result } = lastLanding(ending);
  return 'because' in result ? result.because : 'The application answers';
}

/** The hops after the proxy; a server whose client has given up writes that down. */
export function hopsAfter(ending: Ending): readonly Hop[] {
  const { hops } = lastLanding(ending);
  if (ending.by === 'result') return hops;
  return hops.map((hop) => {
    if (!hop.proxy || hop.proxy.kind !== 'http') return hop;
    const { status: _, ...log } = hop.proxy;
    return { ...hop, proxy: { ...log, flags: 'DC', details: 'downstream_remote_disconnect' } };
  });
}

/** Retries and limits, where they played a part. */
export function endingDecisions(kind: Sending['kind'], ending: Ending): readonly Decision[] {
  if (kind === 'tcp') return [];
  const result: Decision[] = [];
  const { retries, limit } = ending.rules;
  if (ending.attempt > 1 || ending.exhausted) {
    const tries = ending.attempt === 1 ? 'one try' : `${ending.attempt} tries`;
    result.push(
      decision('retry', {
        chose: ending.exhausted ? `${tries}, all in vain` : tries,
        because: ending.exhausted
          ? `The policy allows ${retries?.attempts ?? 0} further tries, and none succeeded`
          : `Earlier tries failed in a way that the policy covers (${ending.condition})`,
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
        evidence: [ending.by === 'limit' ? undefined : retries?.at],
        byDefault: `a limit of ${limit ?? retries?.perTryTimeout} s`,
        state: 'broken',
      }),
    );
  }
  return result;
}
