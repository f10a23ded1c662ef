import type { Location } from '../base/location.js';
import { HTTP_STATUS } from '../model/http-status.js';
import type { MeshConfig } from '../model/mesh-config.js';
import type { Retries } from '../model/virtual-service.js';
import type { RetryPolicy } from './config.js';

/** What istiod retries when nobody says otherwise (ACT-6): not the 503 of an application. */
const DEFAULT_RETRY_ON = 'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes';
const DEFAULT_ATTEMPTS = 2;

/** The retries of a route: its own, else the mesh's, else Istio's (ACT-6). */
export function retryPolicyOf(written: Retries | undefined, mesh: MeshConfig): RetryPolicy {
  if (written) {
    const { attempts, retryOn, perTryTimeout, at } = written;
    return convert(attempts?.value, retryOn?.value, perTryTimeout?.value, at);
  }
  const whole = mesh.defaultHttpRetryPolicy;
  if (whole) {
    const at = mesh.written?.valueAt('defaultHttpRetryPolicy');
    return convert(whole.attempts, whole.retryOn, whole.perTryTimeout, at);
  }
  return convert(DEFAULT_ATTEMPTS, undefined, undefined, undefined);
}

function convert(
  attempts: number | undefined,
  retryOn: string | undefined,
  perTryTimeout: number | undefined,
  at: Location | undefined,
): RetryPolicy {
  // a policy without attempts turns retries off, whatever else it says
  if (attempts === undefined || attempts <= 0) {
    return { attempts: 0, retryOn: [], statusCodes: [], perTryTimeout: undefined, at };
  }
  const words = (retryOn || DEFAULT_RETRY_ON)
    .split(',')
    .map((it) => it.trim())
    .filter((it) => it !== '');
  const statusCodes = words.filter(isStatusCode).map(Number);
  const conditions = words.filter((it) => !isStatusCode(it));
  if (statusCodes.length > 0 && !conditions.includes('retriable-status-codes')) {
    conditions.push('retriable-status-codes');
  }
  return { attempts, retryOn: conditions, statusCodes, perTryTimeout, at };
}

/** Numbers with a name in HTTP; others are taken for conditions, which Envoy does not know. */
function isStatusCode(word: string): boolean {
  return /^\d+$/.test(word) && HTTP_STATUS.has(Number(word));
}
