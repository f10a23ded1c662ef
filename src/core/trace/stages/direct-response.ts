import type { DirectResponse } from '../../model/virtual-service.js';
import type { Route } from '../../xds/config.js';
import { decision } from '../decide.js';
import type { Decision } from '../path.js';

/** The proxy answers by itself; nothing goes upstream (ACT-3). */
export function respondDirectly(
  route: Route,
  response: DirectResponse,
): { readonly status: number; readonly because: string; readonly decision: Decision } {
  const status = response.status.value;
  const because = `${route.title} answers ${status} itself`;
  const blocked = route.name === 'block_all';
  const said = decision('respond directly', {
    chose: `answer ${status}`,
    because: blocked ? 'The destination is not in the registry, and outboundTrafficPolicy is REGISTRY_ONLY' : because,
    rules: blocked ? ['LIS-13'] : ['ACT-3'],
    evidence: [response.status.at],
    state: blocked ? 'broken' : 'ok',
    ...(response.status.at.doc === '' ? { byDefault: 'outboundTrafficPolicy without a mode is REGISTRY_ONLY' } : {}),
  });
  return { status, because: said.because, decision: said };
}
