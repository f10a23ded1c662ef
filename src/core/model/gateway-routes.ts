import type { Location, Sourced } from '../base/location.js';
import type { Fields } from './fields.js';
import { GATEWAY_API, readRef, type ObjectRef } from './gateway-api.js';
import { readDuration } from './reading.js';
import type { ResourceBase } from './resource.js';

/*
 * The routes of gateway.networking.k8s.io. Fields that the API server fills in when they are absent are filled in here
 * (META-3).
 */

export interface ParentRef extends ObjectRef {
  readonly sectionName: Sourced<string> | undefined;
  readonly port: Sourced<number> | undefined;
}

export interface BackendRef extends ObjectRef {
  readonly port: Sourced<number> | undefined;
  readonly weight: Sourced<number>;
  readonly filters: readonly RouteFilter[];
}

/** A condition on a value: equal, or a regular expression. */
export interface ValueMatch {
  readonly name: Sourced<string>;
  readonly type: string;
  readonly value: string;
  readonly at: Location;
}

export interface HeaderChange {
  readonly set: readonly HeaderValue[];
  readonly add: readonly HeaderValue[];
  readonly remove: readonly Sourced<string>[];
}

export interface HeaderValue {
  readonly name: string;
  readonly value: Sourced<string>;
}

export interface PathChange {
  readonly type: string;
  readonly value: Sourced<string>;
}

/** A filter; `other` for those that Istio does not have. */
export type RouteFilter =
  | { readonly type: 'request-headers' | 'response-headers'; readonly change: HeaderChange; readonly at: Location }
  | {
      readonly type: 'redirect';
      readonly scheme: Sourced<string> | undefined;
      readonly hostname: Sourced<string> | undefined;
      readonly port: Sourced<number> | undefined;
      readonly path: PathChange | undefined;
      readonly status: Sourced<number>;
      readonly at: Location;
    }
  | {
      readonly type: 'rewrite';
      readonly hostname: Sourced<string> | undefined;
      readonly path: PathChange | undefined;
      readonly at: Location;
    }
  | {
      readonly type: 'mirror';
      readonly backend: BackendRef | undefined;
      readonly share: Sourced<number> | undefined;
      readonly at: Location;
    }
  | {
      readonly type: 'cors';
      readonly origins: readonly Sourced<string>[];
      readonly methods: readonly Sourced<string>[];
      readonly headers: readonly Sourced<string>[];
      readonly exposed: readonly Sourced<string>[];
      readonly credentials: boolean;
      /** Seconds. */
      readonly maxAge: number;
      readonly at: Location;
    }
  | { readonly type: 'other'; readonly name: string; readonly at: Location };

export interface HttpRouteMatch {
  readonly path: { readonly type: string; readonly value: string; readonly at: Location };
  readonly headers: readonly ValueMatch[];
  readonly queryParams: readonly ValueMatch[];
  readonly method: Sourced<string> | undefined;
  readonly at: Location;
}

export interface HttpRouteRule {
  readonly name: Sourced<string> | undefined;
  readonly matches: readonly HttpRouteMatch[];
  readonly filters: readonly RouteFilter[];
  readonly backends: readonly BackendRef[];
  readonly timeouts:
    { readonly request: Sourced<number> | undefined; readonly backendRequest: Sourced<number> | undefined } | undefined;
  readonly retry:
    | {
        readonly codes: readonly Sourced<number>[];
        readonly attempts: Sourced<number> | undefined;
        readonly at: Location;
      }
    | undefined;
  readonly at: Location;
}

interface AnyRoute extends ResourceBase {
  readonly parents: readonly ParentRef[];
  readonly hostnames: readonly Sourced<string>[];
}

export interface HTTPRoute extends AnyRoute {
  readonly kind: 'HTTPRoute';
  readonly rules: readonly HttpRouteRule[];
}

export interface GrpcRouteMatch {
  readonly method:
    | {
        readonly type: string;
        readonly service: Sourced<string> | undefined;
        readonly method: Sourced<string> | undefined;
        readonly at: Location;
      }
    | undefined;
  readonly headers: readonly ValueMatch[];
  readonly at: Location;
}

