import { matchesWhole } from '../base/re2.js';
import type { Location } from '../base/location.js';
import type { StringMatch } from '../model/resource.js';
import type { RouteMatch } from '../xds/config.js';
import type { AppMessage } from './arrival.js';
import { claimHeader } from '../model/claim-header.js';
import { claimValues } from './claim-match.js';

/** Why a request does not meet a match, at the narrowest node that says so. */
export interface Mismatch {
  readonly because: string;
  readonly at: Location;
}

/** A request as Envoy's routes look at it. */
export interface RequestView {
  /** Without query. */
  readonly path: string;
  /** Values of a header, several joined with `,`; `undefined` when it is absent. */
  header(name: string): string | undefined;
  /** First value of a query parameter, not decoded (RT-8). */
  query(key: string): string | undefined;
  readonly claims: Readonly<Record<string, unknown>> | undefined;
}

export function viewOf(
  message: AppMessage,
  scheme: 'http' | 'https',
  claims?: Readonly<Record<string, unknown>>,
): RequestView {
  const { path, query } = splitPath(message.path);
  const parameters = new Map<string, string>();
  for (const pair of query === '' ? [] : query.slice(1).split('&')) {
    const equals = pair.indexOf('=');
    const key = equals < 0 ? pair : pair.slice(0, equals);
    if (!parameters.has(key)) parameters.set(key, equals < 0 ? '' : pair.slice(equals + 1));
  }
  // what Envoy itself makes of the request before it looks for a route
  const own: Readonly<Record<string, string>> = {
    ':method': message.method,
    ':authority': message.authority,
    host: message.authority,
    ':path': message.path,
    ':scheme': scheme,
    'x-forwarded-proto': message.headers['x-forwarded-proto'] ?? scheme,
    'x-request-id': message.headers['x-request-id'] ?? '00000000-0000-4000-8000-000000000000',
    ...(message.protocol === 'grpc' ? { 'content-type': 'application/grpc', te: 'trailers' } : {}),
  };
  return {
    path,
    header: (name) => own[name.toLowerCase()] ?? message.headers[name.toLowerCase()],
    query: (key) => parameters.get(key),
    claims,
  };
}

/** A path and its query with the question mark. */
export function splitPath(path: string): { readonly path: string; readonly query: string } {
  const end = path.indexOf('?');
  return end < 0 ? { path, query: '' } : { path: path.slice(0, end), query: path.slice(end) };
}

/** The first condition that a request does not meet; `undefined` when it meets them all (RT-4..RT-9). */
export function mismatchOf(match: RouteMatch | undefined, request: RequestView): Mismatch | undefined {
  if (!match) return undefined;
  return (
    pathMismatch(match, request.path) ??
    pseudoMismatch(match, request) ??
    headerMismatch(match, request) ??
    queryMismatch(match, request)
  );
}

function pathMismatch(match: RouteMatch, path: string): Mismatch | undefined {
  const fold = (text: string): string => (match.ignoreUriCase ? text.toLowerCase() : text);
  if (match.pathSegments !== undefined) {
    const wanted = match.pathSegments;
    const below = wanted === '/' || fold(path) === fold(wanted) || fold(path).startsWith(`${fold(wanted)}/`);
    return below ? undefined : { because: `path ${path} is not below ${wanted}`, at: match.uri?.at ?? match.at };
  }
  const uri = match.uri;
  switch (uri?.type) {
    case 'exact':
      return fold(path) === fold(uri.value)
        ? undefined
        : { because: `path ${path} is not exactly ${uri.value}`, at: uri.at };
    case 'prefix':
      return fold(path).startsWith(fold(uri.value))
        ? undefined
        : { because: `path ${path} does not start with ${uri.value}`, at: uri.at };
    case 'regex':
      return matchesWhole(uri.value, path)
        ? undefined
        : { because: `path ${path} as a whole does not match ${uri.value}`, at: uri.at };
    default:
      return undefined;
  }
}

function pseudoMismatch(match: RouteMatch, request: RequestView): Mismatch | undefined {
  for (const field of ['method', 'authority', 'scheme'] as const) {
    const wanted = match[field];
    const because = wanted && valueMismatch(wanted, request.header(`:${field}`));
    if (because) return { because: `${field} ${because}`, at: wanted.at };
  }
  return undefined;
}

function headerMismatch(match: RouteMatch, request: RequestView): Mismatch | undefined {
  for (const [name, wanted] of match.headers) {
    const claim = claimHeader(name);
    const because = claim
      ? claimMismatch(wanted, claimValues(request.claims, claim))
      : valueMismatch(wanted, request.header(name));
    if (because)
      return { because: `${claim ? `claim ${claim.join('.')}` : `header ${name}`} ${because}`, at: wanted.at };
  }
  for (const [name, unwanted] of match.withoutHeaders) {
    const claim = claimHeader(name);
    if (claim) {
      if (claimMismatch(unwanted, claimValues(request.claims, claim))) continue;
      return { because: `claim ${claim.join('.')} is what it must not be`, at: unwanted.at };
    }
    const value = request.header(name);
    // a value condition takes an absent header for an empty one (RT-6)
    const seen = isPresent(unwanted) ? value : (value ?? '');
    if (valueMismatch(unwanted, seen)) continue;
    const what = value === undefined ? 'is absent, which counts as empty' : `is ${value}`;
    return { because: `header ${name} ${what}`, at: unwanted.at };
  }
  return undefined;
}

function queryMismatch(match: RouteMatch, request: RequestView): Mismatch | undefined {
  for (const [key, wanted] of match.queryParams) {
    const because = valueMismatch(wanted, request.query(key));
    if (because) return { because: `query parameter ${key} ${because}`, at: wanted.at };
  }
  return undefined;
}

/** A claim may be a list, of which one value is enough. */
function claimMismatch(wanted: StringMatch, values: readonly string[]): string | undefined {
  if (values.length === 0) return 'is absent';
  const reasons = values.map((it) => valueMismatch(wanted, it));
  return reasons.some((it) => it === undefined) ? undefined : reasons[0];
}

/** What is wrong with a value; the end of a sentence that begins with its name. */
function valueMismatch(wanted: StringMatch, value: string | undefined): string | undefined {
  if (value === undefined) return 'is absent';
  if (isPresent(wanted)) return undefined;
  return accepts(wanted, value) ? undefined : `is ${value === '' ? 'empty' : value}, not ${wish(wanted)}`;
}

/** Whether a StringMatch accepts a value; «present» accepts any. */
export function accepts(wanted: StringMatch, value: string): boolean {
  switch (wanted.type) {
    case 'exact':
      return value === wanted.value;
    case 'prefix':
      return value.startsWith(wanted.value);
    case 'regex':
      return matchesWhole(wanted.value, value);
    case 'present':
      return true;
  }
}

/** `{}`, and the regex `*`, which istiod takes for it (RT-5, RT-6). */
export function isPresent(wanted: StringMatch): boolean {
  return wanted.type === 'present' || (wanted.type === 'regex' && wanted.value === '*');
}

function wish(wanted: StringMatch): string {
  switch (wanted.type) {
    case 'exact':
      return wanted.value === '' ? 'empty' : wanted.value;
    case 'prefix':
      return `something that starts with ${wanted.value}`;
    case 'regex':
      return `a match of ${wanted.value}`;
    case 'present':
      return 'present';
  }
}
