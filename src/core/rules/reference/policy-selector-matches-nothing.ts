import { makersIn, podsMayBeElsewhere } from '../../mesh/completeness.js';
import { isSystemNamespace } from '../../mesh/completeness.js';
import { labelSetsIn, labelsText, selectedBy } from '../../mesh/label-sets.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import { LABELS } from '../../mesh/sources.js';
import { describe, type Selector } from '../../model/resource.js';
import type { Resource } from '../../model/resources.js';
import { defineRule } from '../rule.js';

/** A policy selects no workload. */
export default defineRule({
  id: 'policy-selector-matches-nothing',
  group: 'reference',
  severity: 'warning',
  title: 'Policy selects no workload',
  why: 'It acts on nothing: what it was to allow, deny or encrypt goes on as before.',
  remedy: 'Write labels that pod templates of its own namespace have.',
  alsoKnownAs: ['IST0127', 'IST0101', 'KIA0004'],
  reads: [
    'AuthorizationPolicy',
    'RequestAuthentication',
    'PeerAuthentication',
    'Sidecar',
    'DestinationRule',
    ...LABELS,
  ],
  *check(mesh, unread) {
    for (const { object, selector } of selectorsIn(mesh)) {
      const { namespace } = object;
      const inRoot = namespace === mesh.config.rootNamespace;
      if (selector.labels.size === 0) continue;
      if (selectedBy(mesh, selector.labels, inRoot ? undefined : namespace).length > 0) continue;
      const [key, value] =
        [...selector.labels].find(([name, { value: wanted }]) => !carries(mesh, namespace, name, wanted)) ?? [];
      const what = key && value ? `${key}=${value.value}` : `${labelsText(selector.labels)} all at once`;
      const madeElsewhere = makersIn(mesh, namespace)[0];
      yield {
        at: selector.at,
        message: `No pod ${inRoot ? 'of the mesh' : `in namespace ${namespace}`} carries ${what}, so that ${describe(object)} is for nobody`,
        assuming:
          podsMayBeElsewhere(mesh, unread, namespace) ??
          (isSystemNamespace(mesh, namespace) ? `namespace ${namespace} is installed from elsewhere` : undefined) ??
          (madeElsewhere && `${describe(madeElsewhere)} may make such pods`),
      };
    }
  },
});

function selectorsIn(mesh: MeshSnapshot): { object: Resource; selector: Selector }[] {
  const policies = (['AuthorizationPolicy', 'RequestAuthentication', 'PeerAuthentication'] as const).flatMap((kind) =>
    mesh.of(kind).map((object) => ({ object, selector: object.selector })),
  );
  const others = (['Sidecar', 'DestinationRule'] as const).flatMap((kind) =>
    mesh.of(kind).map((object) => ({ object, selector: object.workloadSelector })),
  );
  return [...policies, ...others].flatMap(({ object, selector }) => (selector ? [{ object, selector }] : []));
}

function carries(mesh: MeshSnapshot, namespace: string, key: string, value: string): boolean {
  return labelSetsIn(mesh, namespace).some((it) => it.labels.get(key)?.value === value);
}
