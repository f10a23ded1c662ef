import { addTo, groupBy } from '../base/lists.js';
import type { EndpointGroup, Namespace, Node, Pod, Service, Workload } from '../model/kubernetes.js';
import type { MeshConfig } from '../model/mesh-config.js';
import { keyOf } from '../model/resource.js';
import type { Resource, ResourceKind, ResourceOf } from '../model/resources.js';
import type { WorkloadEntry } from '../model/service-entry.js';
import type { Sidecar } from '../model/sidecar.js';
import { endpointsOf, kubernetesEndpoints, type EndpointSources, type ServiceEndpoint } from './endpoints.js';
import { madeUpGateways } from './made-up-gateways.js';
import { findMeshConfig } from './mesh-config.js';
import { byAge } from './order.js';
import { collectPods, type MeshPod } from './pods.js';
import { refusalOf, type Refusal } from './refused.js';
import { scopeOf, sidecarFor, type Scope } from './scope.js';
import {
  assignClusterIPs,
  entryServices,
  kubernetesService,
  type RegistryPort,
  type RegistryService,
} from './services.js';
import { CONFIG, ENDPOINTS, PODS, SERVICES, WORKLOADS } from './sources.js';
import { DEFAULT_WORLD, type World } from './world.js';

/**
 * Builds the snapshot of one environment. Of an object that comes twice the last one counts, as when files are applied in
 * order. What `previous` found out about kinds that have not changed since is taken over.
 */
export function buildSnapshot(
  resources: Iterable<Resource>,
  world: Partial<World> = {},
  previous?: MeshSnapshot,
): MeshSnapshot {
  return new MeshSnapshot([...resources], { ...DEFAULT_WORLD, ...world }, previous);
}

/** The objects of one kind: as written, and as the mesh has them. */
interface KindList {
  readonly written: readonly Resource[];
  readonly accepted: readonly Resource[];
  readonly refused: readonly (readonly [Resource, Refusal])[];
}

/**
 * Everything that one control plane would see, with the questions that hover, trace and rules ask of it. Never changed:
 * answers are computed when first asked for and kept.
 */
export class MeshSnapshot {
  readonly config: MeshConfig;
  private readonly kinds: Map<ResourceKind, KindList>;
  /** Where the objects of each kind stand among all. */
  private readonly positions: ReadonlyMap<ResourceKind, readonly number[]>;
  private readonly memory = new Map<string, unknown>();
  /** For answers that hang on some kinds only: on which. */
  private readonly derivedFrom = new Map<string, readonly ResourceKind[]>();

  constructor(
    /** All objects as written, refused ones and earlier definitions included. */
    readonly resources: readonly Resource[],
    readonly world: World,
    previous?: MeshSnapshot,
  ) {
    const replaced = previous && replacedIn(previous.resources, resources);
    this.kinds = new Map(replaced ? previous.kinds : undefined);
    this.positions = replaced ? previous.positions : positionsByKind(resources);
    const changed = replaced ? new Set(replaced.map((index) => resources[index]!.kind)) : this.positions.keys();
    for (const kind of changed) {
      const written = this.positions.get(kind)!.map((index) => resources[index]!);
      const before = previous?.kinds.get(kind);
      this.kinds.set(kind, before && sameItems(before.written, written) ? before : kindList(written));
    }
    if (previous && sameWorld(previous.world, world)) this.takeOver(previous);
    this.config = this.derive('config', CONFIG, () =>
      findMeshConfig(this.of('ConfigMap'), this.of('MeshConfig'), this.of('Other')),
    );
  }

  /** Objects that the cluster would refuse, which therefore play no part. */
  get refused(): ReadonlyMap<Resource, Refusal> {
    return this.remember('refused', () => new Map([...this.kinds.values()].flatMap((it) => it.refused)));
  }

  /** The objects of a kind that the mesh has, in the order of the files. */
  of<K extends ResourceKind>(kind: K): readonly ResourceOf<K>[] {
    return (this.kinds.get(kind)?.accepted ?? NONE) as unknown as readonly ResourceOf<K>[];
  }

  find<K extends ResourceKind>(kind: K, namespace: string, name: string): ResourceOf<K> | undefined {
    return this.index(kind).get(`${namespace}/${name}`);
  }

  /** The objects of a kind by namespace, oldest first (GEN-3). */
  byNamespace<K extends ResourceKind>(kind: K): ReadonlyMap<string, readonly ResourceOf<K>[]> {
    return this.derive(`byNamespace ${kind}`, [kind], () => {
      const sorted = [...this.of(kind)].sort(byAge);
      return groupBy(sorted, (it) => it.namespace);
    });
  }

