import type { Location, Sourced } from '../base/location.js';
import type { Fields, StringMap } from './fields.js';
import { nonEmpty, readDuration, readExportTo, readPercentage, readStringMatch, readStringMatches } from './reading.js';
import type { ResourceBase, StringMatch } from './resource.js';

export interface Destination {
  readonly host: Sourced<string>;
  readonly subset: Sourced<string> | undefined;
  readonly port: Sourced<number> | undefined;
  readonly at: Location;
}

/** Header changes of one direction, in the order in which Envoy makes them: remove, set, add. */
export interface HeaderOperations {
  readonly remove: readonly Sourced<string>[];
  readonly set: StringMap;
  readonly add: StringMap;
}

export interface Headers {
  readonly request: HeaderOperations;
  readonly response: HeaderOperations;
  readonly at: Location;
}

export interface RouteDestination {
  readonly destination: Destination;
  /** As written: absent is not the same as 0. */
  readonly weight: Sourced<number> | undefined;
  readonly headers: Headers | undefined;
  readonly at: Location;
}

export interface HttpMatch {
  readonly name: Sourced<string> | undefined;
  readonly uri: StringMatch | undefined;
  readonly ignoreUriCase: boolean;
  readonly scheme: StringMatch | undefined;
  readonly method: StringMatch | undefined;
  readonly authority: StringMatch | undefined;
  readonly headers: ReadonlyMap<string, StringMatch>;
  readonly withoutHeaders: ReadonlyMap<string, StringMatch>;
  readonly queryParams: ReadonlyMap<string, StringMatch>;
  readonly port: Sourced<number> | undefined;
  readonly sourceLabels: StringMap;
  readonly sourceNamespace: Sourced<string> | undefined;
  readonly gateways: readonly Sourced<string>[];
  /** Whole path segments; Gateway API routes and Ingresses have it, VirtualServices cannot say it (HR-3). */
  readonly pathSegments?: string;
  readonly at: Location;
}

export interface Redirect {
  readonly uri: Sourced<string> | undefined;
  readonly prefixRewrite: Sourced<string> | undefined;
  readonly authority: Sourced<string> | undefined;
  readonly port: Sourced<number> | undefined;
  readonly derivePort: Sourced<string> | undefined;
  readonly scheme: Sourced<string> | undefined;
  readonly code: Sourced<number> | undefined;
  readonly at: Location;
}

export interface DirectResponse {
  readonly status: Sourced<number>;
  readonly body: string | undefined;
  readonly at: Location;
}

export interface Rewrite {
  readonly uri: Sourced<string> | undefined;
  readonly authority: Sourced<string> | undefined;
  readonly uriRegex: { readonly match: Sourced<string>; readonly rewrite: Sourced<string> } | undefined;
  readonly at: Location;
}

export interface Retries {
  readonly attempts: Sourced<number> | undefined;
  readonly perTryTimeout: Sourced<number> | undefined;
  readonly retryOn: Sourced<string> | undefined;
  readonly at: Location;
}

export interface Fault {
  readonly delay:
    | {
        readonly percentage: Sourced<number> | undefined;
        readonly seconds: Sourced<number> | undefined;
        readonly at: Location;
      }
    | undefined;
  readonly abort:
    | {
        readonly percentage: Sourced<number> | undefined;
        readonly httpStatus: Sourced<number> | undefined;
        /** A gRPC code's name or number, as written. */
        readonly grpcStatus: Sourced<string> | undefined;
        readonly at: Location;
      }
    | undefined;
  readonly at: Location;
}

export interface Mirror {
  readonly destination: Destination;
  /** A part of one; `undefined` means all. */
  readonly percentage: Sourced<number> | undefined;
  readonly at: Location;
}

/** `mirror` and its percentage, which stands beside it and may come from another entry (VS-7). */
export interface SingleMirror {
  readonly destination: Destination | undefined;
  readonly percentage: Sourced<number> | undefined;
}

export interface CorsPolicy {
  readonly allowOrigins: readonly StringMatch[];
  readonly allowMethods: readonly Sourced<string>[];
  readonly allowHeaders: readonly Sourced<string>[];
  readonly exposeHeaders: readonly Sourced<string>[];
  readonly maxAge: Sourced<number> | undefined;
  readonly allowCredentials: boolean;
  readonly unmatchedPreflights: Sourced<string> | undefined;
  readonly at: Location;
}

