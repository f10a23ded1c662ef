import type { RetryPolicy } from '../../xds/config.js';
import type { Landing } from '../land.js';

/** What a try came to, as far as retries care. */
export type Attempt =
  Landing['result'] | { readonly kind: 'dropped'; readonly because: string } | { readonly kind: 'too-slow' };

const GRPC_WORDS: Readonly<Record<number, string>> = {
  1: 'cancelled',
  4: 'deadline-exceeded',
  8: 'resource-exhausted',
  13: 'internal',
  14: 'unavailable',
};

/** The condition of the policy by which a try is made again; `undefined` when none covers it (ACT-6). */
export function retryCondition(policy: RetryPolicy, attempt: Attempt): string | undefined {
  const named = (...words: readonly string[]): string | undefined => words.find((it) => policy.retryOn.includes(it));
  switch (attempt.kind) {
    case 'unknown':
      return undefined;
    case 'refused':
    case 'dropped':
    case 'tls-failure':
      return named('connect-failure', 'reset', 'reset-before-request', '5xx', 'gateway-error');
    case 'closed':
    case 'protocol-error':
    case 'too-slow':
      return named('reset', '5xx', 'gateway-error'); // Envoy takes resets for 5xx
    case 'answered':
      return conditionOf(policy, attempt.status, undefined);
    case 'replied':
      // of gRPC Envoy looks at headers only: an application says its status in trailers, a proxy's own answer has none
      return conditionOf(policy, attempt.status, attempt.grpcStatus);
  }
}

function conditionOf(policy: RetryPolicy, status: number, grpcStatus: number | undefined): string | undefined {
  const has = (word: string): boolean => policy.retryOn.includes(word);
  if (status >= 500 && has('5xx')) return '5xx';
  if (status >= 502 && status <= 504 && has('gateway-error')) return 'gateway-error';
  if (status === 409 && has('retriable-4xx')) return 'retriable-4xx';
  if (policy.statusCodes.includes(status)) return `status ${status}`;
  const word = grpcStatus === undefined ? undefined : GRPC_WORDS[grpcStatus];
  return word !== undefined && has(word) ? word : undefined;
}