  /** Remembers an answer for as long as the snapshot lives. Keys begin with the name of what is asked. */
  remember<T>(key: string, compute: () => T): T {
    if (this.memory.has(key)) return this.memory.get(key) as T;
    const value = compute();
    this.memory.set(key, value);
    return value;
  }

  /** As {@link remember}, for an answer that hangs on nothing but the objects of some kinds (and the world): it outlives edits of others. */
  derive<T>(key: string, kinds: readonly ResourceKind[], compute: () => T): T {
    if (!this.memory.has(key)) this.derivedFrom.set(key, kinds);
    return this.remember(key, compute);
  }

  private takeOver(previous: MeshSnapshot): void {
    for (const [key, kinds] of previous.derivedFrom) {
      if (!previous.memory.has(key) || !kinds.every((it) => previous.kinds.get(it) === this.kinds.get(it))) continue;
      this.memory.set(key, previous.memory.get(key));
      this.derivedFrom.set(key, kinds);
    }
  }

  get namespaces(): ReadonlyMap<string, Namespace> {
    return this.derive('namespaces', ['Namespace'], () => new Map(this.of('Namespace').map((it) => [it.name, it])));
  }

  /** Every namespace that something lives in. */
  get knownNamespaces(): ReadonlySet<string> {
    return this.remember('knownNamespaces', () => {
      const names = new Set(['default', 'istio-system', 'kube-system', this.config.rootNamespace]);
      for (const it of this.resources) names.add(it.kind === 'Namespace' ? it.name : it.namespace);
      names.delete('');
      return names;
    });
  }

  get workloads(): readonly Workload[] {
    return this.derive('workloads', WORKLOADS, () => WORKLOADS.flatMap((kind) => this.of(kind)));
  }

  get pods(): readonly MeshPod[] {
    return this.derive('pods', PODS, () => {
      const workloads = this.workloads;
      const order = new Map<Pod | Workload, number>();
      this.resources.forEach((it, index) => {
        if ('template' in it) order.set(it, index);
      });
      return collectPods({
        pods: this.of('Pod'),
        workloads,
        namespaces: this.namespaces,
        nodes: this.nodes,
        world: this.world,
        madeUp: madeUpGateways(this),
        order,
      });
    });
  }

  pod(id: string): MeshPod | undefined {
    return this.derive('podsById', PODS, () => new Map(this.pods.map((it) => [it.id, it]))).get(id);
  }

  /** The pods of a workload, or the one pod of that name. */
  podsOf(id: string): readonly MeshPod[] {
    const one = this.pod(id);
    if (one) return [one];
    return this.derive('podsByWorkload', PODS, () => groupBy(this.pods, (it) => it.workload)).get(id) ?? [];
  }

  podAt(ip: string): MeshPod | undefined {
    return this.endpointSources.podsByIp.get(ip);
  }

  podsIn(namespace: string): readonly MeshPod[] {
    return this.endpointSources.podsByNamespace.get(namespace) ?? [];
  }

  /** Services and ServiceEntry hosts, oldest first (GEN-3). */
  get services(): readonly RegistryService[] {
    return this.derive('services', SERVICES, () => {
      const kubernetes = this.kubernetesServices();
      const assigned = assignClusterIPs(kubernetes);
      const all = [
        ...kubernetes.map((it) => kubernetesService(it, assigned.get(it), this.config)),
        ...this.of('ServiceEntry').flatMap((it) => entryServices(it, this.config)),
      ];
      return all.sort(byAge);
    });
  }

  /** Those that a name stands for, whatever the case of its letters. */
  servicesNamed(host: string): readonly RegistryService[] {
    const byHost = this.derive('servicesByHost', SERVICES, () => groupBy(this.services, (it) => it.host.toLowerCase()));
    return byHost.get(host.toLowerCase()) ?? [];
  }

  kubernetesServiceOf(namespace: string, name: string): RegistryService | undefined {
    const host = `${name}.${namespace}.svc.${this.config.clusterDomain}`;
    return this.servicesNamed(host).find((it) => it.source.kind === 'Service' && it.namespace === namespace);
  }

  /** All endpoints behind a port of a service. */
  endpoints(service: RegistryService, port: RegistryPort): readonly ServiceEndpoint[] {
    const key = `endpoints ${service.source.kind} ${service.namespace}/${service.name} ${service.host} ${port.number}`;
    return this.derive(key, ENDPOINTS, () => endpointsOf(service, port, this.endpointSources));
  }

