import { nearest } from '../../base/nearest.js';
import { makersIn, makes, podsMayBeElsewhere, type Unread } from '../../mesh/completeness.js';
import { labelSetsIn, labelsText, selectedBy, type LabelSet } from '../../mesh/label-sets.js';
import { routedTo } from '../../mesh/routed.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import type { StringMap } from '../../model/fields.js';
import type { Service } from '../../model/kubernetes.js';
import { describe } from '../../model/resource.js';
import { defineRule } from '../rule.js';
import { LABELS } from '../../mesh/sources.js';

/** No pod has the labels that a Service selects by. */
export default defineRule({
  id: 'service-selects-no-pods',
  group: 'service',
  severity: 'warning',
  title: 'Service selects no pod',
  why: 'The Service has no endpoint: Envoy answers 503 with flag UH, and without a sidecar the connection is refused.',
  remedy: "Make the selector's labels those of the pod template.",
  reads: ['Service', 'VirtualService', 'Endpoints', 'EndpointSlice', ...LABELS],
  *check(mesh, unread) {
    for (const { service, selector, near } of podlessServices(mesh)) {
      const { namespace, name } = service;
      const routes = routedTo(mesh, `${name}.${namespace}.svc.${mesh.config.clusterDomain}`);
      const sent = routes.filter((it) => it.share > 0 && !it.mirror);
      yield {
        at: service.selectorAt,
        message: `No pod in namespace ${namespace} carries ${labelsText(selector)}${near ? `; ${differenceText(near, selector)}` : ''}`,
        severity: sent.length > 0 ? 'error' : 'warning',
        assuming: mayBeElsewhere(mesh, unread, service, near),
        related: [
          ...(near && near.labelsAt.doc !== '' ? [{ at: near.labelsAt, message: `labels of ${near.title}` }] : []),
          ...sent.map((it) => ({ at: it.destination.host.at, message: `${describe(it.vs)} routes to it` })),
        ],
        fixes: near ? fixesFor(near, selector) : [],
      };
    }
  },
});

interface Podless {
  readonly service: Service;
  readonly selector: StringMap;
  /** The pods that are most like those it asks for. */
  readonly near: LabelSet | undefined;
}

function podlessServices(mesh: MeshSnapshot): readonly Podless[] {
  return mesh.derive('podlessServices', ['Service', 'Endpoints', 'EndpointSlice', ...LABELS], () => {
    const sliced = slicedServices(mesh);
    return mesh.of('Service').flatMap((service): Podless[] => {
      const { selector, namespace, name } = service;
      if (!selector || selector.size === 0 || service.externalName || sliced.has(`${namespace}/${name}`)) return [];
      if (service.labels.has('gateway.istio.io/managed') || selectedBy(mesh, selector, namespace).length > 0) return [];
      return [{ service, selector, near: nearestSet(alikeIn(mesh, namespace, selector), selector) }];
    });
  });
}

function slicedServices(mesh: MeshSnapshot): ReadonlySet<string> {
  const groups = [...mesh.of('Endpoints'), ...mesh.of('EndpointSlice')].flatMap((it) => it.groups);
  return new Set(groups.map((it) => `${it.namespace}/${it.service}`));
}

/** In a namespace with very many workloads only those that share a label with the selector are looked at. */
function alikeIn(mesh: MeshSnapshot, namespace: string, selector: StringMap): readonly LabelSet[] {
  const sets = labelSetsIn(mesh, namespace);
  if (sets.length <= MOST_COMPARED) return sets;
  return [...selector]
    .flatMap(([key, value]) => selectedBy(mesh, new Map([[key, value]]), namespace))
    .slice(0, MOST_COMPARED);
}

const MOST_COMPARED = 200;

/** The pods that have most of the labels; none when they share not a single one. */
function nearestSet(sets: readonly LabelSet[], wanted: StringMap): LabelSet | undefined {
  const score = (set: LabelSet): number =>
    [...wanted].reduce((sum, [key, { value }]) => {
      const own = set.labels.get(key)?.value;
      return sum + (own === value ? 4 : own === undefined ? 0 : isAlike(own, value) ? 2 : 0);
    }, 0);
  let best: LabelSet | undefined;
  for (const it of sets) if (score(it) > (best ? score(best) : 0)) best = it;
  return best;
}

function isAlike(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a) || nearest(a, [b]) !== undefined;
}

function differenceText(near: LabelSet, wanted: StringMap): string {
  const wrong = [...wanted].filter(([key, { value }]) => near.labels.get(key)?.value !== value);
  const parts = wrong.map(([key]) =>
    near.labels.has(key) ? `${key}=${near.labels.get(key)!.value}` : `no label ${key}`,
  );
  return `${near.title} has ${parts.join(' and ')}`;
}

function fixesFor(near: LabelSet, wanted: StringMap) {
  const wrong = [...wanted].filter(([key, { value }]) => near.labels.get(key)?.value !== value);
  if (wrong.length === 0 || wrong.some(([key]) => !/^[A-Za-z][\w.-]*$/.test(near.labels.get(key)?.value ?? '')))
    return [];
  const edits = wrong.map(([key, value]) => ({ at: value.at, text: near.labels.get(key)!.value }));
  return [{ title: `Select ${near.title}`, edits }];
}

/** Pods that share nothing with any that are here may be made by somebody else. */
function mayBeElsewhere(
  mesh: MeshSnapshot,
  unread: Unread,
  it: Service,
  near: LabelSet | undefined,
): string | undefined {
  const elsewhere = podsMayBeElsewhere(mesh, unread, it.namespace);
  if (elsewhere || near) return elsewhere;
  const words = [it.name, ...[...it.selector!.values()].map((one) => one.value)];
  const maker = makersIn(mesh, it.namespace).find((one) => words.some((word) => makes(one, word)));
  return maker && `${maker.kindName} ${maker.namespace}/${maker.name} may make them`;
}
