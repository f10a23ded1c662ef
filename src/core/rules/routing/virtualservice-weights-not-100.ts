import { defineObjectRule, type Fix } from '../rule.js';
import { sharesOf } from '../../mesh/routed.js';
import { destinationTitle, entriesOf, titleOf, type Entry } from '../entries.js';

/** The weights of a split do not add up to 100. */
export default defineObjectRule({
  id: 'virtualservice-weights-not-100',
  group: 'routing',
  severity: 'warning',
  title: 'Weights do not add up to 100',
  why: 'Envoy takes weights as parts of their sum, so the traffic is shared in another way than the numbers say.',
  remedy: 'Make the weights of one route add up to 100.',
  kinds: ['VirtualService'],
  *check(it) {
    for (const entry of entriesOf(it)) {
      if (entry.route.length < 2) continue;
      const weights = entry.route.map((to) => to.weight?.value ?? 0);
      const sum = weights.reduce((a, b) => a + b, 0);
      if (sum === 100 || sum === 0 || weights.some((weight) => weight < 0)) continue;
      const shares = sharesOf(entry.route).map((share, index) => {
        const { destination, weight } = entry.route[index]!;
        return `${destinationTitle(destination)} ${percent(share)}${weight ? '' : ' (it has no weight)'}`;
      });
      yield {
        at: entry.fields.keyAt('route'),
        message: `The weights of ${titleOf(entry)} add up to ${sum}: ${shares.join(', ')}`,
        fixes: scaled(entry),
      };
    }
  },
});

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}

/** The nearest whole weights that add up to 100; only where each destination has one to be changed. */
function scaled({ route }: Entry): Fix[] {
  if (route.some((it) => !it.weight)) return [];
  const exact = sharesOf(route).map((it) => it * 100);
  const whole = exact.map(Math.floor);
  const rest = 100 - whole.reduce((a, b) => a + b, 0);
  const byRemainder = exact.map((it, index) => ({ index, part: it - whole[index]! })).sort((a, b) => b.part - a.part);
  for (const { index } of byRemainder.slice(0, rest)) whole[index]!++;
  const edits = route.map((it, index) => ({ at: it.weight!.at, text: String(whole[index]) }));
  return [{ title: `Set the weights to ${whole.join(', ')}`, edits }];
}
