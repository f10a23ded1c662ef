import { byAge } from '../../mesh/order.js';
import { inNameOrder } from '../../mesh/routed.js';
import { describe } from '../../model/resource.js';
import { defineRule } from '../rule.js';

/** A namespace has more than one PeerAuthentication for all of its workloads. */
export default defineRule({
  id: 'peerauthentication-multiple-default',
  group: 'security',
  severity: 'error',
  title: 'Several PeerAuthentications for one namespace',
  why: 'Only the oldest counts, and by the files alone nobody can tell which that is: the mode may be another than you read here.',
  remedy: 'Merge them into one, or give each a selector.',
  alsoKnownAs: ['KIA0002', 'KIA0003'],
  reads: ['PeerAuthentication'],
  *check(mesh) {
    const seen = new Map<string, string>();
    for (const it of inNameOrder(mesh.of('PeerAuthentication')).sort(byAge)) {
      if (it.selector && it.selector.labels.size > 0) continue;
      const first = seen.get(it.namespace);
      if (first === undefined) {
        seen.set(it.namespace, it.name);
        continue;
      }
      const winner = mesh.find('PeerAuthentication', it.namespace, first)!;
      yield {
        at: it.nameAt,
        message: `${describe(winner)} is for all workloads of ${it.namespace}, too, and only the oldest counts`,
        related: [{ at: winner.nameAt, message: 'the other one' }],
      };
    }
  },
});
