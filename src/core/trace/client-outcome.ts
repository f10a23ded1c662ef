import { unreachable } from '../base/unreachable.js';
import type { Landing } from './land.js';
import type { Outcome, ProxyLog } from './path.js';

/** What a client sees of how its connection ended at the first place that it met; the log is that of its own proxy. */
export function seenByClient(
  result: Landing['result'],
  endpoints: readonly string[] = [],
  log: Pick<ProxyLog, 'flags' | 'details'> = {},
): Outcome {
  const flags = log.flags === undefined ? {} : { flags: log.flags };
  switch (result.kind) {
    case 'answered':
      return {
        result: 'delivered',
        endpoints,
        status: result.status,
        app: {
          ...(result.host === '' ? {} : { host: result.host }),
          ...(result.path === '' ? {} : { path: result.path }),
        },
        ...grpcOf(result),
        ...(result.delaySeconds > 0 ? { delaySeconds: result.delaySeconds } : {}),
      };
    case 'replied': {
      const details = log.details === undefined ? {} : { details: log.details };
      return {
        result: 'status',
        status: result.status,
        ...details,
        ...grpcOf(result),
        ...flags,
        because: result.because,
      };
    }
    case 'refused':
      return { result: 'refused', ...flags, because: result.because };
    case 'unknown':
      return { result: 'unknown', because: result.because };
    case 'dropped':
    case 'tls-failure':
    case 'closed':
    case 'protocol-error':
      return { result: 'reset', ...flags, because: result.because };
    default:
      return unreachable(result);
  }
}

function grpcOf({ grpcStatus }: { readonly grpcStatus?: number }): { readonly grpcStatus?: number } {
  return grpcStatus === undefined ? {} : { grpcStatus };
}
