import type { HttpMatch, VirtualService } from '../../model/virtual-service.js';
import { defineObjectRule, type Report } from '../rule.js';
import { entriesOf, titleOf, type Entry } from '../entries.js';
import { coversMatch } from './containment.js';
import { catchAllBefore } from './virtualservice-rule-after-catch-all.js';

/** Every request that a match accepts is taken by an earlier rule. */
export default defineObjectRule({
  id: 'virtualservice-match-shadowed',
  group: 'routing',
  severity: 'warning',
  title: 'Match is covered by an earlier one',
  why: 'Envoy takes the first route that accepts a request, so what is written here never happens.',
  remedy: 'Move the narrower rule above the wider one, or narrow the wider one.',
  alsoKnownAs: ['IST0130', 'IST0131'],
  kinds: ['VirtualService'],
  yields: true,
  *check(it) {
    const entries = entriesOf(it).filter((one) => one.list === 'http');
    const earlier = entries.flatMap((rule): Cover[] =>
      rule.http!.delegate ? [] : rule.http!.matches.map((match, index) => ({ rule, match, index })),
    );
    for (const entry of entries) {
      const own = entry.http!.matches;
      if (own.length === 0 || catchAllBefore(it, entries, entry)) continue;
      const covered = own.map((match) => coverOf(it, earlier, entry, match));
      if (covered.every((one) => one !== undefined)) {
        yield reportOf(entry, own[0]!, covered[0]!, own.length > 1 ? 'All matches of' : 'The match of');
      } else {
        for (const [index, one] of covered.entries()) {
          if (one) yield reportOf(entry, own[index]!, one, `Match #${index + 1} of`);
        }
      }
    }
  },
});

function coverOf(vs: VirtualService, earlier: readonly Cover[], entry: Entry, match: HttpMatch): Cover | undefined {
  for (const it of earlier) {
    if (it.rule.index >= entry.index) return undefined;
    if (coversMatch(vs, it.match, match)) return it;
  }
  return undefined;
}

interface Cover {
  readonly rule: Entry;
  readonly match: HttpMatch;
  readonly index: number;
}

function reportOf(entry: Entry, match: HttpMatch, { rule, match: wide, index }: Cover, which: string): Report {
  const taker = rule.http!.matches.length > 1 ? `match #${index + 1} of ${titleOf(rule)}` : titleOf(rule);
  return {
    at: placeOf(match),
    message: `${which} ${titleOf(entry)} never decides: ${taker} takes all of its requests`,
    related: [{ at: placeOf(wide), message: `${textOf(wide)} takes them first` }],
  };
}

/** The condition that is narrowest to point at. */
function placeOf(it: HttpMatch) {
  return it.uri?.at ?? [...it.headers.values()][0]?.at ?? it.method?.at ?? it.at;
}

/** A match in few words: `prefix /api, header x-user`. */
function textOf(it: HttpMatch): string {
  const parts: string[] = [];
  if (it.uri && it.uri.type !== 'present') parts.push(`${it.uri.type} ${it.uri.value}`);
  if (it.method && it.method.type !== 'present') parts.push(`method ${it.method.value}`);
  for (const name of it.headers.keys()) parts.push(`header ${name}`);
  for (const name of it.queryParams.keys()) parts.push(`parameter ${name}`);
  return parts.join(', ') || 'this match';
}
