import { sourced, type Location, type Sourced } from '../base/location.js';
import type { Fields, StringMap } from './fields.js';
import type { ResourceBase, Selector } from './resource.js';
import { readSelector } from './reading.js';

export interface Namespace extends ResourceBase {
  readonly kind: 'Namespace';
}

export interface ServicePort {
  readonly name: Sourced<string> | undefined;
  readonly port: Sourced<number>;
  /** Number or container port name; absent means the same as `port`. */
  readonly targetPort: Sourced<number | string> | undefined;
  readonly nodePort: Sourced<number> | undefined;
  readonly protocol: string;
  readonly appProtocol: Sourced<string> | undefined;
  readonly at: Location;
}

export interface Service extends ResourceBase {
  readonly kind: 'Service';
  readonly type: string;
  readonly selector: StringMap | undefined;
  readonly selectorAt: Location;
  readonly ports: readonly ServicePort[];
  /** As written; empty when the cluster will choose one. `None` is a headless Service. */
  readonly clusterIPs: readonly Sourced<string>[];
  readonly headless: boolean;
  readonly externalName: Sourced<string> | undefined;
  readonly externalIPs: readonly Sourced<string>[];
  readonly loadBalancerIPs: readonly Sourced<string>[];
  readonly publishNotReadyAddresses: boolean;
  readonly internalTrafficPolicyLocal: boolean;
  readonly trafficDistribution: Sourced<string> | undefined;
}

export interface EndpointAddress {
  readonly addresses: readonly Sourced<string>[];
  /** `undefined` counts as ready. */
  readonly ready: boolean | undefined;
  readonly serving: boolean | undefined;
  readonly terminating: boolean | undefined;
  readonly hostname: string | undefined;
  readonly nodeName: string | undefined;
  readonly zone: string | undefined;
  /** Name of the Pod that the address belongs to. */
  readonly targetPod: Sourced<string> | undefined;
  readonly at: Location;
}

export interface EndpointPort {
  readonly name: string;
  readonly port: number | undefined;
  readonly protocol: string;
  readonly at: Location;
}

/** An EndpointSlice, or one subset of an Endpoints object, which the cluster mirrors into a slice. */
export interface EndpointGroup {
  readonly service: string;
  readonly namespace: string;
  readonly addressType: string;
  readonly endpoints: readonly EndpointAddress[];
  readonly ports: readonly EndpointPort[];
  readonly at: Location;
}

export interface Endpoints extends ResourceBase {
  readonly kind: 'Endpoints';
  readonly groups: readonly EndpointGroup[];
}

export interface EndpointSlice extends ResourceBase {
  readonly kind: 'EndpointSlice';
  readonly groups: readonly EndpointGroup[];
}

export interface ContainerPort {
  readonly name: Sourced<string> | undefined;
  readonly containerPort: Sourced<number>;
  readonly protocol: string;
  readonly at: Location;
}

export interface Container {
  readonly name: string;
  readonly ports: readonly ContainerPort[];
  readonly runAsUser: Sourced<number> | undefined;
  readonly env: ReadonlyMap<string, string>;
  readonly at: Location;
}

/** What is common to a pod and to the template that a workload makes pods of. */
export interface PodTemplate {
  readonly labels: StringMap;
  readonly labelsAt: Location;
  readonly annotations: StringMap;
  readonly serviceAccount: Sourced<string> | undefined;
  readonly hostNetwork: boolean;
  readonly hostname: string | undefined;
  readonly subdomain: string | undefined;
  readonly nodeName: string | undefined;
  readonly dnsPolicy: string | undefined;
  readonly runAsUser: Sourced<number> | undefined;
  readonly containers: readonly Container[];
  /** Init containers with restartPolicy Always. */
  readonly nativeSidecars: readonly Container[];
  readonly at: Location;
}

export interface Pod extends ResourceBase {
  readonly kind: 'Pod';
  readonly template: PodTemplate;
  readonly podIP: Sourced<string> | undefined;
  readonly phase: string | undefined;
  /** The Ready condition; `undefined` when the document has no status. */
  readonly ready: Sourced<boolean> | undefined;
  readonly terminating: boolean;
  readonly ownerName: string | undefined;
}

export type WorkloadKind = 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'ReplicaSet' | 'Job';

