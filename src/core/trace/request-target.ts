import type { AppMessage } from './arrival.js';

/** What Envoy writes down when it gives up on a request for its path alone. */
export interface UnreadableTarget {
  readonly details: string;
  readonly because: string;
}

/**
 * Rewrites put their text where the matched part was, slash or not (ACT-4); Envoy sends such a path on, and no server reads it:
 * over HTTP/1.1 it answers 400, over HTTP/2 it ends the connection. A whole URL is a target too, and so is `*` of OPTIONS.
 */
export function unreadableTarget({ protocol, method, path }: AppMessage): UnreadableTarget | undefined {
  if (path.startsWith('/') || protocol === 'tls' || protocol === 'tcp') return undefined;
  const because = `The path of the request, ${path}, does not start with a slash`;
  if (protocol !== 'http1') return { details: 'http2.violation.of.messaging.rule', because };
  if (/^https?:\/\//.test(path) || (path === '*' && method === 'OPTIONS')) return undefined;
  return { details: path.startsWith('*') ? 'http1.invalid_url' : 'http1.codec_error', because };
}
