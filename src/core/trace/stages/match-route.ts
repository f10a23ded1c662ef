import type { Route, VirtualHost } from '../../xds/config.js';
import { decision } from '../decide.js';
import { mismatchOf, type RequestView } from '../match-request.js';
import type { Decision, Rejected } from '../path.js';

/** The first route of a virtual host that accepts the request, in the order of the YAML (RT-2). */
export function matchRoute(
  virtualHost: VirtualHost,
  request: RequestView,
): { readonly route: Route | undefined; readonly decision: Decision } {
  const rejected: Rejected[] = [];
  for (const route of virtualHost.routes) {
    const mismatch = mismatchOf(route.match, request);
    if (!mismatch) return { route, decision: chosen(route, rejected) };
    rejected.push({ name: route.title, because: mismatch.because, evidence: [mismatch.at] });
  }
  const nothing = decision('match route', {
    chose: 'no route',
    because:
      virtualHost.routes.length === 0
        ? `Virtual host ${virtualHost.name} has no routes`
        : `None of the ${virtualHost.routes.length} routes of virtual host ${virtualHost.name} accepts the request`,
    rules: ['RT-2'],
    evidence: [...virtualHost.evidence, ...virtualHost.routes.flatMap((it) => it.evidence)],
    rejected,
    state: 'broken',
    byDefault: 'Envoy answers 404 where no route matches',
  });
  return { route: undefined, decision: nothing };
}

function chosen(route: Route, rejected: readonly Rejected[]): Decision {
  return decision('match route', {
    chose: route.title,
    because: route.match ? 'It is the first route that accepts the request' : 'It accepts every request',
    rules: ['RT-2', ...route.rules],
    evidence: route.evidence,
    rejected: [...rejected, ...route.rejected],
    assumptions: route.assumptions,
    ...(route.evidence.some((it) => it.doc !== '') ? {} : { byDefault: 'no VirtualService says otherwise' }),
  });
}