export interface HttpRoute {
  readonly name: Sourced<string> | undefined;
  readonly matches: readonly HttpMatch[];
  readonly route: readonly RouteDestination[];
  readonly redirect: Redirect | undefined;
  readonly directResponse: DirectResponse | undefined;
  readonly delegate:
    | { readonly name: Sourced<string>; readonly namespace: Sourced<string> | undefined; readonly at: Location }
    | undefined;
  readonly rewrite: Rewrite | undefined;
  readonly timeout: Sourced<number> | undefined;
  readonly retries: Retries | undefined;
  readonly fault: Fault | undefined;
  readonly mirror: SingleMirror;
  /** `mirrors`; see {@link mirrorsOf} for all of them. */
  readonly mirrors: readonly Mirror[];
  readonly cors: CorsPolicy | undefined;
  readonly headers: Headers | undefined;
  readonly at: Location;
}

/** All copies that a route sends: `mirror` first. */
export function mirrorsOf({ mirror, mirrors }: Pick<HttpRoute, 'mirror' | 'mirrors'>): readonly Mirror[] {
  const { destination, percentage } = mirror;
  return destination ? [{ destination, percentage, at: destination.at }, ...mirrors] : mirrors;
}

/** One match of a `tls` or `tcp` route. */
export interface L4Match {
  readonly sniHosts: readonly Sourced<string>[];
  readonly destinationSubnets: readonly Sourced<string>[];
  readonly port: Sourced<number> | undefined;
  readonly sourceLabels: StringMap;
  readonly sourceNamespace: Sourced<string> | undefined;
  readonly gateways: readonly Sourced<string>[];
  readonly at: Location;
}

export interface L4Route {
  readonly matches: readonly L4Match[];
  readonly route: readonly RouteDestination[];
  readonly at: Location;
}

export interface VirtualService extends ResourceBase {
  readonly kind: 'VirtualService';
  readonly hosts: readonly Sourced<string>[];
  readonly hostsAt: Location;
  /** As written; empty means `[mesh]`. */
  readonly gateways: readonly Sourced<string>[];
  readonly http: readonly HttpRoute[];
  readonly tls: readonly L4Route[];
  readonly tcp: readonly L4Route[];
  readonly exportTo: readonly Sourced<string>[] | undefined;
}

export function readVirtualService(base: ResourceBase, body: Fields): VirtualService {
  const spec = body.fieldsOrEmpty('spec');
  return {
    ...base,
    kind: 'VirtualService',
    hosts: spec.strings('hosts'),
    hostsAt: spec.valueAt('hosts'),
    gateways: spec.strings('gateways'),
    http: spec.list('http').map(readHttpRoute),
    tls: spec.list('tls').map(readL4Route),
    tcp: spec.list('tcp').map(readL4Route),
    exportTo: readExportTo(spec),
  };
}

function readHttpRoute(it: Fields): HttpRoute {
  const redirect = it.fields('redirect');
  const direct = it.fields('directResponse');
  const delegate = it.fields('delegate');
  const rewrite = it.fields('rewrite');
  const fault = it.fields('fault');
  const cors = it.fields('corsPolicy');
  return {
    name: it.string('name'),
    matches: it.list('match').map(readHttpMatch),
    route: it.list('route').flatMap(readRouteDestination),
    redirect: redirect && readRedirect(redirect),
    directResponse: direct && readDirectResponse(direct),
    delegate: delegate && readDelegate(delegate),
    rewrite: rewrite && readRewrite(rewrite),
    timeout: readDuration(it, 'timeout'),
    retries: readRetries(it),
    fault: fault && readFault(fault),
    mirror: readMirror(it),
    mirrors: it.list('mirrors').flatMap(readMirrorEntry),
    cors: cors && readCors(cors),
    headers: readHeaders(it),
    at: it.at,
  };
}

function readHttpMatch(it: Fields): HttpMatch {
  const match = (key: string): StringMatch | undefined => {
    const inner = it.fields(key);
    return inner && readStringMatch(inner);
  };
  return {
    name: it.string('name'),
    uri: match('uri'),
    ignoreUriCase: it.boolean('ignoreUriCase')?.value ?? false,
    scheme: match('scheme'),
    method: match('method'),
    authority: match('authority'),
    headers: readStringMatches(it, 'headers'),
    withoutHeaders: readStringMatches(it, 'withoutHeaders'),
    queryParams: readStringMatches(it, 'queryParams'),
    port: it.number('port'),
    sourceLabels: it.stringMap('sourceLabels'),
    sourceNamespace: it.string('sourceNamespace'),
    gateways: it.strings('gateways'),
    at: it.at,
  };
}

function readDestination(from: Fields): Destination | undefined {
  const host = from.string('host');
  if (!host) return undefined;
  return { host, subset: nonEmpty(from.string('subset')), port: from.fields('port')?.number('number'), at: from.at };
}

