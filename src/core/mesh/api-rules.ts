import type { Rejected } from '../base/explained.js';
import { sourced, type Location, type Sourced } from '../base/location.js';
import type {
  BackendRef,
  GRPCRoute,
  GrpcRouteMatch,
  HTTPRoute,
  HttpRouteMatch,
  HttpRouteRule,
  ValueMatch,
} from '../model/gateway-routes.js';
import type { StringMatch } from '../model/resource.js';
import type { HttpMatch, HttpRoute, Mirror, Retries, RouteDestination } from '../model/virtual-service.js';
import { backendOf, isHardError, type HardError } from './api-backends.js';
import { corsOf, headersOf, redirectOf, rewriteOf } from './api-filters.js';
import { anyMatch, bareRoute } from './made-up-routes.js';
import type { MeshSnapshot } from './snapshot.js';

/** A route's rules as http entries of a VirtualService, each with one match at most (HR-1). */
export interface ConvertedRoute {
  /** Empty when some mistake drops the whole route (HR-9). */
  readonly entries: readonly HttpRoute[];
  readonly error: HardError | undefined;
  /** Backends that have no cluster: their share is answered 500 (HR-8). */
  readonly missing: readonly Rejected[];
}

/** One HTTPRoute or GRPCRoute, as it applies at gateways or (without grants, MESH-8) inside the mesh. */
export function convertRoute(mesh: MeshSnapshot, route: HTTPRoute | GRPCRoute, inMesh: boolean): ConvertedRoute {
  return mesh.remember(`convertRoute ${route.kind} ${route.namespace}/${route.name} ${inMesh}`, () =>
    new Conversion(mesh, route, !inMesh).run(),
  );
}

class Conversion {
  private readonly missing: Rejected[] = [];

  constructor(
    private readonly mesh: MeshSnapshot,
    private readonly route: HTTPRoute | GRPCRoute,
    private readonly needsGrant: boolean,
  ) {}

  run(): ConvertedRoute {
    const entries: HttpRoute[] = [];
    for (const { rule, match, index } of this.candidates()) {
      const entry = this.entry(rule, match, index);
      if (isHardError(entry)) return { entries: [], error: entry, missing: [] };
      entries.push(entry);
    }
    return { entries, error: undefined, missing: this.missing };
  }

  private candidates(): {
    rule: Omit<HttpRouteRule, 'matches'>;
    match: HttpMatch | HardError | undefined;
    index: number;
  }[] {
    const { route } = this;
    if (route.kind === 'HTTPRoute') {
      return route.rules.flatMap((rule, index) => rule.matches.map((it) => ({ rule, match: httpMatch(it), index })));
    }
    return route.rules.flatMap(
      (rule, index): { rule: typeof rule; match: HttpMatch | HardError | undefined; index: number }[] =>
        rule.matches.length === 0
          ? [{ rule, match: undefined, index }]
          : rule.matches.map((it) => ({ rule, match: grpcMatch(it), index })),
    );
  }

  private entry(
    rule: Omit<HttpRouteRule, 'matches'>,
    match: HttpMatch | HardError | undefined,
    index: number,
  ): HttpRoute | HardError {
    if (match && isHardError(match)) return match;
    const { route } = this;
    const name = rule.name ?? sourced(`${route.namespace}.${route.name}.${index}`, rule.at);
    const base: HttpRoute = { ...bareRoute(rule.at), name, matches: match ? [match] : [] };
    const filtered = this.filtered(rule, base);
    if (isHardError(filtered)) return filtered;
    const timed = withTimes(rule, filtered);
    const sum = rule.backends.reduce((total, it) => total + it.weight.value, 0);
    if (sum === 0 && !timed.redirect) {
      return { ...timed, directResponse: { status: sourced(500, rule.at), body: undefined, at: rule.at } };
    }
    const destinations = this.destinations(rule.backends);
    return isHardError(destinations) ? destinations : { ...timed, route: destinations };
  }

  private filtered(rule: Omit<HttpRouteRule, 'matches'>, base: HttpRoute): HttpRoute | HardError {
    const headers = headersOf(rule.filters);
    if (headers && isHardError(headers)) return headers;
    let entry: HttpRoute = { ...base, headers };
    for (const it of rule.filters) {
      const grpc = this.route.kind === 'GRPCRoute';
      if (it.type === 'other' || (grpc && (it.type === 'redirect' || it.type === 'rewrite' || it.type === 'cors'))) {
        const what = it.type === 'other' ? it.name : it.type;
        return { because: `Istio has no filter ${what} for a ${this.route.kind}`, at: it.at, rules: ['HR-9'] };
      }
      if (it.type === 'redirect') entry = { ...entry, redirect: redirectOf(it) };
      if (it.type === 'rewrite') entry = { ...entry, rewrite: rewriteOf(it, base.matches[0]?.pathSegments) };
      if (it.type === 'cors') entry = { ...entry, cors: corsOf(it) };
      if (it.type === 'mirror' && it.backend) {
        const mirror = this.mirror(it.backend, it.share, it.at);
        if (isHardError(mirror)) {
          // an HTTPRoute only loses the copy (HR-14), a GRPCRoute all of itself (GRPC-3)
          if (grpc) return { ...mirror, rules: ['GRPC-3'] };
          this.missing.push({
            name: `mirror to ${it.backend.name.value}`,
            because: mirror.because,
            evidence: [mirror.at],
          });
        } else entry = { ...entry, mirrors: [...entry.mirrors, mirror] };
      }
    }
    return entry;
  }