export interface Workload extends ResourceBase {
  readonly kind: WorkloadKind;
  /** 1 when the document does not say. */
  readonly replicas: Sourced<number>;
  readonly selector: Selector | undefined;
  readonly template: PodTemplate;
  readonly serviceName: string | undefined;
  /** The workload that made this one (a Deployment's ReplicaSet). */
  readonly ownerName: string | undefined;
}

export interface ServiceAccount extends ResourceBase {
  readonly kind: 'ServiceAccount';
}

export interface Node extends ResourceBase {
  readonly kind: 'Node';
}

export interface Secret extends ResourceBase {
  readonly kind: 'Secret';
  readonly keys: ReadonlySet<string>;
}

export interface ConfigMap extends ResourceBase {
  readonly kind: 'ConfigMap';
  readonly data: StringMap;
}

export function readService(base: ResourceBase, body: Fields): Service {
  const spec = body.fieldsOrEmpty('spec');
  const type = spec.string('type')?.value ?? 'ClusterIP';
  const listed = spec.strings('clusterIPs');
  const single = spec.string('clusterIP');
  const clusterIPs = listed.length > 0 ? listed : single && single.value !== '' ? [single] : [];
  const ingress = body.fieldsOrEmpty('status').fieldsOrEmpty('loadBalancer').list('ingress');
  return {
    ...base,
    kind: 'Service',
    type,
    selector: spec.fields('selector') ? spec.stringMap('selector') : undefined,
    selectorAt: spec.valueAt('selector'),
    ports: spec.list('ports').flatMap(readServicePort),
    clusterIPs: clusterIPs.filter((it) => it.value !== 'None'),
    headless: clusterIPs.some((it) => it.value === 'None'),
    externalName: type === 'ExternalName' ? spec.string('externalName') : undefined,
    externalIPs: spec.strings('externalIPs'),
    loadBalancerIPs: ingress.flatMap((it) => it.string('ip') ?? []),
    publishNotReadyAddresses: spec.boolean('publishNotReadyAddresses')?.value ?? false,
    internalTrafficPolicyLocal: spec.string('internalTrafficPolicy')?.value === 'Local',
    trafficDistribution: spec.string('trafficDistribution'),
  };
}

function readServicePort(it: Fields): ServicePort[] {
  const port = it.number('port');
  if (!port) return [];
  return [
    {
      name: it.string('name'),
      port,
      targetPort: it.numberOrString('targetPort'),
      nodePort: it.number('nodePort'),
      protocol: it.string('protocol')?.value ?? 'TCP',
      appProtocol: it.string('appProtocol'),
      at: it.at,
    },
  ];
}

export function readEndpoints(base: ResourceBase, body: Fields): Endpoints {
  const groups = body.list('subsets').map((subset): EndpointGroup => ({
    service: base.name,
    namespace: base.namespace,
    addressType: 'IPv4',
    endpoints: [
      ...subset.list('addresses').map((it) => readEndpointsAddress(it, true)),
      ...subset.list('notReadyAddresses').map((it) => readEndpointsAddress(it, false)),
    ],
    ports: subset.list('ports').map(readEndpointPort),
    at: subset.at,
  }));
  return { ...base, kind: 'Endpoints', groups };
}

function readEndpointsAddress(it: Fields, ready: boolean): EndpointAddress {
  const ip = it.string('ip');
  return {
    addresses: ip ? [ip] : [],
    ready,
    serving: ready,
    terminating: false,
    hostname: it.string('hostname')?.value,
    nodeName: it.string('nodeName')?.value,
    zone: undefined,
    targetPod: readTargetPod(it),
    at: it.at,
  };
}

export function readEndpointSlice(base: ResourceBase, body: Fields): EndpointSlice {
  const service = base.labels.get('kubernetes.io/service-name')?.value ?? '';
  const group: EndpointGroup = {
    service,
    namespace: base.namespace,
    addressType: body.string('addressType')?.value ?? 'IPv4',
    endpoints: body.list('endpoints').map((it): EndpointAddress => {
      const conditions = it.fieldsOrEmpty('conditions');
      return {
        addresses: it.strings('addresses'),
        ready: conditions.boolean('ready')?.value,
        serving: conditions.boolean('serving')?.value,
        terminating: conditions.boolean('terminating')?.value,
        hostname: it.string('hostname')?.value,
        nodeName: it.string('nodeName')?.value,
        zone: it.string('zone')?.value,
        targetPod: readTargetPod(it),
        at: it.at,
      };
    }),
    ports: body.list('ports').map(readEndpointPort),
    at: base.at,
  };
  return { ...base, kind: 'EndpointSlice', groups: service ? [group] : [] };
}