export interface GRPCRoute extends AnyRoute {
  readonly kind: 'GRPCRoute';
  readonly rules: readonly (Omit<HttpRouteRule, 'matches'> & { readonly matches: readonly GrpcRouteMatch[] })[];
}

export interface L4RouteRule {
  readonly backends: readonly BackendRef[];
  readonly at: Location;
}

export interface TLSRoute extends AnyRoute {
  readonly kind: 'TLSRoute';
  readonly rules: readonly L4RouteRule[];
}

export interface TCPRoute extends AnyRoute {
  readonly kind: 'TCPRoute';
  readonly rules: readonly L4RouteRule[];
}

/** What they have in common. */
export type GatewayApiRoute = HTTPRoute | GRPCRoute | TLSRoute | TCPRoute;

export function readHTTPRoute(base: ResourceBase, body: Fields): HTTPRoute {
  const spec = body.fieldsOrEmpty('spec');
  // a route without rules has one that takes everything
  const rules = spec.has('rules') ? spec.list('rules') : [spec];
  return {
    ...anyRoute(base, spec),
    kind: 'HTTPRoute',
    rules: rules.map((it) => {
      const matches = it.list('matches');
      return { ...ruleOf(it), matches: matches.length > 0 ? matches.map(readHttpMatch) : [anyHttpMatch(it.at)] };
    }),
  };
}

export function readGRPCRoute(base: ResourceBase, body: Fields): GRPCRoute {
  const spec = body.fieldsOrEmpty('spec');
  return {
    ...anyRoute(base, spec),
    kind: 'GRPCRoute',
    rules: spec.list('rules').map((it) => ({ ...ruleOf(it), matches: it.list('matches').map(readGrpcMatch) })),
  };
}

export function readTLSRoute(base: ResourceBase, body: Fields): TLSRoute {
  const spec = body.fieldsOrEmpty('spec');
  return { ...anyRoute(base, spec), kind: 'TLSRoute', rules: spec.list('rules').map(readL4Rule) };
}

export function readTCPRoute(base: ResourceBase, body: Fields): TCPRoute {
  const spec = body.fieldsOrEmpty('spec');
  return { ...anyRoute(base, spec), kind: 'TCPRoute', rules: spec.list('rules').map(readL4Rule) };
}

function anyRoute(base: ResourceBase, spec: Fields): AnyRoute {
  return {
    ...base,
    parents: spec.list('parentRefs').flatMap((it) =>
      readRef(it, GATEWAY_API, 'Gateway').map((ref) => ({
        ...ref,
        sectionName: it.string('sectionName'),
        port: it.number('port'),
      })),
    ),
    hostnames: spec.strings('hostnames'),
  };
}

function readL4Rule(it: Fields): L4RouteRule {
  return { backends: it.list('backendRefs').flatMap(readBackend), at: it.at };
}

function ruleOf(it: Fields): Omit<HttpRouteRule, 'matches'> {
  const timeouts = it.fields('timeouts');
  const retry = it.fields('retry');
  return {
    name: it.string('name'),
    filters: it.list('filters').map(readFilter),
    backends: it.list('backendRefs').flatMap(readBackend),
    timeouts: timeouts && {
      request: readDuration(timeouts, 'request'),
      backendRequest: readDuration(timeouts, 'backendRequest'),
    },
    retry: retry && { codes: retry.numbers('codes'), attempts: retry.number('attempts'), at: retry.at },
    at: it.at,
  };
}

function anyHttpMatch(at: Location): HttpRouteMatch {
  return { path: { type: 'PathPrefix', value: '/', at }, headers: [], queryParams: [], method: undefined, at };
}

function readHttpMatch(it: Fields): HttpRouteMatch {
  const path = it.fields('path');
  return {
    path: {
      type: path?.string('type')?.value ?? 'PathPrefix',
      value: path?.string('value')?.value ?? '/',
      at: path?.at ?? it.at,
    },
    headers: it.list('headers').flatMap(readValueMatch),
    queryParams: it.list('queryParams').flatMap(readValueMatch),
    method: it.string('method'),
    at: it.at,
  };
}