  private mirror(backend: BackendRef, percentage: Sourced<number> | undefined, at: Location): Mirror | HardError {
    const found = backendOf(this.mesh, backend, this.route, this.needsGrant);
    if (isHardError(found)) return found;
    if (found.missing !== undefined) return { because: found.missing, at: backend.at, rules: ['HR-14'] };
    return { destination: found.destination, percentage, at };
  }

  /** HR-7, HR-8 */
  private destinations(backends: readonly BackendRef[]): readonly RouteDestination[] | HardError {
    const result: RouteDestination[] = [];
    for (const it of backends) {
      if (it.weight.value === 0) continue;
      const found = backendOf(this.mesh, it, this.route, this.needsGrant);
      if (isHardError(found)) return found;
      if (found.missing !== undefined)
        this.missing.push({ name: `backend ${it.name.value}`, because: found.missing, evidence: [it.at] });
      const wrong = it.filters.find(
        (filter) => filter.type !== 'request-headers' && filter.type !== 'response-headers',
      );
      if (wrong) return { because: 'a backend may change headers and nothing else', at: wrong.at, rules: ['HR-9'] };
      const headers = headersOf(it.filters);
      if (headers && isHardError(headers)) return headers;
      result.push({ destination: found.destination, weight: it.weight, headers, at: it.at });
    }
    return result;
  }
}

/** HR-16, HR-17 */
function withTimes({ retry, timeouts }: Omit<HttpRouteRule, 'matches'>, entry: HttpRoute): HttpRoute {
  const request = nonZero(timeouts?.request);
  const perTry = nonZero(timeouts?.backendRequest);
  if (!retry) return { ...entry, timeout: perTry ?? request };
  const attempts = retry.attempts ?? sourced(2, retry.at);
  const codes = retry.codes.map((it) => String(it.value));
  const retryOn = ['connect-failure', 'refused-stream', 'unavailable', 'cancelled', ...codes].join(',');
  const retries: Retries = {
    attempts,
    perTryTimeout: perTry,
    retryOn: attempts.value === 0 ? undefined : sourced(retryOn, retry.at),
    at: retry.at,
  };
  return { ...entry, retries, timeout: request };
}

function nonZero(it: Sourced<number> | undefined): Sourced<number> | undefined {
  return it && it.value !== 0 ? it : undefined;
}

/** HR-3..HR-6 */
function httpMatch(it: HttpRouteMatch): HttpMatch | HardError {
  const base: HttpMatch = {
    ...anyMatch(it.at),
    method: it.method && { type: 'exact', value: it.method.value, at: it.method.at },
    headers: valueMatches(it.headers),
    queryParams: valueMatches(it.queryParams),
  };
  const { type, at } = it.path;
  const value = type === 'PathPrefix' && it.path.value !== '/' ? it.path.value.replace(/\/$/, '') : it.path.value;
  switch (type) {
    case 'Exact':
      return { ...base, uri: { type: 'exact', value, at } };
    case 'RegularExpression':
      return { ...base, uri: { type: 'regex', value, at } };
    case 'PathPrefix':
      return value === '/' ? { ...base, uri: { type: 'prefix', value, at } } : segments(base, value, at);
    default:
      return { because: `there is no path type ${type}`, at, rules: ['HR-9'] };
  }
}

function segments(base: HttpMatch, value: string, at: Location): HttpMatch {
  return { ...base, uri: { type: 'prefix', value, at }, pathSegments: value.replace(/\/$/, '') };
}

/** GRPC-1 */
function grpcMatch(it: GrpcRouteMatch): HttpMatch | HardError {
  const base: HttpMatch = { ...anyMatch(it.at), headers: valueMatches(it.headers) };
  if (!it.method) return base;
  const { type, at } = it.method;
  const service = it.method.service?.value;
  const method = it.method.method?.value;
  if (service === undefined && method === undefined) {
    return { because: 'a gRPC match needs a service or a method', at, rules: ['HR-9'] };
  }
  const regex = type === 'RegularExpression';
  if (service === undefined) return { ...base, uri: { type: 'regex', value: `/[^/]+/${method!}`, at } };
  if (method === undefined) {
    return regex
      ? { ...base, uri: { type: 'regex', value: `/${service}/.+`, at } }
      : segments(base, `/${service}/`, at);
  }
  return { ...base, uri: { type: regex ? 'regex' : 'exact', value: `/${service}/${method}`, at } };
}

function valueMatches(values: readonly ValueMatch[]): ReadonlyMap<string, StringMatch> {
  return new Map(
    values.map(({ name, type, value, at }) => [
      name.value,
      { type: type === 'RegularExpression' ? ('regex' as const) : ('exact' as const), value, at },
    ]),
  );
}

const RANKS: Readonly<Record<StringMatch['type'], number>> = { exact: 3, prefix: 2, regex: 1, present: -1 };

/** Which of two entries Envoy tries first (HR-2); equal ones keep their order. */
export function byPrecedence(a: HttpRoute, b: HttpRoute): number {
  const [ours, theirs] = [a.matches[0], b.matches[0]];
  if (!ours || !theirs) return Number(!ours) - Number(!theirs);
  const rank = (it: HttpMatch): number => (it.uri ? RANKS[it.uri.type] : -1);
  const length = (it: HttpMatch): number => (it.uri && it.uri.type !== 'present' ? it.uri.value.length : 0);
  return (
    rank(theirs) - rank(ours) ||
    length(theirs) - length(ours) ||
    Number(theirs.method !== undefined) - Number(ours.method !== undefined) ||
    theirs.headers.size - ours.headers.size ||
    theirs.queryParams.size - ours.queryParams.size
  );
}
