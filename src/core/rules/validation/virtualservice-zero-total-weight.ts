import { defineObjectRule } from '../rule.js';
import { entriesOf, titleOf } from '../entries.js';

/** A split whose destinations have no weight at all. */
export default defineObjectRule({
  id: 'virtualservice-zero-total-weight',
  group: 'validation',
  severity: 'error',
  title: 'All weights are zero',
  why: "Istio's webhook refuses the whole VirtualService, so its hosts lose all of their routes.",
  remedy: 'Give each destination of the split a weight; a missing one counts as 0.',
  alsoKnownAs: ['IST0106'],
  kinds: ['VirtualService'],
  *check(it) {
    for (const entry of entriesOf(it)) {
      if (entry.route.length < 2 || entry.route.some((to) => (to.weight?.value ?? 0) !== 0)) continue;
      const written = entry.route.some((to) => to.weight);
      yield {
        at: entry.fields.keyAt('route'),
        message: `${entry.route.length} destinations of ${titleOf(entry)} ${written ? 'all have weight 0' : 'have no weight'}`,
        fixes: written ? [evenly(entry.route)].flat() : [],
      };
    }
  },
});

function evenly(route: ReturnType<typeof entriesOf>[number]['route']) {
  if (route.some((it) => !it.weight)) return [];
  const each = Math.floor(100 / route.length);
  const weights = route.map((_, index) => (index === 0 ? 100 - each * (route.length - 1) : each));
  const edits = route.map((it, index) => ({ at: it.weight!.at, text: String(weights[index]) }));
  return { title: `Set the weights to ${weights.join(', ')}`, edits };
}
