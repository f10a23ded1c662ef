import type { Assumption, Explained } from '../base/explained.js';
import { NOWHERE, sourced, type Location, type Sourced } from '../base/location.js';
import { NO_STRINGS, type StringMap } from '../model/fields.js';
import type { Namespace, Node, Pod, PodTemplate, Workload } from '../model/kubernetes.js';
import { keyOf } from '../model/resource.js';
import type { MadeUpGateway } from './made-up-gateways.js';
import type { World } from './world.js';

/** What stands beside the application in a pod. */
export type ProxyRole = 'sidecar' | 'gateway' | 'none';

/** One pod, declared or made of a workload's template. */
export interface MeshPod {
  /** `ns/name` */
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  /** `ns/name` of the workload; of a bare Pod its own id. */
  readonly workload: string;
  /** Made of a template: name and address are ours. */
  readonly synthetic: boolean;
  readonly ip: string;
  /** With those that injection adds. */
  readonly labels: StringMap;
  readonly template: PodTemplate;
  readonly serviceAccount: string;
  readonly ready: boolean;
  readonly terminating: boolean;
  /** Succeeded or Failed: no endpoint of anything. */
  readonly finished: boolean;
  readonly proxy: Explained<ProxyRole>;
  readonly nodeName: string;
  /** `region/zone/subzone`, parts may be empty. */
  readonly locality: string;
  /** What declares it; `undefined` for a default gateway that was made up. */
  readonly source: Pod | Workload | undefined;
  readonly assumptions: readonly Assumption[];
}

/** Workloads with more replicas than this are cut to it; no rule asks for more. */
const MOST_REPLICAS = 8;

const SYSTEM_NAMESPACES = new Set(['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage']);

export interface PodSources {
  readonly pods: readonly Pod[];
  readonly workloads: readonly Workload[];
  readonly namespaces: ReadonlyMap<string, Namespace>;
  readonly nodes: ReadonlyMap<string, Node>;
  readonly world: World;
  /** Gateways that are taken to be there unless some pod is. */
  readonly madeUp: readonly MadeUpGateway[];
  /** Documents in order, which the made-up addresses follow. */
  readonly order: ReadonlyMap<Pod | Workload, number>;
}

/** All pods of the environment, in the order of the documents. */
export function collectPods(sources: PodSources): MeshPod[] {
  const drafts: Draft[] = [];
  const declared = new Set(sources.pods.map((it) => `${it.namespace}/${it.ownerName}`));
  const workloads = new Map(sources.workloads.map((it) => [keyOf(it), it]));
  const items = [...sources.pods, ...sources.workloads].sort((a, b) => sources.order.get(a)! - sources.order.get(b)!);
  const replicaSetOwners = new Set(
    sources.workloads.filter((it) => it.kind === 'ReplicaSet').map((it) => `${it.namespace}/${it.ownerName}`),
  );
  for (const item of items) {
    if (item.kind === 'Pod') {
      const owner = workloads.get(`${item.namespace}/${item.ownerName}`);
      drafts.push({
        ...draftOf(item, item.template),
        name: item.name,
        workload: owner ? rootOwner(owner) : keyOf(item),
        synthetic: false,
      });
    } else if (!declared.has(keyOf(item)) && !(item.kind === 'Deployment' && replicaSetOwners.has(keyOf(item)))) {
      drafts.push(...expand(item));
    }
  }
  for (const gateway of sources.madeUp) if (!isThere(gateway, drafts)) drafts.push(madeUpPod(gateway));
  return finish(drafts, sources);
}

interface Draft {
  readonly namespace: string;
  readonly name: string;
  readonly workload: string;
  readonly synthetic: boolean;
  readonly template: PodTemplate;
  readonly hostname?: string;
  readonly source: Pod | Workload | undefined;
  readonly assumptions: readonly Assumption[];
}

function draftOf(source: Pod | Workload, template: PodTemplate): Omit<Draft, 'name' | 'workload' | 'synthetic'> {
  return { namespace: source.namespace, template, source, assumptions: [] };
}

/** A ReplicaSet that a Deployment made is spoken of by the Deployment's name. */
function rootOwner(it: Workload): string {
  return `${it.namespace}/${it.ownerName ?? it.name}`;
}

function expand(it: Workload): Draft[] {
  const count = Math.min(Math.max(0, it.replicas.value), MOST_REPLICAS);
  return Array.from({ length: count }, (_, index) => {
    const stateful = it.kind === 'StatefulSet';
    const name = `${it.name}-${stateful ? index : index + 1}`;
    const template: PodTemplate = stateful
      ? { ...it.template, hostname: name, subdomain: it.serviceName }
      : it.template;
    return { ...draftOf(it, template), name, workload: rootOwner(it), synthetic: true };
  });
}

