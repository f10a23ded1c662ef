import { makersIn, makes } from '../../mesh/completeness.js';
import { destinationRuleFor } from '../../mesh/destination-rules.js';
import { isSelected, membersOf, type LabelSet } from '../../mesh/label-sets.js';
import { allRouted, type Routed } from '../../mesh/routed.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import { LABELS, PODS, ROUTES } from '../../mesh/sources.js';
import { NO_STRINGS } from '../../model/fields.js';
import { describe } from '../../model/resource.js';
import { defineRule } from '../rule.js';

/** All workloads behind a destination have no replicas. */
export default defineRule({
  id: 'deployment-zero-replicas-destination',
  group: 'workload',
  severity: 'warning',
  title: 'Routed workload has zero replicas',
  why: 'The cluster has no endpoint, so Envoy answers 503 with flag UH to that part of the traffic.',
  remedy: 'Scale the workload up before traffic is sent to it, or give its destination weight 0.',
  reads: [...ROUTES, ...LABELS],
  *check(mesh) {
    if (!someAreAsleep(mesh)) return;
    const asleep = new Map<string, { sets: readonly LabelSet[]; routes: Routed[] }>();
    for (const it of allRouted(mesh)) {
      if (it.mirror || it.share === 0) continue;
      const sets = setsBehind(mesh, it);
      if (sets.length === 0 || sets.some((set) => set.replicas > 0 || isScaled(mesh, set))) continue;
      const key = sets.map((set) => set.title).join();
      const before = asleep.get(key);
      if (before) before.routes.push(it);
      else asleep.set(key, { sets, routes: [it] });
    }
    for (const { sets, routes } of asleep.values()) {
      const [first] = sets;
      yield {
        at: first!.replicasAt ?? first!.labelsAt,
        message: `${sets.map((it) => it.title).join(' and ')} ${sets.length === 1 ? 'has' : 'have'} no replica, and ${describe(routes[0]!.vs)} sends requests there`,
        related: routes.map((it) => ({
          at: (it.destination.subset ?? it.destination.host).at,
          message: `${describe(it.vs)} sends ${Math.round(it.share * 100)} % of these requests there`,
        })),
      };
    }
  },
});

/** Asked first: hardly anything has no replicas. */
function someAreAsleep(mesh: MeshSnapshot): boolean {
  return mesh.derive('someWorkloadsAreAsleep', PODS, () => mesh.workloads.some((it) => it.replicas.value === 0));
}

function setsBehind(mesh: MeshSnapshot, { host, destination, vs }: Routed): readonly LabelSet[] {
  const service = mesh.servicesNamed(host)[0];
  const members = service && membersOf(mesh, service);
  if (!members || !members.some((it) => it.replicas === 0)) return [];
  const { subset } = destination;
  if (!subset) return members;
  const client = { namespace: vs.namespace, labels: NO_STRINGS };
  const rule = destinationRuleFor(mesh, client, service).value;
  const labels = rule?.subsets.find((it) => it.name.value === subset.value)?.labels;
  return labels ? members.filter((it) => isSelected(it, labels)) : [];
}

/** Autoscalers and rollout tools bring replicas when they are wanted. */
function isScaled(mesh: MeshSnapshot, { namespace, title }: LabelSet): boolean {
  const name = title.slice(title.lastIndexOf('/') + 1);
  const scalers = mesh
    .of('Other')
    .filter((it) => it.namespace === namespace && it.kindName === 'HorizontalPodAutoscaler');
  const named = scalers.some((it) => it.body.fields('spec')?.fields('scaleTargetRef')?.string('name')?.value === name);
  return named || makersIn(mesh, namespace).some((it) => makes(it, name));
}
