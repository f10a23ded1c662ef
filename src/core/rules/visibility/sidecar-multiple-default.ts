import { byAge } from '../../mesh/order.js';
import { inNameOrder } from '../../mesh/routed.js';
import { describe } from '../../model/resource.js';
import type { Sidecar } from '../../model/sidecar.js';
import { defineRule } from '../rule.js';

/** A namespace has more than one Sidecar for all of its workloads. */
export default defineRule({
  id: 'sidecar-multiple-default',
  group: 'visibility',
  severity: 'error',
  title: 'Several Sidecars for one namespace',
  why: 'Only the oldest counts, and by the files alone nobody can tell which that is: proxies may import other hosts than you read here.',
  remedy: 'Merge their egress lists, or give each a workloadSelector.',
  alsoKnownAs: ['IST0111', 'KIA0002'],
  reads: ['Sidecar'],
  *check(mesh) {
    const first = new Map<string, Sidecar>();
    for (const it of inNameOrder(mesh.of('Sidecar')).sort(byAge)) {
      if (it.workloadSelector && it.workloadSelector.labels.size > 0) continue;
      const winner = first.get(it.namespace);
      if (!winner) first.set(it.namespace, it);
      else {
        const message = `${describe(winner)} is for all workloads of ${it.namespace}, too, and only the oldest counts`;
        yield { at: it.nameAt, message, related: [{ at: winner.nameAt, message: 'the other one' }] };
      }
    }
  },
});