/** A gateway that no document declares. */
function madeUpPod(it: MadeUpGateway): Draft {
  const { namespace, name, template, assumption } = it;
  const workload = `${namespace}/${name}`;
  return {
    namespace,
    name: `${name}-1`,
    workload,
    synthetic: true,
    template,
    source: undefined,
    assumptions: [assumption],
  };
}

function isThere({ namespace, unless }: MadeUpGateway, drafts: readonly Draft[]): boolean {
  return drafts.some(
    (it) =>
      it.template.labels.get(unless.key)?.value === unless.value && (unless.anywhere || it.namespace === namespace),
  );
}

function finish(drafts: readonly Draft[], sources: PodSources): MeshPod[] {
  const addresses = new AddressPool(
    drafts.flatMap((it) => (it.source?.kind === 'Pod' && it.source.podIP ? [it.source.podIP.value] : [])),
  );
  const seen = new Set<string>();
  const result: MeshPod[] = [];
  for (const draft of drafts) {
    const id = `${draft.namespace}/${draft.name}`;
    if (seen.has(id)) continue;
    seen.add(id);
    const { template, source } = draft;
    const pod = source?.kind === 'Pod' ? source : undefined;
    const phase = pod?.phase ?? 'Running';
    const { proxy, labels } = injectionOf(draft, sources);
    const node = sources.nodes.get(template.nodeName ?? 'node-1');
    result.push({
      id,
      namespace: draft.namespace,
      name: draft.name,
      workload: draft.workload,
      synthetic: draft.synthetic,
      ip: pod?.podIP?.value ?? addresses.next(),
      labels,
      template,
      serviceAccount: template.serviceAccount?.value ?? 'default',
      ready: pod?.ready?.value ?? phase === 'Running',
      terminating: pod?.terminating ?? false,
      finished: phase === 'Succeeded' || phase === 'Failed',
      proxy,
      nodeName: template.nodeName ?? 'node-1',
      locality: localityOf(template.labels, node),
      source,
      assumptions: [...draft.assumptions, ...proxy.assumptions],
    });
  }
  return result;
}

interface Injection {
  readonly namespace: Namespace | undefined;
  readonly assumeInjected: boolean;
  readonly proxy: Explained<ProxyRole>;
  readonly labels: StringMap;
}

/** What was found out for a template holds as long as its namespace's labels do: most pods are the same after an edit. */
const injections = new WeakMap<StringMap, Injection>();

function injectionOf(draft: Draft, sources: PodSources): Injection {
  const namespace = sources.namespaces.get(draft.namespace);
  const { assumeInjected } = sources.world;
  const key = draft.template.labels;
  const known = key.size === 0 ? undefined : injections.get(key); // the empty map is shared by all
  if (known && known.namespace === namespace && known.assumeInjected === assumeInjected) return known;
  const proxy = decideInjection(draft, sources);
  const labels = withInjectedLabels(draft.template.labels, proxy.value, draft.workload);
  const found = { namespace, assumeInjected, proxy, labels };
  if (key.size > 0) injections.set(key, found);
  return found;
}

/** Addresses for pods that have none: 10.244.0.11 onwards, as the conformance cases count them. */
class AddressPool {
  private index = 10;
  private readonly used: Set<string>;
  constructor(used: readonly string[]) {
    this.used = new Set(used);
  }
  next(): string {
    for (;;) {
      const address = `10.244.${Math.floor(this.index / 250)}.${(this.index % 250) + 1}`;
      this.index++;
      if (!this.used.has(address)) return address;
    }
  }
}

/** CL-5: a pod's locality is that of its node, unless the label says otherwise. */
function localityOf(labels: StringMap, node: Node | undefined): string {
  const label = labels.get('istio-locality')?.value;
  if (label) return label.replaceAll('.', '/');
  const of = (key: string): string => node?.labels.get(key)?.value ?? '';
  const parts = [
    of('topology.kubernetes.io/region'),
    of('topology.kubernetes.io/zone'),
    of('topology.istio.io/subzone'),
  ];
  while (parts.at(-1) === '') parts.pop();
  return parts.join('/');
}

function withInjectedLabels(labels: StringMap, role: ProxyRole, workload: string): StringMap {
  if (role === 'none') return labels;
  const result = new Map(labels);
  const put = (key: string, otherwise: string, ...from: string[]): void => {
    const found = [key, ...from].map((it) => labels.get(it)).find((it) => it?.value);
    result.set(key, found ?? sourced(otherwise, NOWHERE));
  };
  put('service.istio.io/canonical-name', workload.slice(workload.indexOf('/') + 1), 'app.kubernetes.io/name', 'app');
  put('service.istio.io/canonical-revision', 'latest', 'app.kubernetes.io/version', 'version');
  if (role === 'sidecar') put('security.istio.io/tlsMode', 'istio');
  return result;
}