  /** The endpoints that kube-proxy knows: without WorkloadEntries. */
  kubeProxyEndpoints(service: RegistryService, port: RegistryPort): readonly ServiceEndpoint[] {
    const source = service.source;
    return source.kind === 'Service' ? kubernetesEndpoints(source, port, this.endpointSources) : [];
  }

  /** The Sidecar that a pod gets (SCO-1). */
  sidecarOf(pod: Pick<MeshPod, 'namespace' | 'labels'>): Sidecar | undefined {
    return sidecarFor(pod.namespace, pod.labels, this.config.rootNamespace, this.byNamespace('Sidecar'));
  }

  scopeOf(pod: Pick<MeshPod, 'namespace' | 'labels'>): Scope {
    const sidecar = this.sidecarOf(pod);
    const key = `scope ${pod.namespace} ${sidecar ? `${sidecar.namespace}/${sidecar.name}` : '-'}`;
    return this.remember(key, () => scopeOf(sidecar, pod.namespace, this.config.outboundTrafficPolicy));
  }

  private get nodes(): ReadonlyMap<string, Node> {
    return this.derive('nodes', ['Node'], () => new Map(this.of('Node').map((it) => [it.name, it])));
  }

  private get endpointSources(): EndpointSources {
    return this.derive('endpointSources', ENDPOINTS, () => {
      const groups = new Map<string, EndpointGroup[]>();
      for (const it of [...this.of('EndpointSlice'), ...this.of('Endpoints')]) {
        for (const group of it.groups) {
          addTo(groups, `${group.namespace}/${group.service}`, group);
        }
      }
      return {
        groups,
        podsByNamespace: groupBy(this.pods, (it) => it.namespace),
        podsByIp: new Map(this.pods.map((it) => [it.ip, it])),
        podsById: new Map(this.pods.map((it) => [it.id, it])),
        workloadEntries: groupBy<WorkloadEntry>(this.of('WorkloadEntry'), (it) => it.namespace),
      };
    });
  }

  private index<K extends ResourceKind>(kind: K): ReadonlyMap<string, ResourceOf<K>> {
    return this.derive(
      `index ${kind}`,
      [kind],
      () => new Map(this.of(kind).map((it) => [`${it.namespace}/${it.name}`, it])),
    );
  }

  /** All Services in the order of the files, which made-up addresses follow: those of made-up gateways stand where their Gateway does. */
  private kubernetesServices(): readonly Service[] {
    const written = this.of('Service');
    const present = new Set(this.pods.filter((it) => !it.source).map((it) => it.workload));
    const missing = madeUpGateways(this).filter(
      ({ namespace, name }) => present.has(`${namespace}/${name}`) && !this.find('Service', namespace, name),
    );
    if (missing.length === 0) return written;
    const positions = new Map<Resource, number>(this.resources.map((it, index) => [it, index]));
    const place = (it: Resource | undefined): number => (it ? positions.get(it)! : Infinity);
    const all = [
      ...written.map((service) => ({ service, at: place(service) })),
      ...missing.map(({ service, gateway }) => ({ service, at: place(gateway) })),
    ];
    return all.sort((a, b) => (a.at === b.at ? 0 : a.at - b.at)).map((it) => it.service);
  }
}

const NONE: readonly Resource[] = [];
/** Where an object took the place of another of its kind; `undefined` when more is different: most edits change one object. */
function replacedIn(before: readonly Resource[], after: readonly Resource[]): readonly number[] | undefined {
  if (before.length !== after.length) return undefined;
  const changed: number[] = [];
  for (const [index, it] of after.entries()) if (it !== before[index]) changed.push(index);
  return changed.every((index) => before[index]!.kind === after[index]!.kind) ? changed : undefined;
}

function positionsByKind(resources: readonly Resource[]): ReadonlyMap<ResourceKind, readonly number[]> {
  const result = new Map<ResourceKind, number[]>();
  for (const [index, { kind }] of resources.entries()) {
    const list = result.get(kind);
    if (list) list.push(index);
    else result.set(kind, [index]);
  }
  return result;
}

function kindList(written: readonly Resource[]): KindList {
  const refused: (readonly [Resource, Refusal])[] = [];
  const last = new Map<string, Resource>();
  for (const it of written) {
    const refusal = refusalOf(it);
    if (refusal) refused.push([it, refusal]);
    else last.set(it.kind === 'Other' ? `${it.apiVersion}/${it.kindName}|${keyOf(it)}` : keyOf(it), it);
  }
  return { written, accepted: [...last.values()], refused };
}

function sameItems(a: readonly Resource[], b: readonly Resource[]): boolean {
  return a.length === b.length && a.every((it, index) => it === b[index]);
}

function sameWorld(a: World, b: World): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
