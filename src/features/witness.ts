import type { Location } from '../core/base/location.js';
import type { StringMatch } from '../core/model/resource.js';
import type { HttpMatch, HttpRoute } from '../core/model/virtual-service.js';
import type { EffectiveVirtualService } from '../core/mesh/virtual-services.js';
import type { Path, Trace } from '../core/trace/path.js';
import type { TraceRequest } from '../core/trace/request.js';
import { isWithin } from './branch-rows.js';
import { doorsTo, type Door, type DoorQuery, type NoDoor } from './doors.js';
import { regexExample } from './regex-example.js';
import type { Session } from './session.js';

/** A request that takes a certain route, with what becomes of it. */
export interface Witness {
  readonly request: TraceRequest;
  readonly trace: Trace;
  /** Those courses of it that the wanted place decided; empty when no request was found that gets there. */
  readonly paths: readonly Path[];
}

export interface RouteQuery {
  readonly routes: EffectiveVirtualService;
  readonly route: HttpRoute;
  /** One of the route's matches; every request that the route takes otherwise. */
  readonly match?: HttpMatch | undefined;
  readonly host?: string | undefined;
  readonly gateway?: string | undefined;
}

/** More tries than this find no more: what they cannot avoid, no request can. */
const MOST_TRIES = 12;

/**
 * A request that an http route takes: it satisfies the match, and avoids the routes before it where it can. When none is found,
 * the request that satisfies the match, so that its trace can say which route takes it instead.
 */
export function witnessOfRoute(session: Session, query: RouteQuery): Witness | NoDoor {
  const { routes, route } = query;
  const match = query.match ?? route.matches[0];
  const doors = doorsTo(session.snapshot, { ...query, match, traffic: 'http' });
  if ('because' in doors) return doors;
  const asked = shapes(match, earlierRoutes(routes, route)).slice(0, MOST_TRIES);
  const found = doors.map((door) => () => witnessThrough(session, door, asked, [match?.at ?? route.at, route.at]));
  return firstAdmitted(found) ?? { because: 'No request satisfies the match' };
}

/** The first of some requests that a place decides; else the first of all. */
function witnessThrough(
  session: Session,
  door: Door,
  asked: readonly Shape[],
  places: readonly Location[],
): Witness | undefined {
  let first: Witness | undefined;
  for (const { headers, ...target } of asked) {
    const to = {
      host: door.host,
      port: door.port,
      scheme: door.scheme,
      ...target,
      ...(hasAny(headers) ? { headers } : {}),
    };
    const request: TraceRequest = { from: door.from, to };
    const trace = session.trace(request);
    const paths = trace.paths.filter((it) => places.some((place) => wentBy(it, place)));
    if (paths.length > 0) return { request, trace, paths };
    first ??= { request, trace, paths };
  }
  return first;
}

/** Of several clients' requests the first that no policy refuses, since refusing may be just what a policy is for. */
function firstAdmitted(witnesses: readonly (() => Witness | undefined)[]): Witness | undefined {
  let first: Witness | undefined;
  for (const find of witnesses) {
    const found = find();
    first ??= found;
    if (found && !found.paths.some((it) => isRefusal(it))) return found;
  }
  return first;
}

function isRefusal({ outcome }: Path): boolean {
  return outcome.result === 'status' && (outcome.details ?? '').startsWith('rbac_access_denied');
}

/** A request of the first host's (or the given host's) plainest kind, whatever route it takes. */
export function plainWitness(session: Session, query: DoorQuery): Witness | NoDoor {
  const doors = doorsTo(session.snapshot, query);
  return 'because' in doors ? doors : (bestOfDoors(session, doors) ?? { because: 'Nobody can ask' });
}

/** A plain request through the first door at which no policy refuses it. */
export function bestOfDoors(session: Session, doors: readonly Door[]): Witness | undefined {
  return firstAdmitted(doors.map((door) => () => traceDoor(session, door)));
}

export function traceDoor(
  session: Session,
  door: Pick<TraceRequest['to'], 'host' | 'port' | 'scheme'> & Pick<TraceRequest, 'from'>,
): Witness {
  const { from, host, port, scheme } = door;
  const to = { host, ...(port === undefined ? {} : { port }), ...(scheme === undefined ? {} : { scheme }) };
  const request: TraceRequest = { from, to: scheme === 'http' || scheme === 'https' ? { ...to, path: '/' } : to };
  const trace = session.trace(request);
  return { request, trace, paths: trace.paths };
}

/** Whether a decision on the way rests on something inside a place. */
export function wentBy(path: Path, place: Location): boolean {
  return path.hops.some((hop) => hop.decisions.some((it) => it.evidence.some((at) => isWithin(at, place))));
}

interface Shape {
  readonly path: string;
  readonly method?: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Requests that satisfy a match, the most natural first; the further ones dodge conditions of earlier routes. */
function shapes(match: HttpMatch | undefined, earlier: readonly HttpMatch[]): Shape[] {
  const headers: Record<string, string> = {};
  for (const [name, it] of match?.headers ?? []) headers[name] = textFor(it, 'x');
  if (match?.authority) headers['host'] = textFor(match.authority, 'example.com');
  const query = [...(match?.queryParams ?? [])].map(
    ([name, it]) => `${encodeURIComponent(name)}=${encodeURIComponent(textFor(it, '1'))}`,
  );
  const suffix = query.length > 0 ? `?${query.join('&')}` : '';
  const method = match?.method ? textFor(match.method, 'GET') : undefined;
  const dodges = [{}, ...headerDodges(match, earlier)];
  const methods = method !== undefined ? [method] : [undefined, 'POST'];
  const result: Shape[] = [];
  for (const verb of methods) {
    for (const dodge of dodges) {
      for (const path of pathsFor(match)) {
        result.push({
          path: path + suffix,
          ...(verb === undefined ? {} : { method: verb }),
          headers: { ...headers, ...dodge },
        });
      }
    }
  }
  return result;
}

/** Headers that earlier routes want absent, and this one does not mind. */
function headerDodges(match: HttpMatch | undefined, earlier: readonly HttpMatch[]): Record<string, string>[] {
  const dodges: Record<string, string>[] = [];
  for (const other of earlier) {
    for (const [name, it] of other.withoutHeaders) {
      if (!match?.withoutHeaders.has(name) && !match?.headers.has(name)) dodges.push({ [name]: textFor(it, 'x') });
    }
  }
  return dodges;
}

function pathsFor(match: HttpMatch | undefined): string[] {
  const uri = match?.uri;
  if (match?.pathSegments !== undefined) return [match.pathSegments || '/', `${match.pathSegments}/packet`];
  if (!uri || uri.type === 'present') return ['/', '/packet'];
  switch (uri.type) {
    case 'exact':
      return [uri.value];
    case 'prefix':
      return [uri.value, uri.value.endsWith('/') ? `${uri.value}packet` : `${uri.value}/packet`, `${uri.value}-packet`];
    case 'regex':
      return [regexExample(uri.value) ?? '/'];
  }
}

function textFor(match: StringMatch, otherwise: string): string {
  switch (match.type) {
    case 'exact':
    case 'prefix':
      return match.value === '' ? otherwise : match.value;
    case 'regex':
      return regexExample(match.value) ?? otherwise;
    case 'present':
      return otherwise;
  }
}

function earlierRoutes(it: EffectiveVirtualService, route: HttpRoute): HttpMatch[] {
  return it.http.slice(0, Math.max(0, it.http.indexOf(route))).flatMap((other) => other.matches);
}

function hasAny(record: Readonly<Record<string, string>>): boolean {
  return Object.keys(record).length > 0;
}
