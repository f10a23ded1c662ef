import { hostOfRule } from '../../mesh/merge-destination-rules.js';
import { byAge } from '../../mesh/order.js';
import { inNameOrder } from '../../mesh/routed.js';
import { CONFIG } from '../../mesh/sources.js';
import type { DestinationRule } from '../../model/destination-rule.js';
import { describe } from '../../model/resource.js';
import { defineRule, type Report } from '../rule.js';

/** Two DestinationRules of one namespace and host say different things. */
export default defineRule({
  id: 'destinationrule-conflicting-merge',
  group: 'visibility',
  severity: 'warning',
  title: 'Two DestinationRules for one host in one namespace',
  why: 'istiod folds them into one: of two traffic policies, and of two subsets with one name, the older is kept and the other is lost.',
  remedy: 'Merge them into one DestinationRule.',
  alsoKnownAs: ['KIA0201'],
  reads: ['DestinationRule', ...CONFIG],
  *check(mesh) {
    const groups = new Map<string, DestinationRule[]>();
    for (const it of inNameOrder(mesh.of('DestinationRule'))) {
      if (it.workloadSelector) continue;
      const host = hostOfRule(mesh, it).toLowerCase();
      const exported = it.exportTo?.map((one) => (one.value === it.namespace ? '.' : one.value)).sort() ?? ['*'];
      const key = `${it.namespace} ${host} ${exported.join()}`;
      groups.set(key, [...(groups.get(key) ?? []), it]);
    }
    for (const rules of groups.values()) {
      if (rules.length < 2) continue;
      const ordered = rules.sort(byAge);
      for (const [index, it] of ordered.entries()) {
        for (const older of ordered.slice(0, Math.min(index, MOST_COMPARED))) {
          const report = clash(older, it);
          if (!report) continue;
          yield report;
          break;
        }
      }
    }
  },
});

/** Nobody writes more rules for one host; a machine that does is told of most. */
const MOST_COMPARED = 50;

function clash(older: DestinationRule, it: DestinationRule): Report | undefined {
  if (older.trafficPolicy && it.trafficPolicy) {
    return {
      at: it.host.at,
      message: `${describe(older)} has a trafficPolicy for this host already: this one is lost`,
      related: [
        { at: older.trafficPolicy.at, message: 'kept' },
        { at: it.trafficPolicy.at, message: 'lost' },
      ],
    };
  }
  for (const { name } of it.subsets) {
    const twin = older.subsets.find((one) => one.name.value === name.value);
    if (!twin) continue;
    const message = `${describe(older)} defines subset ${name.value} of this host already: this one is lost`;
    return { at: name.at, message, related: [{ at: twin.name.at, message: 'kept' }] };
  }
  return undefined;
}
