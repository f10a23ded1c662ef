import { replaceAll } from '../../base/re2.js';
import type { Sourced } from '../../base/location.js';
import type { Rewrite } from '../../model/virtual-service.js';
import type { Route, RouteMatch, WeightedCluster } from '../../xds/config.js';
import type { AppMessage } from '../arrival.js';
import { decision } from '../decide.js';
import { splitPath } from '../match-request.js';
import type { Decision, Effect } from '../path.js';
import { applyHeaders, authorityIn, requestPasses } from './headers.js';
import type { ClusterAction } from './split-by-weight.js';

/** The request as it goes upstream: headers first, then path and Host (ACT-4, ACT-10); no decision where nothing changes. */
export function rewriteRequest(
  route: Route,
  action: ClusterAction,
  to: WeightedCluster,
  message: AppMessage,
): { readonly message: AppMessage; readonly decision: Decision | undefined } {
  const weighted = action.weighted ?? false;
  const changed = applyHeaders(requestPasses(route.headers, to.headers, weighted), message);
  const path = rewritePath(action.rewrite, route.match, message.path);
  const { names, original } = authorities(route, action, to, message.authority);
  const authority = names.at(-1)?.value ?? message.authority;
  const headers = {
    ...changed.headers,
    ...(path === message.path ? {} : { 'x-envoy-original-path': message.path }),
    ...(original === undefined ? {} : { 'x-envoy-original-host': original }),
  };
  const effects: Effect[] = [
    ...(path === message.path ? [] : [{ what: 'path', before: message.path, after: path }]),
    ...(authority === message.authority ? [] : [{ what: 'authority', before: message.authority, after: authority }]),
    ...changed.effects,
  ];
  const after: AppMessage = { ...message, path, authority, headers };
  if (effects.length === 0) return { message: after, decision: undefined };
  const rewrite = action.rewrite;
  const pathAt = [rewrite?.uri?.at, rewrite?.uriRegex?.match.at, rewrite?.uriRegex?.rewrite.at];
  const evidence = [...(path === message.path ? [] : pathAt), ...names.map((it) => it.at), ...changed.evidence];
  const said = decision('rewrite request', {
    chose: effects.map((it) => `${it.what} ${it.after === '' ? 'removed' : it.after}`).join(', '),
    because: `${route.title} changes the request before it is sent on`,
    rules: [
      ...(path === message.path && names.length === 0 ? [] : ['ACT-4']),
      ...(changed.effects.length > 0 ? ['ACT-10'] : []),
    ],
    evidence,
    effects,
  });
  return { message: after, decision: said };
}

/** New names for Host in the order in which they are set, and what Envoy keeps as the original one. */
function authorities(
  route: Route,
  action: ClusterAction,
  to: WeightedCluster,
  authority: string,
): { readonly names: readonly Sourced<string>[]; readonly original: string | undefined } {
  const ofRoute = action.rewrite?.authority ?? authorityIn(route.headers?.request);
  const ofDestination = authorityIn(to.headers?.request);
  if (!action.weighted) {
    const name = ofRoute ?? ofDestination;
    return name ? { names: [name], original: authority } : { names: [], original: undefined };
  }
  // one set per destination acts first and leaves no trace of its own
  const names = [ofDestination, ofRoute].filter((it) => it !== undefined);
  return { names, original: ofRoute ? (ofDestination?.value ?? authority) : undefined };
}

/** The path as a rewrite leaves it; the query stays, and all of it where a regex would leave nothing (ACT-4). */
export function rewritePath(rewrite: Rewrite | undefined, match: RouteMatch | undefined, path: string): string {
  if (!rewrite) return path;
  if (rewrite.uriRegex) {
    const { path: before, query } = splitPath(path);
    const after = replaceAll(rewrite.uriRegex.match.value, before, rewrite.uriRegex.rewrite.value);
    return after === '' ? path : after + query;
  }
  return rewrite.uri ? replaceMatched(match, path, rewrite.uri.value) : path;
}

/**
 * Puts text in the place of what the route's path condition matched: all of the path of an exact or regex condition, the prefix
 * of one by prefix, and without any condition the leading slash, which istiod writes as prefix `/` (ACT-4).
 */
export function replaceMatched(match: RouteMatch | undefined, path: string, replacement: string): string {
  const { path: whole } = splitPath(path);
  return replacement + path.slice(matchedLength(match, whole));
}

function matchedLength(match: RouteMatch | undefined, whole: string): number {
  if (match?.pathSegments !== undefined) return match.pathSegments.length;
  switch (match?.uri?.type) {
    case 'exact':
    case 'regex':
      return whole.length;
    case 'prefix':
      return match.uri.value.length;
    default:
      return 1;
  }
}
