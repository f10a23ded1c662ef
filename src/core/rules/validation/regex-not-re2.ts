import type { Location } from '../../base/location.js';
import type { StringMatch } from '../../model/resource.js';
import type { HttpMatch, HttpRoute } from '../../model/virtual-service.js';
import { defineObjectRule } from '../rule.js';
import { re2Error } from './re2-error.js';

/** A regular expression that Envoy's engine does not know. */
export default defineObjectRule({
  id: 'regex-not-re2',
  group: 'validation',
  severity: 'error',
  title: 'Regular expression is not RE2',
  why: "Istio's webhook refuses the whole VirtualService, so its hosts lose all of their routes.",
  remedy:
    'Say it without look-around, back-references or possessive repetition: withoutHeaders, or an earlier rule, can exclude.',
  alsoKnownAs: ['IST0106'],
  kinds: ['VirtualService'],
  *check(it) {
    for (const { pattern, at } of it.http.flatMap(patternsOf)) {
      const error = re2Error(pattern);
      if (!error) continue;
      const { because, piece } = error;
      yield { at: pieceOf(pattern, piece, at), message: `Not RE2: ${because}: ${piece}${hint(piece)}` };
    }
  },
});

interface Pattern {
  readonly pattern: string;
  readonly at: Location;
}

function patternsOf(route: HttpRoute): Pattern[] {
  const found = route.matches.flatMap(inMatch);
  const { uriRegex } = route.rewrite ?? {};
  if (uriRegex) found.push({ pattern: uriRegex.match.value, at: uriRegex.match.at });
  return [...found, ...(route.cors?.allowOrigins ?? []).flatMap(inCondition)];
}

function inMatch(it: HttpMatch): Pattern[] {
  const conditions = [it.uri, it.scheme, it.method, it.authority, ...it.headers.values(), ...it.queryParams.values()];
  // a lone star is allowed here alone, and means «present» (RT-6)
  const without = [...it.withoutHeaders.values()].filter((one) => one.type !== 'regex' || one.value !== '*');
  return [...conditions, ...without].flatMap(inCondition);
}

function inCondition(it: StringMatch | undefined): Pattern[] {
  return it?.type === 'regex' ? [{ pattern: it.value, at: it.at }] : [];
}

/** The place of the piece itself, where the text stands in the file as it is. */
function pieceOf(pattern: string, piece: string, at: Location): Location {
  const index = pattern.indexOf(piece);
  if (index < 0 || at.end - at.start !== pattern.length) return at;
  return { ...at, start: at.start + index, end: at.start + index + piece.length };
}

function hint(piece: string): string {
  return piece === '*' ? ' (any text is ".*", and any value at all is {})' : '';
}
