import { nearest } from '../../base/nearest.js';
import { labelsText, selectedBy } from '../../mesh/label-sets.js';
import { gatewayPods } from '../../mesh/route-clients.js';
import type { MeshPod } from '../../mesh/pods.js';
import type { StringMap } from '../../model/fields.js';
import { defineRule } from '../rule.js';
import { LABELS } from '../../mesh/sources.js';

/** A Gateway selects no pod. */
export default defineRule({
  id: 'gateway-selector-matches-nothing',
  group: 'reference',
  severity: 'warning',
  title: 'Gateway selects no pod',
  why: 'No proxy opens the ports of this Gateway: connections are refused, or answered 404 by what another Gateway opened.',
  remedy: "Write the labels of the gateway's pods.",
  alsoKnownAs: ['IST0101', 'KIA0302'],
  reads: LABELS,
  *check(mesh, unread) {
    const declared = gatewayPods(mesh)
      .filter((it) => it.source)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    for (const it of mesh.of('IstioGateway')) {
      if (it.selector.size === 0) continue;
      if (selectedBy(mesh, it.selector).length > 0) continue;
      const near = declared.find((pod) => isNear(pod, it.selector));
      const pods = [...new Set(declared.map((pod) => pod.workload))].sort();
      const templated = unread.kinds.has('Deployment')
        ? 'a template that is not rendered here may hold the gateway'
        : undefined;
      yield {
        at: it.selectorAt,
        message: `No pod carries ${labelsText(it.selector)}${near ? `; ${near.workload} has ${wrongLabels(near, it.selector)}` : ''}`,
        severity: near ? 'error' : 'warning',
        assuming: near
          ? undefined
          : (templated ??
            (pods.length === 0
              ? 'gateways are mostly installed from elsewhere, and none is among the files'
              : undefined)),
        related: declared
          .filter((pod) => pod === near || !near)
          .map((pod) => ({ at: pod.template.labelsAt, message: `labels of gateway ${pod.workload}` })),
        fixes: near ? fixesFor(near, it.selector) : [],
      };
    }
  },
});

/** The same keys with values that are a slip away. */
function isNear(pod: MeshPod, wanted: StringMap): boolean {
  return [...wanted].every(([key, { value }]) => {
    const own = pod.labels.get(key)?.value;
    return (
      own !== undefined &&
      (own === value || nearest(value, [own]) !== undefined || own.startsWith(value) || value.startsWith(own))
    );
  });
}

function wrongLabels(pod: MeshPod, wanted: StringMap): string {
  const wrong = [...wanted].filter(([key, { value }]) => pod.labels.get(key)?.value !== value);
  return wrong.map(([key]) => `${key}=${pod.labels.get(key)!.value}`).join(', ');
}

function fixesFor(pod: MeshPod, wanted: StringMap) {
  const wrong = [...wanted].filter(([key, { value }]) => pod.labels.get(key)?.value !== value);
  const edits = wrong.map(([key, value]) => ({ at: value.at, text: pod.labels.get(key)!.value }));
  return [{ title: `Select ${pod.workload}`, edits }];
}
