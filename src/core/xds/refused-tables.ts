import type { Rejected } from '../base/explained.js';
import { isRe2 } from '../base/re2.js';
import type { StringMatch } from '../model/resource.js';
import type { Route, RouteConfiguration, RouteMatch } from './config.js';

/** Codes that Envoy's redirects know; istiod leaves a route with another one without any action (ACT-2). */
const REDIRECT_CODES = new Set([301, 302, 303, 307, 308]);

/**
 * A route table as a proxy that never had an earlier version of it has it: one route that Envoy cannot take costs the whole
 * table, so that every host on the port answers 404.
 */
export function asEnvoyTakesIt(config: RouteConfiguration): RouteConfiguration {
  for (const { routes } of config.virtualHosts) {
    for (const route of routes) {
      if (sound.has(route)) continue;
      const fault = faultOf(route);
      if (!fault) sound.add(route);
      if (fault) {
        const rejected = [...config.rejected, fault];
        return { ...config, virtualHosts: [], evidence: fault.evidence, rejected, rules: [...config.rules, 'ACT-2'] };
      }
    }
  }
  return config;
}

/** Routes in which nothing was found; most outlive the table that they were checked in. */
const sound = new WeakSet<Route>();

function faultOf(route: Route): Rejected | undefined {
  if (route.action.kind === 'redirect') {
    const code = route.action.redirect.code;
    if (code && code.value !== 0 && !REDIRECT_CODES.has(code.value)) {
      const because = `Envoy has no redirect with code ${code.value}, and refuses the whole table`;
      return { name: route.title, because, evidence: [code.at] };
    }
  }
  const regex = route.match && regexesOf(route.match).find((it) => !isRe2(it.value));
  if (!regex) return undefined;
  const because = `"${regex.value}" is no regular expression of RE2, and Envoy refuses the whole table`;
  return { name: route.title, because, evidence: [regex.at] };
}

type Regex = Extract<StringMatch, { value: string }>;

function regexesOf(match: RouteMatch): Regex[] {
  const all = [
    match.uri,
    match.scheme,
    match.method,
    match.authority,
    ...match.headers.values(),
    ...match.withoutHeaders.values(),
    ...match.queryParams.values(),
  ];
  // `*` alone is no regular expression: istiod makes «present» of it
  return all.filter((it): it is Regex => it?.type === 'regex' && it.value !== '*');
}