function readTargetPod(it: Fields): Sourced<string> | undefined {
  const target = it.fields('targetRef');
  return target?.string('kind')?.value === 'Pod' ? target.string('name') : undefined;
}

function readEndpointPort(it: Fields): EndpointPort {
  return {
    name: it.string('name')?.value ?? '',
    port: it.number('port')?.value,
    protocol: it.string('protocol')?.value ?? 'TCP',
    at: it.at,
  };
}

function readPodTemplate(
  { labels, annotations }: Pick<PodTemplate, 'labels' | 'annotations'>,
  metadata: Fields,
  spec: Fields,
): PodTemplate {
  const account = spec.string('serviceAccountName') ?? spec.string('serviceAccount');
  return {
    labels,
    labelsAt: metadata.valueAt('labels'),
    annotations,
    serviceAccount: account,
    hostNetwork: spec.boolean('hostNetwork')?.value ?? false,
    hostname: spec.string('hostname')?.value,
    subdomain: spec.string('subdomain')?.value,
    nodeName: spec.string('nodeName')?.value,
    dnsPolicy: spec.string('dnsPolicy')?.value,
    runAsUser: spec.fields('securityContext')?.number('runAsUser'),
    containers: spec.list('containers').map(readContainer),
    nativeSidecars: spec
      .list('initContainers')
      .filter((it) => it.string('restartPolicy')?.value === 'Always')
      .map(readContainer),
    at: spec.at,
  };
}

function readContainer(it: Fields): Container {
  const env = new Map<string, string>();
  for (const variable of it.list('env')) {
    const name = variable.string('name')?.value;
    if (name) env.set(name, variable.string('value')?.value ?? '');
  }
  return {
    name: it.string('name')?.value ?? '',
    ports: it.list('ports').flatMap((port) => {
      const containerPort = port.number('containerPort');
      if (!containerPort) return [];
      const protocol = port.string('protocol')?.value ?? 'TCP';
      return [{ name: port.string('name'), containerPort, protocol, at: port.at }];
    }),
    runAsUser: it.fields('securityContext')?.number('runAsUser'),
    env,
    at: it.at,
  };
}

export function readPod(base: ResourceBase, body: Fields): Pod {
  const status = body.fieldsOrEmpty('status');
  const condition = status.list('conditions').find((it) => it.string('type')?.value === 'Ready');
  const ready = condition?.string('status');
  return {
    ...base,
    kind: 'Pod',
    template: readPodTemplate(base, body.fieldsOrEmpty('metadata'), body.fieldsOrEmpty('spec')),
    podIP: status.string('podIP'),
    phase: status.string('phase')?.value,
    ready: ready && sourced(ready.value.toLowerCase() === 'true', ready.at),
    terminating: body.fieldsOrEmpty('metadata').has('deletionTimestamp'),
    ownerName: readOwner(body),
  };
}

export function readWorkload(kind: WorkloadKind, base: ResourceBase, body: Fields): Workload {
  const spec = body.fieldsOrEmpty('spec');
  const template = spec.fieldsOrEmpty('template');
  const metadata = template.fieldsOrEmpty('metadata');
  const carried = { labels: metadata.stringMap('labels'), annotations: metadata.stringMap('annotations') };
  const asked = kind === 'Job' ? spec.number('parallelism') : spec.number('replicas');
  return {
    ...base,
    kind,
    replicas: asked ?? sourced(1, base.nameAt),
    selector: readSelector(spec),
    template: readPodTemplate(carried, metadata, template.fieldsOrEmpty('spec')),
    serviceName: spec.string('serviceName')?.value,
    ownerName: readOwner(body),
  };
}

function readOwner(body: Fields): string | undefined {
  return body.fieldsOrEmpty('metadata').list('ownerReferences')[0]?.string('name')?.value;
}

export function readSecret(base: ResourceBase, body: Fields): Secret {
  const keys = new Set([...body.fieldsOrEmpty('data').keys(), ...body.fieldsOrEmpty('stringData').keys()]);
  return { ...base, kind: 'Secret', keys };
}

export function readConfigMap(base: ResourceBase, body: Fields): ConfigMap {
  return { ...base, kind: 'ConfigMap', data: body.stringMap('data') };
}
