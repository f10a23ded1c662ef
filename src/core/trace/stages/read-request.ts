import type { FilterChain } from '../../xds/config.js';
import type { AppMessage, ArrivalTls, ReceptionResult } from '../arrival.js';
import { decision } from '../decide.js';
import type { Decision, ProxyLog } from '../path.js';
import { unreadableTarget } from '../request-target.js';

/** What a handshake comes to when its answer is in clear. */
export const NOT_TLS = 'TLS_error:|268435703:SSL_routines:OPENSSL_internal:WRONG_VERSION_NUMBER';

/** How a proxy ends what it cannot read as a request: before it asks policies, and before it looks for a route. */
export interface Unread {
  readonly decision: Decision;
  /** Nothing where the client's proxy was still shaking hands: that never became a request (OBS-3). */
  readonly log: Pick<ProxyLog, 'status' | 'flags' | 'details'> | undefined;
  readonly result: Extract<ReceptionResult, { kind: 'replied' | 'closed' | 'protocol-error' | 'tls-failure' }>;
}

/**
 * Envoy's HTTP reader on a chain of any proxy, client's, server's or gateway's: `undefined` for a request that it can read. The
 * message is what is inside of the TLS that ends at the chain; `tls` is what arrived (IN-7).
 */
export function readRequest(chain: FilterChain, tls: ArrivalTls, message: AppMessage): Unread | undefined {
  const encrypted = message.protocol === 'tls' || (!chain.tls && tls.kind !== 'none');
  if (encrypted || message.protocol === 'tcp') return noHttp(chain, tls, encrypted);
  if (message.protocol === 'http1' && !HTTP_METHODS.has(message.method)) {
    const because = `Envoy knows no HTTP method ${message.method}`;
    return answered400(chain, because, {
      rules: ['IN-7'],
      byDefault: 'methods are upper case and of a fixed list in HTTP/1',
    });
  }
  const target = unreadableTarget(message);
  if (!target) return undefined;
  const { because, details } = target;
  const parts = { rules: ['ACT-4'], byDefault: 'paths start with a slash' };
  if (message.protocol === 'http1') return answered400(chain, because, { ...parts, details });
  const said = decision('choose virtual host', {
    ...parts,
    chose: 'the connection ends',
    because,
    evidence: chain.evidence,
    state: 'broken',
  });
  return { decision: said, log: { flags: 'DPE', details }, result: { kind: 'closed', because } };
}

/** Methods that Envoy's HTTP/1 reader knows, letter by letter; in HTTP/2 any will do. */
const HTTP_METHODS = new Set(
  (
    'ACL BIND CHECKOUT CONNECT COPY DELETE GET HEAD LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL MOVE MSEARCH NOTIFY ' +
    'OPTIONS PATCH POST PROPFIND PROPPATCH PURGE PUT REBIND REPORT SEARCH SOURCE SUBSCRIBE TRACE UNBIND UNLINK UNLOCK ' +
    'UNSUBSCRIBE'
  ).split(' '),
);

/** Envoy says in clear, and in HTTP/1.1, that it reads none: a proxy that waits for its handshake takes that for broken TLS. */
function noHttp(chain: FilterChain, tls: ArrivalTls, encrypted: boolean): Unread {
  const because = encrypted
    ? 'The port is plaintext HTTP, and TLS arrives: Envoy answers 400 in clear'
    : 'The port is HTTP, and what arrives is not';
  const unread = answered400(chain, because, { rules: ['IN-7'], byDefault: 'the chain reads HTTP' });
  if (chain.tls || (tls.kind !== 'mesh' && tls.kind !== 'originated')) {
    return { ...unread, result: { kind: 'protocol-error', because } };
  }
  return { ...unread, log: undefined, result: { kind: 'tls-failure', transport: NOT_TLS, because } };
}

function answered400(
  chain: FilterChain,
  because: string,
  more: { readonly rules: readonly string[]; readonly byDefault: string; readonly details?: string },
): Unread {
  const { details = 'http1.codec_error', ...parts } = more;
  const said = decision('choose virtual host', {
    ...parts,
    chose: '400',
    because,
    evidence: chain.evidence,
    state: 'broken',
  });
  return {
    decision: said,
    log: { status: 400, flags: 'DPE', details },
    result: { kind: 'replied', status: 400, because },
  };
}
