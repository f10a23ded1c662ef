import type { HttpMatch, VirtualService } from '../../model/virtual-service.js';
import { defineObjectRule } from '../rule.js';
import { entriesOf, titleOf, type Entry } from '../entries.js';
import { coversProxies, isCatchAll } from './containment.js';

/** An http rule stands behind one that takes every request. */
export default defineObjectRule({
  id: 'virtualservice-rule-after-catch-all',
  group: 'routing',
  severity: 'warning',
  title: 'Rule can never be reached',
  why: 'istiod makes no routes behind the first rule that takes everything, so requests never meet this one.',
  remedy: 'Move the rule that takes everything to the end, or give it a match.',
  alsoKnownAs: ['IST0130'],
  kinds: ['VirtualService'],
  yields: true,
  *check(it) {
    const entries = entriesOf(it).filter((one) => one.list === 'http');
    const dead = entries.filter((entry) => catchAllBefore(it, entries, entry));
    const [first] = dead;
    if (!first) return;
    const taker = catchAllBefore(it, entries, first)!;
    const which = dead.length === 1 ? titleOf(first) : `${titleOf(first)} and ${dead.length - 1} more`;
    yield {
      at: first.head,
      message: `Never reached: ${titleOf(taker)} takes every request before ${which}`,
      related: [
        { at: taker.head, message: `${titleOf(taker)} takes every request` },
        ...dead.slice(1).map((one) => ({ at: one.head, message: `${titleOf(one)} is never reached either` })),
      ],
    };
  },
});

/** The rule before this one that leaves it nothing, for any proxy. */
export function catchAllBefore(vs: VirtualService, entries: readonly Entry[], entry: Entry): Entry | undefined {
  const own = entry.http!.matches;
  return takersIn(entries).find(({ index, http }) => {
    if (index >= entry.index) return false;
    const { matches } = http!;
    if (matches.length === 0) return true;
    const taking = matches.filter(isCatchAll);
    if (own.length === 0) return taking.some((it) => isForAll(it));
    return own.every((it) => taking.some((taker) => coversProxies(vs, taker, it)));
  });
}

const takers = new WeakMap<readonly Entry[], readonly Entry[]>();

/** The rules that may leave nothing to others; what a delegate does not match goes on to the next rule. */
function takersIn(entries: readonly Entry[]): readonly Entry[] {
  let found = takers.get(entries);
  if (!found) {
    found = entries.filter(
      ({ http }) => !http!.delegate && (http!.matches.length === 0 || http!.matches.some(isCatchAll)),
    );
    takers.set(entries, found);
  }
  return found;
}

function isForAll(it: HttpMatch): boolean {
  return !it.port && it.gateways.length === 0 && it.sourceLabels.size === 0 && !it.sourceNamespace;
}
