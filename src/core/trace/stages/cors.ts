import type { CorsPolicy } from '../../model/virtual-service.js';
import type { AppMessage } from '../arrival.js';
import { decision } from '../decide.js';
import { accepts } from '../match-request.js';
import type { Decision } from '../path.js';

/** What a route's CORS policy does to a request. */
export type CorsVerdict =
  | { readonly kind: 'answered'; readonly because: string; readonly decision: Decision }
  | { readonly kind: 'pass'; readonly decision: Decision | undefined };

/**
 * The caller's own proxy answers a preflight from an allowed origin; nothing else is ever stopped, answers only get headers or
 * lack them (ACT-8).
 */
export function answerCors(policy: CorsPolicy | undefined, message: AppMessage): CorsVerdict {
  const origin = message.headers['origin'];
  if (!policy || !origin) return { kind: 'pass', decision: undefined };
  // an origin `*` allows any, whatever kind of match it stands in
  const allowing = policy.allowOrigins.find((it) => accepts(it, '*') || accepts(it, origin));
  const preflight = message.method === 'OPTIONS' && !!message.headers['access-control-request-method'];
  const ignoring = policy.unmatchedPreflights?.value === 'IGNORE';
  if (preflight && (allowing !== undefined || ignoring)) {
    const because = allowing
      ? `The preflight from ${origin} is answered by the proxy: that origin is allowed`
      : `The preflight from ${origin} is answered by the proxy without allowing that origin: unmatchedPreflights is IGNORE`;
    const evidence = [allowing?.at ?? policy.unmatchedPreflights!.at];
    const state = allowing ? 'ok' : 'warning';
    const said = decision('answer CORS', { chose: 'answer 200', because, rules: ['ACT-8'], evidence, state });
    return { kind: 'answered', because, decision: said };
  }
  const said = decision('answer CORS', {
    chose: allowing ? `allow ${origin}` : 'add no headers',
    because: allowing
      ? `Origin ${origin} is allowed; the answer will say so`
      : `Origin ${origin} is not allowed: the request goes on all the same, its answer lacks access-control-allow-origin`,
    rules: ['ACT-8'],
    evidence: [allowing?.at ?? policy.at],
    state: allowing ? 'ok' : 'warning',
  });
  return { kind: 'pass', decision: said };
}
