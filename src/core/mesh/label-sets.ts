import { addTo, compareText, groupBy } from '../base/lists.js';
import type { Location } from '../base/location.js';
import type { Fields, StringMap } from '../model/fields.js';
import type { PodTemplate } from '../model/kubernetes.js';
import { describe } from '../model/resource.js';
import type { OtherResource } from '../model/resources.js';
import type { RegistryService } from './services.js';
import type { MeshSnapshot } from './snapshot.js';
import { LABELS } from './sources.js';

/** The labels that pods or other endpoints carry, and the object that says so: templates count without replicas, too. */
export interface LabelSet {
  readonly labels: StringMap;
  readonly labelsAt: Location;
  readonly namespace: string;
  /** `Deployment shop/reviews-v1` */
  readonly title: string;
  /** `undefined` where no containers are known. */
  readonly template: PodTemplate | undefined;
  readonly replicas: number;
  readonly replicasAt: Location | undefined;
}

/** What selectors can select in a namespace, ordered by name. */
export function labelSetsIn(mesh: MeshSnapshot, namespace: string): readonly LabelSet[] {
  return labelSets(mesh).get(namespace) ?? [];
}

function labelSets(mesh: MeshSnapshot): ReadonlyMap<string, readonly LabelSet[]> {
  return mesh.derive('labelSets', LABELS, () => {
    const result = groupBy(collect(mesh), (it) => it.namespace);
    for (const list of result.values()) list.sort((a, b) => compareText(a.title, b.title));
    return result;
  });
}

function* collect(mesh: MeshSnapshot): Generator<LabelSet> {
  for (const it of mesh.workloads) {
    const { labels, labelsAt } = it.template;
    const replicas = it.kind === 'DaemonSet' ? 1 : it.replicas.value;
    yield {
      labels,
      labelsAt,
      namespace: it.namespace,
      title: describe(it),
      template: it.template,
      replicas,
      replicasAt: it.replicas.at,
    };
  }
  for (const it of mesh.of('Pod')) {
    const { labels, labelsAt } = it.template;
    yield {
      labels,
      labelsAt,
      namespace: it.namespace,
      title: describe(it),
      template: it.template,
      replicas: 1,
      replicasAt: undefined,
    };
  }
  for (const it of mesh.pods) {
    if (it.source) continue;
    const { labels, labelsAt } = it.template;
    yield {
      labels,
      labelsAt,
      namespace: it.namespace,
      title: it.workload,
      template: undefined,
      replicas: 1,
      replicasAt: undefined,
    };
  }
  for (const it of mesh.of('WorkloadEntry')) {
    yield {
      ...NO_TEMPLATE,
      labels: it.spec.labels,
      labelsAt: it.spec.at,
      namespace: it.namespace,
      title: describe(it),
    };
  }
  for (const it of mesh.of('Other')) {
    const metadata = templateOf(it)?.fields('metadata');
    if (!metadata) continue;
    yield {
      ...NO_TEMPLATE,
      labels: metadata.stringMap('labels'),
      labelsAt: metadata.at,
      namespace: it.namespace,
      title: describe(it),
    };
  }
}

const NO_TEMPLATE = { template: undefined, replicas: 1, replicasAt: undefined };

/** Rollouts, CronJobs, WorkloadGroups and the like have a pod template where one expects it. */
function templateOf(it: OtherResource): Fields | undefined {
  const node = it.body.raw('spec');
  if (node?.kind !== 'map') return undefined;
  const spec = it.body.fields('spec')!;
  if (it.kindName === 'WorkloadGroup') return spec;
  const nested = node.get('jobTemplate')?.kind === 'map' ? spec.fields('jobTemplate')!.fields('spec') : spec;
  return nested?.raw('template')?.kind === 'map' ? nested.fields('template') : undefined;
}

/** Labels that pods get when they run, which no template shows. */
const AT_RUN_TIME =
  /^(statefulset\.kubernetes\.io\/pod-name|apps\.kubernetes\.io\/pod-index|pod-template-hash|rollouts-pod-template-hash|controller-revision-hash|(batch\.kubernetes\.io\/)?(job-name|controller-uid)|security\.istio\.io\/tlsMode|service\.istio\.io\/canonical-(name|revision)|topology\.istio\.io\/.*|topology\.kubernetes\.io\/.*|kubernetes\.io\/hostname|istio\.io\/(rev|gateway-name)|gateway\.networking\.k8s\.io\/gateway-name)$/;

/** Whether pods of these labels are selected, those included that pods get only when they run. */
export function isSelected(it: Pick<LabelSet, 'labels'>, wanted: StringMap): boolean {
  for (const [key, { value }] of wanted) {
    if (it.labels.get(key)?.value !== value && (it.labels.has(key) || !AT_RUN_TIME.test(key))) return false;
  }
  return true;
}

/** What a selector selects, in one namespace or in all of them. */
export function selectedBy(mesh: MeshSnapshot, wanted: StringMap, namespace?: string): readonly LabelSet[] {
  const pair = [...wanted].find(([key]) => !AT_RUN_TIME.test(key));
  if (!pair) return namespace === undefined ? [] : labelSetsIn(mesh, namespace).filter((it) => isSelected(it, wanted));
  const byPair = mesh.derive('labelSetsByPair', LABELS, () => {
    const result = new Map<string, LabelSet[]>();
    for (const set of [...labelSets(mesh).values()].flat()) {
      for (const [key, { value }] of set.labels) {
        for (const name of [`${key}=${value}`, `${set.namespace}/${key}=${value}`]) {
          addTo(result, name, set);
        }
      }
    }
    return result;
  });
  const text = `${pair[0]}=${pair[1].value}`;
  const some = byPair.get(namespace === undefined ? text : `${namespace}/${text}`) ?? [];
  return some.filter((it) => isSelected(it, wanted));
}

/** What stands behind a service by its labels; `undefined` when that cannot be told. */
export function membersOf(mesh: MeshSnapshot, { source, namespace }: RegistryService): readonly LabelSet[] | undefined {
  if (source.kind === 'Service') {
    const { selector } = source;
    if (!selector || selector.size === 0) return undefined;
    return selectedBy(mesh, selector, namespace);
  }
  const { workloadSelector, endpoints } = source;
  if (workloadSelector) return selectedBy(mesh, workloadSelector.labels, namespace);
  if (endpoints.length === 0) return undefined;
  return endpoints.map((it) => ({
    ...NO_TEMPLATE,
    labels: it.labels,
    labelsAt: it.at,
    namespace,
    title: `endpoint ${it.address?.value ?? ''} of ServiceEntry ${namespace}/${source.name}`,
  }));
}

/** `version=v1, app=web`, for people. */
export function labelsText(labels: StringMap): string {
  return [...labels].map(([key, { value }]) => `${key}=${value}`).join(', ');
}
