import { matchesWhole } from '../../base/re2.js';
import { gatewayName } from '../../mesh/complete-names.js';
import type { StringMatch } from '../../model/resource.js';
import type { HttpMatch, VirtualService } from '../../model/virtual-service.js';

/**
 * Whether every request that `later` accepts is accepted by `earlier`, for every proxy that has `later`. When in doubt, no.
 */
export function coversMatch(vs: VirtualService, earlier: HttpMatch, later: HttpMatch): boolean {
  return coversRequests(earlier, later) && coversProxies(vs, earlier, later);
}

/** Whether a match accepts every request of the proxies that it is for (RT-1). */
export function isCatchAll(it: HttpMatch): boolean {
  const { uri } = it;
  const anyPath =
    !uri ||
    (uri.type === 'prefix' && (uri.value === '/' || uri.value === '')) ||
    (uri.type === 'regex' && uri.value === '.*');
  const conditions = it.headers.size + it.withoutHeaders.size + it.queryParams.size;
  return anyPath && conditions === 0 && !it.method && !it.scheme && !it.authority;
}

/** RT-3: a match with gateways is for those, whatever source it names besides. */
export function coversProxies(vs: VirtualService, earlier: HttpMatch, later: HttpMatch): boolean {
  if (earlier.port && earlier.port.value !== later.port?.value) return false;
  if (earlier.gateways.length + later.gateways.length > 0) {
    const taken = gatewaysOf(vs, earlier);
    if (![...gatewaysOf(vs, later)].every((it) => taken.has(it))) return false;
  }
  if (earlier.gateways.length > 0) return true;
  if (later.gateways.length > 0) return earlier.sourceLabels.size === 0 && !earlier.sourceNamespace;
  if (earlier.sourceNamespace && earlier.sourceNamespace.value !== later.sourceNamespace?.value) return false;
  return [...earlier.sourceLabels].every(([key, value]) => later.sourceLabels.get(key)?.value === value.value);
}

function gatewaysOf(vs: VirtualService, it: HttpMatch): ReadonlySet<string> {
  const names = it.gateways.length > 0 ? it.gateways : vs.gateways;
  if (names.length === 0) return new Set(['mesh']);
  return new Set(names.map((one) => gatewayName(one.value, vs.namespace)));
}

function coversRequests(earlier: HttpMatch, later: HttpMatch): boolean {
  return (
    coversPath(earlier, later) &&
    (['scheme', 'method', 'authority'] as const).every((field) => coversValue(earlier[field], later[field])) &&
    coversAll(earlier.headers, later.headers, true) &&
    coversAll(earlier.queryParams, later.queryParams, false) &&
    coversAbsent(earlier.withoutHeaders, later.withoutHeaders)
  );
}

function coversPath(earlier: HttpMatch, later: HttpMatch): boolean {
  const wide = earlier.uri;
  if (!wide || wide.type === 'present') return true;
  const narrow = later.uri;
  if (wide.type === 'prefix' && (wide.value === '' || wide.value === '/')) return true; // every path begins with a slash
  if (!narrow || narrow.type === 'present') return wide.type === 'regex' && wide.value === '.*';
  const ignore = earlier.ignoreUriCase && wide.type !== 'regex';
  // a later match that takes more spellings is covered only where there is but one
  if (later.ignoreUriCase && narrow.type !== 'regex' && !ignore && /[a-z]/i.test(narrow.value)) return false;
  return ignore ? coversValue(lower(wide), lower(narrow)) : coversValue(wide, narrow);
}

function lower(it: StringMatch): StringMatch {
  return it.type === 'present' || it.type === 'regex' ? it : { ...it, value: it.value.toLowerCase() };
}

/** Whether every value that `narrow` accepts, `wide` accepts. */
function coversValue(wide: StringMatch | undefined, narrow: StringMatch | undefined): boolean {
  if (!wide) return true;
  if (!narrow) return false;
  if (wide.type === 'present') return true;
  if (narrow.type === 'present') return wide.type === 'regex' && wide.value === '.*';
  switch (wide.type) {
    case 'exact':
      return narrow.type === 'exact' && narrow.value === wide.value;
    case 'prefix':
      return (narrow.type === 'regex' ? literalStart(narrow.value) : narrow.value).startsWith(wide.value);
    case 'regex':
      return coversByRegex(wide.value, narrow);
  }
}

function coversByRegex(pattern: string, narrow: Exclude<StringMatch, { type: 'present' }>): boolean {
  if (pattern === '.*') return true;
  if (narrow.type === 'regex' && narrow.value === pattern) return true;
  if (narrow.type === 'exact') return matchesWhole(pattern, narrow.value);
  // `/api/.*` takes what the prefix /api/ takes
  const start = pattern.endsWith('.*') ? pattern.slice(0, -2) : undefined;
  if (start === undefined || literalStart(start) !== start) return false;
  return (narrow.type === 'regex' ? literalStart(narrow.value) : narrow.value).startsWith(start);
}

/** The text that everything a pattern matches begins with, as far as it is plain to see. */
function literalStart(pattern: string): string {
  if (pattern.includes('|') || pattern.includes('(?')) return '';
  const text = /^[^\\^$.[\]|()?*+{}]*/.exec(pattern)![0];
  // what stands before a quantifier may be absent
  return /^[?*+{]/.test(pattern.slice(text.length)) ? text.slice(0, -1) : text;
}

type Conditions = ReadonlyMap<string, StringMatch>;

function coversAll(wide: Conditions, narrow: Conditions, ignoreCase: boolean): boolean {
  const named = (name: string): string => (ignoreCase ? name.toLowerCase() : name);
  const own = new Map([...narrow].map(([name, it]) => [named(name), it]));
  return [...wide].every(([name, it]) => coversValue(it, own.get(named(name))));
}

/** RT-6: each exclusion of the earlier match must be one of the later match, too. */
function coversAbsent(wide: Conditions, narrow: Conditions): boolean {
  const own = new Map([...narrow].map(([name, it]) => [name.toLowerCase(), it]));
  return [...wide].every(([name, it]) => {
    const other = own.get(name.toLowerCase());
    return other !== undefined && other.type === it.type && valueOf(other) === valueOf(it);
  });
}

function valueOf(it: StringMatch): string {
  return it.type === 'present' ? '' : it.value;
}
