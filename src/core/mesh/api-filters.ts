import { sourced, type Location, type Sourced } from '../base/location.js';
import type { StringMap } from '../model/fields.js';
import type { HeaderChange, HeaderValue, RouteFilter } from '../model/gateway-routes.js';
import { nonEmpty } from '../model/reading.js';
import type { StringMatch } from '../model/resource.js';
import type { CorsPolicy, HeaderOperations, Headers, Redirect, Rewrite } from '../model/virtual-service.js';
import type { HardError } from './api-backends.js';

type Filter<T extends RouteFilter['type']> = Extract<RouteFilter, { type: T }>;

const NOTHING: HeaderOperations = { remove: [], set: new Map(), add: new Map() };

/** Request and response header changes among filters; of each direction the last one counts (HR-11). */
export function headersOf(filters: readonly RouteFilter[]): Headers | HardError | undefined {
  let result: Headers | undefined;
  for (const it of filters) {
    if (it.type !== 'request-headers' && it.type !== 'response-headers') continue;
    const bad = [...it.change.set, ...it.change.add].find((entry) => !isPrintable(entry.value.value));
    if (bad)
      return { because: `the value of header ${bad.name} has control characters`, at: bad.value.at, rules: ['HR-9'] };
    const base = result ?? { request: NOTHING, response: NOTHING, at: it.at };
    const side = it.type === 'request-headers' ? 'request' : 'response';
    result = { ...base, [side]: operationsOf(it.change) };
  }
  return result;
}

function operationsOf({ set, add, remove }: HeaderChange): HeaderOperations {
  return { remove, set: firstOfEach(set), add: firstOfEach(add) };
}

/** Names are alike whatever their case; the first entry of a name counts. */
function firstOfEach(values: readonly HeaderValue[]): StringMap {
  const result = new Map<string, Sourced<string>>();
  for (const { name, value } of values) {
    const key = name.toLowerCase();
    if (!result.has(key)) result.set(key, value);
  }
  return result;
}

function isPrintable(text: string): boolean {
  return !/[\u0000-\u0008\u000a-\u001f\u007f]/.test(text);
}

/** HR-12 */
export function redirectOf(it: Filter<'redirect'>): Redirect {
  const derived = it.port ? undefined : it.scheme ? 'FROM_PROTOCOL_DEFAULT' : 'FROM_REQUEST_PORT';
  const whole = it.path?.type === 'ReplaceFullPath' ? nonEmpty(it.path.value) : undefined;
  const prefix = it.path?.type === 'ReplacePrefixMatch' ? nonEmpty(it.path.value) : undefined;
  return {
    uri: whole,
    prefixRewrite: prefix,
    authority: it.hostname,
    port: it.port,
    derivePort: derived === undefined ? undefined : sourced(derived, it.at),
    scheme: it.scheme,
    code: it.status,
    at: it.at,
  };
}

/** HR-13; `prefix` is what the route's path condition asks for, which `/` takes away. */
export function rewriteOf(it: Filter<'rewrite'>, prefix: string | undefined): Rewrite | undefined {
  const { path, hostname: authority, at } = it;
  if (path?.type === 'ReplaceFullPath') {
    const whole = sourced('/.*', path.value.at);
    return { uri: undefined, authority, uriRegex: { match: whole, rewrite: path.value }, at };
  }
  if (path?.type !== 'ReplacePrefixMatch') return authority && { uri: undefined, authority, uriRegex: undefined, at };
  const wanted = path.value.value.replace(/\/$/, '');
  if (wanted !== '') return { uri: sourced(wanted, path.value.at), authority, uriRegex: undefined, at };
  // without a prefix to take away istiod's expression matches the leading slash
  const match = sourced(`^${escaped(prefix ?? '')}(/?)(.*)`, path.value.at);
  return { uri: undefined, authority, uriRegex: { match, rewrite: sourced('/\\2', path.value.at) }, at };
}

/** HR-15 */
export function corsOf(it: Filter<'cors'>): CorsPolicy {
  return {
    allowOrigins: it.origins.filter((origin) => origin.value !== '').map(originMatch),
    allowMethods: it.methods,
    allowHeaders: it.headers,
    exposeHeaders: it.exposed,
    maxAge: it.maxAge > 0 ? sourced(it.maxAge, it.at) : undefined,
    allowCredentials: it.credentials,
    unmatchedPreflights: sourced('IGNORE', it.at),
    at: it.at,
  };
}

/** `*` is any origin that looks like one; elsewhere a star stands for any text. */
function originMatch({ value, at }: Sourced<string>): StringMatch {
  if (value === '*') return regex('^[a-zA-Z][a-zA-Z0-9+.-]*://[^/\\s?#]+$', at);
  if (!value.includes('*')) return { type: 'exact', value, at };
  if (value.indexOf('*') === value.length - 1) return { type: 'prefix', value: value.slice(0, -1), at };
  return regex(`^${value.split('*').map(escaped).join('.*')}$`, at);
}

function regex(value: string, at: Location): StringMatch {
  return { type: 'regex', value, at };
}

function escaped(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}