function readRouteDestination(it: Fields): RouteDestination[] {
  const destination = readDestination(it.fieldsOrEmpty('destination'));
  if (!destination) return [];
  return [{ destination, weight: it.number('weight'), headers: readHeaders(it), at: it.at }];
}

function readHeaders(from: Fields): Headers | undefined {
  const headers = from.fields('headers');
  if (!headers) return undefined;
  const operations = (key: string): HeaderOperations => {
    const inner = headers.fieldsOrEmpty(key);
    return { remove: inner.strings('remove'), set: inner.stringMap('set'), add: inner.stringMap('add') };
  };
  return { request: operations('request'), response: operations('response'), at: headers.at };
}

function readRedirect(it: Fields): Redirect {
  return {
    uri: nonEmpty(it.string('uri')),
    prefixRewrite: nonEmpty(it.string('prefixRewrite')),
    authority: nonEmpty(it.string('authority')),
    port: it.number('port'),
    derivePort: it.string('derivePort'),
    scheme: nonEmpty(it.string('scheme')),
    code: it.number('redirectCode'),
    at: it.at,
  };
}

function readDirectResponse(it: Fields): DirectResponse | undefined {
  const status = it.number('status');
  if (!status) return undefined;
  const body = it.fields('body');
  return { status, body: (body?.string('string') ?? body?.string('bytes'))?.value, at: it.at };
}

function readDelegate(it: Fields): HttpRoute['delegate'] {
  const name = it.string('name');
  return name && { name, namespace: nonEmpty(it.string('namespace')), at: it.at };
}

function readRewrite(it: Fields): Rewrite {
  const regex = it.fields('uriRegexRewrite');
  const match = regex?.string('match');
  const rewrite = regex?.string('rewrite');
  return {
    uri: nonEmpty(it.string('uri')),
    authority: nonEmpty(it.string('authority')),
    uriRegex: match && rewrite && { match, rewrite },
    at: it.at,
  };
}

function readRetries(from: Fields): Retries | undefined {
  const it = from.fields('retries');
  return (
    it && {
      attempts: it.number('attempts'),
      perTryTimeout: readDuration(it, 'perTryTimeout'),
      retryOn: nonEmpty(it.string('retryOn')),
      at: it.at,
    }
  );
}

function readFault(it: Fields): Fault {
  const delay = it.fields('delay');
  const abort = it.fields('abort');
  return {
    delay: delay && { percentage: readPercentage(delay), seconds: readDuration(delay, 'fixedDelay'), at: delay.at },
    abort: abort && {
      percentage: readPercentage(abort),
      httpStatus: abort.number('httpStatus'),
      grpcStatus: abort.string('grpcStatus'),
      at: abort.at,
    },
    at: it.at,
  };
}

function readMirror(it: Fields): SingleMirror {
  const single = it.fields('mirror');
  return {
    destination: single && readDestination(single),
    percentage: readPercentage(it, 'mirrorPercentage', 'mirrorPercent'),
  };
}

function readMirrorEntry(entry: Fields): Mirror[] {
  const destination = readDestination(entry.fieldsOrEmpty('destination'));
  return destination ? [{ destination, percentage: readPercentage(entry), at: entry.at }] : [];
}

function readCors(it: Fields): CorsPolicy {
  const old = it
    .strings('allowOrigin')
    .map((origin): StringMatch => ({ type: 'exact', value: origin.value, at: origin.at }));
  return {
    allowOrigins: [...it.list('allowOrigins').map(readStringMatch), ...old],
    allowMethods: it.strings('allowMethods'),
    allowHeaders: it.strings('allowHeaders'),
    exposeHeaders: it.strings('exposeHeaders'),
    maxAge: readDuration(it, 'maxAge'),
    allowCredentials: it.boolean('allowCredentials')?.value ?? false,
    unmatchedPreflights: it.string('unmatchedPreflights'),
    at: it.at,
  };
}

function readL4Route(it: Fields): L4Route {
  return {
    matches: it.list('match').map(readL4Match),
    route: it.list('route').flatMap(readRouteDestination),
    at: it.at,
  };
}

function readL4Match(it: Fields): L4Match {
  return {
    sniHosts: it.strings('sniHosts'),
    destinationSubnets: it.strings('destinationSubnets'),
    port: it.number('port'),
    sourceLabels: it.stringMap('sourceLabels'),
    sourceNamespace: it.string('sourceNamespace'),
    gateways: it.strings('gateways'),
    at: it.at,
  };
}