/** INJ-1..3: whether the pod has a proxy, and which line says so. */
function decideInjection(draft: Draft, sources: PodSources): Explained<ProxyRole> {
  const { template } = draft;
  const answer = (
    value: ProxyRole,
    rules: string[],
    ...at: (Sourced<unknown> | Location | undefined)[]
  ): Explained<ProxyRole> => ({
    value,
    rules,
    evidence: at.flatMap((it) => (it === undefined ? [] : 'at' in it ? [it.at] : [it])).filter((it) => it.doc !== ''),
    rejected: [],
    assumptions: [],
  });
  const gatewayTemplate = template.annotations.get('inject.istio.io/templates');
  if (gatewayTemplate?.value.split(',').includes('gateway')) return answer('gateway', ['GW-1'], gatewayTemplate);
  const proxy = [...template.containers, ...template.nativeSidecars].find((it) => it.name === 'istio-proxy');
  if (proxy) return answer(isRouter(template, draft.source) ? 'gateway' : 'sidecar', ['INJ-3'], proxy.at);
  if (template.hostNetwork) return answer('none', ['INJ-2'], template.at);
  if (SYSTEM_NAMESPACES.has(draft.namespace)) return answer('none', ['INJ-2']);

  const namespace = sources.namespaces.get(draft.namespace);
  const ofNamespace = namespace?.labels ?? NO_STRINGS;
  const wish = template.labels.get('sidecar.istio.io/inject');
  const annotation = template.annotations.get('sidecar.istio.io/inject');
  const called = webhookCalled(ofNamespace, template.labels);
  if (called.value === 'unlabelled' && !namespace && sources.world.assumeInjected && wish?.value !== 'false') {
    const text = `There is no Namespace ${draft.namespace} in the environment: its pods are taken to be injected`;
    const decided = (wish ?? annotation)?.value === 'false' ? 'none' : 'sidecar';
    return { ...answer(decided, ['INJ-1'], annotation), assumptions: [{ text }] };
  }
  if (called.value !== 'yes') return answer('none', ['INJ-1', 'INJ-4'], ...called.at, wish, namespace?.nameAt);
  const decider = wish ?? annotation;
  if (decider?.value === 'false') return answer('none', ['INJ-2', 'INJ-4'], decider);
  return answer('sidecar', ['INJ-1', 'INJ-2'], ...called.at, decider);
}

/** The table of INJ-1. */
function webhookCalled(
  ofNamespace: StringMap,
  ofPod: StringMap,
): { value: 'yes' | 'no' | 'unlabelled'; at: (Sourced<string> | undefined)[] } {
  const injection = ofNamespace.get('istio-injection');
  const revision = ofNamespace.get('istio.io/rev');
  const wish = ofPod.get('sidecar.istio.io/inject');
  const podRevision = ofPod.get('istio.io/rev');
  const refused = wish?.value === 'false';
  if (injection) return { value: injection.value === 'enabled' && !refused ? 'yes' : 'no', at: [injection] };
  if (revision) return { value: refused ? 'no' : 'yes', at: [revision] };
  if (podRevision) return { value: refused ? 'no' : 'yes', at: [podRevision] };
  if (wish?.value === 'true') return { value: 'yes', at: [wish] };
  return { value: 'unlabelled', at: [] };
}

/** Whether an already injected proxy runs as a gateway. */
function isRouter(template: PodTemplate, source: Pod | Workload | undefined): boolean {
  const spec =
    source?.kind === 'Pod'
      ? source.body.fields('spec')
      : source?.body.fields('spec')?.fields('template')?.fields('spec');
  const proxy = spec?.list('containers').find((it) => it.string('name')?.value === 'istio-proxy');
  return (
    proxy?.strings('args').some((it) => it.value === 'router') ??
    template.labels.has('gateway.networking.k8s.io/gateway-name')
  );
}

/** The number that a Service's targetPort means in this pod; `undefined` when the pod lacks the name (EP-2, KP-4). */
export function targetPortOf(
  template: PodTemplate,
  port: number,
  target: Sourced<number | string> | undefined,
  protocol: string,
): number | undefined {
  if (!target || target.value === 0) return port;
  if (typeof target.value === 'number') return target.value;
  for (const container of [...template.containers, ...template.nativeSidecars]) {
    for (const it of container.ports) {
      if (it.name?.value === target.value && it.protocol === protocol) return it.containerPort.value;
    }
  }
  return /^\d+$/.test(target.value) ? Number(target.value) : undefined;
}
