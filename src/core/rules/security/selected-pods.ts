import type { MeshPod } from '../../mesh/pods.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import { containsLabels } from '../../model/fields.js';
import type { Selector } from '../../model/resource.js';
import type { TargetRef } from '../../model/security.js';

interface Policy {
  readonly namespace: string;
  readonly selector: Selector | undefined;
  readonly targetRefs: readonly TargetRef[];
}

/** One pod of each workload whose sidecar enforces a policy with a selector (AZ-1); a policy for a whole namespace is for no port in particular. */
export function selectedPods(mesh: MeshSnapshot, { namespace, selector, targetRefs }: Policy): MeshPod[] {
  if (!selector || selector.labels.size === 0 || targetRefs.length > 0) return [];
  const inRoot = namespace === mesh.config.rootNamespace;
  const pods = (inRoot ? mesh.pods : mesh.podsIn(namespace)).filter(
    (it) => it.proxy.value === 'sidecar' && containsLabels(it.labels, selector.labels),
  );
  return [...new Map(pods.map((it) => [it.workload, it])).values()].sort((a, b) => (a.workload < b.workload ? -1 : 1));
}
