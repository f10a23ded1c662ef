import { addTo } from '../base/lists.js';
import { groupOf, type OtherResource, type Resource, type ResourceKind } from '../model/resources.js';
import { clusterName } from './hosts.js';
import type { MeshSnapshot } from './snapshot.js';
import { WORKLOADS } from './sources.js';

/** What the files hold and nobody could read: the kinds in templates that are not rendered. */
export interface Unread {
  readonly kinds: ReadonlySet<string>;
}

export const NOTHING_UNREAD: Unread = { kinds: new Set() };

/**
 * Why a Service or ServiceEntry for a host may well exist although no document declares it; `undefined` when the
 * environment is complete enough to say that it does not.
 */
export function serviceMayBeElsewhere(mesh: MeshSnapshot, unread: Unread, host: string): string | undefined {
  if (unread.kinds.has('Service') || unread.kinds.has('ServiceEntry')) {
    return 'a template that is not rendered here may define it';
  }
  const inCluster = clusterName(host, mesh.config.clusterDomain);
  if (!inCluster) {
    if (mesh.of('ServiceEntry').length === 0)
      return 'no ServiceEntry is among the files, so they may be kept elsewhere';
    return undefined;
  }
  const { name, namespace } = inCluster;
  if (isSystemNamespace(mesh, namespace)) return `namespace ${namespace} is installed from elsewhere`;
  if (!namespacesWithServices(mesh).has(namespace)) return `no Service of namespace ${namespace} is among the files`;
  if (servicesWithoutNamespace(mesh).has(name)) {
    return `Service ${name} has no namespace in its file and was taken to be in "default"`;
  }
  const maker = makersIn(mesh, namespace).find((it) => makes(it, name));
  return maker && `${maker.kindName} ${namespace}/${maker.name} may make it`;
}

/** Why pods of a namespace may well exist although no document declares them. */
export function podsMayBeElsewhere(mesh: MeshSnapshot, unread: Unread, namespace: string): string | undefined {
  if (POD_MAKERS.some((it) => unread.kinds.has(it))) return 'a template that is not rendered here may hold the pods';
  if (!namespacesWithPods(mesh).has(namespace)) return `no workload of namespace ${namespace} is among the files`;
  return undefined;
}

/** Namespaces that are installed with the cluster or the mesh; their objects are seldom among anybody's files. */
export function isSystemNamespace(mesh: MeshSnapshot, namespace: string): boolean {
  return namespace.startsWith('kube-') || namespace === mesh.config.rootNamespace || namespace === 'istio-system';
}

export function namespacesWithServices(mesh: MeshSnapshot): ReadonlySet<string> {
  return mesh.derive('namespacesWithServices', ['Service', 'ServiceEntry'], () =>
    namespacesOf(mesh, ['Service', 'ServiceEntry']),
  );
}

/** Namespaces of which some workload or Pod is declared, also one without replicas. */
export function namespacesWithPods(mesh: MeshSnapshot): ReadonlySet<string> {
  return mesh.derive('namespacesWithPods', POD_MAKERS, () => namespacesOf(mesh, POD_MAKERS));
}

const POD_MAKERS: readonly ResourceKind[] = ['Pod', ...WORKLOADS];

function namespacesOf(mesh: MeshSnapshot, kinds: readonly ResourceKind[]): ReadonlySet<string> {
  return new Set(kinds.flatMap((kind) => mesh.of(kind).map((it) => it.namespace)));
}

/** Kustomize and `kubectl -n` add namespaces that the files do not have. */
function servicesWithoutNamespace(mesh: MeshSnapshot): ReadonlySet<string> {
  return mesh.derive('servicesWithoutNamespace', ['Service'], () => {
    const bare = mesh.of('Service').filter((it) => it.namespace === 'default' && !hasNamespace(it));
    return new Set(bare.map((it) => it.name));
  });
}

/** Whether the document itself says which namespace the object lives in. */
export function hasNamespace(it: Resource): boolean {
  return it.body.fields('metadata')?.has('namespace') ?? false;
}

/** Objects whose controllers make Services and pods: rollout tools, Knative, operators. */
export function makersIn(mesh: MeshSnapshot, namespace: string): readonly OtherResource[] {
  const byNamespace = mesh.derive('makers', ['Other'], () => {
    const result = new Map<string, OtherResource[]>();
    for (const it of mesh.of('Other')) {
      if (isMaker(groupOf(it.apiVersion))) addTo(result, it.namespace, it);
    }
    return result;
  });
  return byNamespace.get(namespace) ?? [];
}

/** Groups of which no object makes Services or pods. */
const PASSIVE =
  /(^|\.)(k8s\.io|istio\.io|kustomize\.[a-z.]+|monitoring\.coreos\.com|cert-manager\.io|external-secrets\.io)$/;
const BUILT_IN = new Set(['', 'apps', 'batch', 'policy', 'autoscaling', 'extensions']);

function isMaker(group: string): boolean {
  return !BUILT_IN.has(group) && !PASSIVE.test(group);
}

/** Controllers name what they make after their object: `web`, `web-canary`, `web-rw`. */
export function makes(maker: OtherResource, name: string): boolean {
  const target = maker.body.fields('spec')?.fields('targetRef')?.string('name')?.value;
  return [maker.name, target].some((it) => it !== undefined && it !== '' && (name === it || name.startsWith(`${it}-`)));
}
