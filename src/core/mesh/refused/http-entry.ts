import type { Fields } from '../../model/fields.js';
import { parseDuration } from '../../model/reading.js';
import {
  checkDestination,
  checkDuration,
  checkWeights,
  checkWord,
  HEADER_NAME,
  isSet,
  type Problems,
} from './checks.js';
import { headerValueProblem } from './header-values.js';
import {
  checkDirectResponse,
  checkFault,
  checkMirrors,
  checkRedirect,
  checkRetries,
  checkRewrite,
} from './http-actions.js';
import { checkHttpMatch, checkStringMatch } from './http-match.js';

/** One entry of a VirtualService's `http`. */
export function* checkHttpEntry(
  entry: Fields,
  as: { readonly delegate: boolean; readonly forMesh: boolean },
): Problems {
  yield* checkActions(entry, as.delegate);
  for (const match of entry.list('match')) yield* checkHttpMatch(match, as.forMesh);
  yield* checkHeaders(entry);
  yield* checkCors(entry.fields('corsPolicy'));
  yield* checkFault(entry.fields('fault'));
  yield* checkMirrors(entry);
  yield* checkRedirect(entry);
  yield* checkDirectResponse(entry.fields('directResponse'));
  yield* checkRetries(entry.fields('retries'));
  yield* checkRewrite(entry.fields('rewrite'));
  yield* checkAuthority(entry);
  const route = entry.list('route');
  for (const to of route) {
    yield* checkHeaders(to);
    yield* checkDestination(to.fields('destination'), to, 'destination');
  }
  yield* checkWeights(route, entry.valueAt('route'));
  yield* checkDuration(entry, 'timeout');
}

/** Each entry does one thing (DST-8, ACT-3, VS-7). */
function* checkActions(entry: Fields, isDelegate: boolean): Problems {
  const has = (key: string): boolean => isSet(entry, key);
  const routes = entry.list('route').length > 0;
  if (has('delegate') && !isDelegate) {
    for (const key of ['redirect', 'route']) {
      if (has(key))
        yield { at: entry.keyAt(key), because: `an entry with delegate has no ${key} of its own`, rules: ['VS-7'] };
    }
    return;
  }
  if (has('delegate')) {
    const because = 'a delegate must not hand over to another delegate';
    yield { at: entry.keyAt('delegate'), because, rules: ['VS-7', 'GEN-10'] };
  }
  const main = has('redirect') ? 'redirect' : has('directResponse') ? 'directResponse' : undefined;
  if (main) {
    const others = ['fault', 'rewrite', ...(main === 'redirect' ? ['directResponse'] : [])].filter(has);
    const conflict = routes ? 'route' : others[0];
    if (conflict !== undefined) {
      yield { at: entry.keyAt(conflict), because: `an entry with ${main} has no ${conflict}`, rules: ['ACT-3'] };
    }
  } else if (!routes) {
    yield { at: entry.at, because: 'an entry needs route, redirect or directResponse', rules: ['DST-8'] };
  }
  if (has('mirror') && entry.list('mirrors').length > 0) {
    yield { at: entry.keyAt('mirrors'), because: 'an entry has either mirror or mirrors', rules: ['ACT-9'] };
  }
}

/** Header operations of an entry or of one destination (ACT-10). */
function* checkHeaders(of: Fields): Problems {
  const headers = of.fields('headers');
  for (const direction of ['request', 'response'] as const) {
    const operations = headers?.fields(direction);
    if (!operations) continue;
    for (const key of ['set', 'add'] as const) {
      for (const [name, { value, at }] of operations.stringMap(key)) {
        yield* checkHeaderName(name, at, direction === 'request');
        const because = headerValueProblem(value);
        if (because !== undefined) yield { at, because: `the value of header ${name}: ${because}`, rules: ['ACT-10'] };
      }
    }
    for (const { value, at } of operations.strings('remove')) yield* checkHeaderName(value, at, false);
  }
}

function* checkHeaderName(name: string, at: Fields['at'], authorityToo: boolean): Problems {
  if (name === '') yield { at, because: 'a header needs a name', rules: ['ACT-10'] };
  else if (isAuthority(name) ? !authorityToo : name.startsWith(':')) {
    yield { at, because: `header ${name} cannot be changed here`, rules: ['ACT-10'] };
  }
}

function isAuthority(name: string): boolean {
  return /^(:authority|host)$/i.test(name);
}

/** ACT-4: Host is set in one place. */
function* checkAuthority(entry: Fields): Problems {
  let current = entry.fields('rewrite')?.string('authority')?.value ?? '';
  const request = entry.fields('headers')?.fields('request');
  for (const key of ['set', 'add'] as const) {
    for (const [name, { value, at }] of request?.stringMap(key) ?? []) {
      if (!isAuthority(name)) continue;
      if (current !== '') {
        const because = `the authority is set twice: ${current} and ${value}`;
        yield { at, because, rules: ['ACT-4', 'GEN-10'] };
      }
      current = value;
    }
  }
}

const CORS_METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', '*']);

/** ACT-8 */
function* checkCors(cors: Fields | undefined): Problems {
  if (!cors) return;
  for (const origin of cors.list('allowOrigins')) {
    const texts = ['exact', 'prefix', 'regex'].map((it) => origin.string(it)?.value ?? '');
    if (texts.every((it) => it === ''))
      yield { at: origin.at, because: 'an allowed origin is empty', rules: ['ACT-8'] };
    else yield* checkStringMatch(origin, 'allowOrigins', 'ACT-8', true);
  }
  for (const { value, at } of cors.strings('allowMethods')) {
    if (!CORS_METHODS.has(value)) yield { at, because: `${value} is no HTTP method`, rules: ['ACT-8'] };
  }
  for (const { value, at } of [...cors.strings('allowHeaders'), ...cors.strings('exposeHeaders')]) {
    if (!HEADER_NAME.test(value)) yield { at, because: `${value || '(empty)'} is no header name`, rules: ['ACT-8'] };
  }
  yield* checkDuration(cors, 'maxAge');
  const age = cors.string('maxAge');
  if (age && !Number.isInteger(parseDuration(age.value) ?? 0)) {
    yield { at: age.at, because: 'maxAge must be a whole number of seconds', rules: ['ACT-8'] };
  }
  yield* checkWord(cors, 'unmatchedPreflights', ['UNSPECIFIED', 'FORWARD', 'IGNORE']);
}