function readGrpcMatch(it: Fields): GrpcRouteMatch {
  const method = it.fields('method');
  return {
    method: method && {
      type: method.string('type')?.value ?? 'Exact',
      service: method.string('service'),
      method: method.string('method'),
      at: method.at,
    },
    headers: it.list('headers').flatMap(readValueMatch),
    at: it.at,
  };
}

function readValueMatch(it: Fields): ValueMatch[] {
  const name = it.string('name');
  return name
    ? [{ name, type: it.string('type')?.value ?? 'Exact', value: it.string('value')?.value ?? '', at: it.at }]
    : [];
}

function readBackend(it: Fields): BackendRef[] {
  return readRef(it, '', 'Service').map((ref) => ({
    ...ref,
    port: it.number('port'),
    weight: it.number('weight') ?? { value: 1, at: it.at },
    filters: it.list('filters').map(readFilter),
  }));
}

function readFilter(it: Fields): RouteFilter {
  const type = it.string('type')?.value ?? '';
  const { at } = it;
  switch (type) {
    case 'RequestHeaderModifier':
      return { type: 'request-headers', change: readChange(it.fieldsOrEmpty('requestHeaderModifier')), at };
    case 'ResponseHeaderModifier':
      return { type: 'response-headers', change: readChange(it.fieldsOrEmpty('responseHeaderModifier')), at };
    case 'RequestRedirect':
      return readRedirect(it.fieldsOrEmpty('requestRedirect'), at);
    case 'URLRewrite': {
      const rewrite = it.fieldsOrEmpty('urlRewrite');
      return { type: 'rewrite', hostname: rewrite.string('hostname'), path: readPathChange(rewrite), at };
    }
    case 'RequestMirror':
      return readMirror(it.fieldsOrEmpty('requestMirror'), at);
    case 'CORS':
      return readCors(it.fieldsOrEmpty('cors'), at);
    default:
      return { type: 'other', name: type, at };
  }
}

function readRedirect(it: Fields, at: Location): RouteFilter {
  return {
    type: 'redirect',
    scheme: it.string('scheme'),
    hostname: it.string('hostname'),
    port: it.number('port'),
    path: readPathChange(it),
    status: it.number('statusCode') ?? { value: 302, at },
    at,
  };
}

function readMirror(it: Fields, at: Location): RouteFilter {
  const percent = it.number('percent');
  const fraction = it.fields('fraction');
  const numerator = fraction?.number('numerator');
  const part = numerator && numerator.value / (fraction?.number('denominator')?.value ?? 100);
  return {
    type: 'mirror',
    backend: it.fields('backendRef') && readBackend(it.fieldsOrEmpty('backendRef'))[0],
    share: percent
      ? { value: percent.value / 100, at: percent.at }
      : part === undefined
        ? undefined
        : { value: part, at: fraction!.at },
    at,
  };
}

function readCors(it: Fields, at: Location): RouteFilter {
  return {
    type: 'cors',
    origins: it.strings('allowOrigins'),
    methods: it.strings('allowMethods'),
    headers: it.strings('allowHeaders'),
    exposed: it.strings('exposeHeaders'),
    credentials: it.boolean('allowCredentials')?.value ?? false,
    maxAge: it.number('maxAge')?.value ?? 5,
    at,
  };
}

function readPathChange(from: Fields): PathChange | undefined {
  const path = from.fields('path');
  const type = path?.string('type')?.value;
  if (!path || type === undefined) return undefined;
  const value = path.string(type === 'ReplaceFullPath' ? 'replaceFullPath' : 'replacePrefixMatch');
  return { type, value: value ?? { value: '', at: path.at } };
}

function readChange(it: Fields): HeaderChange {
  const values = (key: string): HeaderValue[] =>
    it.list(key).flatMap((entry) => {
      const name = entry.string('name');
      return name ? [{ name: name.value, value: entry.string('value') ?? { value: '', at: entry.at } }] : [];
    });
  return { set: values('set'), add: values('add'), remove: it.strings('remove') };
}
