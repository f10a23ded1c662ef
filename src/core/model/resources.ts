import type { DocumentId, Location } from '../base/location.js';
import type { YamlNode } from '../syntax/tree.js';
import { readDestinationRule, type DestinationRule } from './destination-rule.js';
import { Fields, type FieldProblem } from './fields.js';
import {
  GATEWAY_API,
  readGatewayClass,
  readK8sGateway,
  readListenerSet,
  readReferenceGrant,
  type GatewayClass,
  type K8sGateway,
  type ListenerSet,
  type ReferenceGrant,
} from './gateway-api.js';
import {
  readGRPCRoute,
  readHTTPRoute,
  readTCPRoute,
  readTLSRoute,
  type GRPCRoute,
  type HTTPRoute,
  type TCPRoute,
  type TLSRoute,
} from './gateway-routes.js';
import { readIstioGateway, type IstioGateway } from './gateway.js';
import { readIngress, readIngressClass, type Ingress, type IngressClass } from './ingress.js';
import {
  readConfigMap,
  readEndpoints,
  readEndpointSlice,
  readPod,
  readSecret,
  readService,
  readWorkload,
  type ConfigMap,
  type Endpoints,
  type EndpointSlice,
  type Namespace,
  type Node,
  type Pod,
  type Secret,
  type Service,
  type ServiceAccount,
  type Workload,
  type WorkloadKind,
} from './kubernetes.js';
import { readNetworkPolicy, type NetworkPolicy } from './network-policy.js';
import type { ResourceBase } from './resource.js';
import {
  readAuthorizationPolicy,
  readPeerAuthentication,
  readRequestAuthentication,
  type AuthorizationPolicy,
  type PeerAuthentication,
  type RequestAuthentication,
} from './security.js';
import { readServiceEntry, readWorkloadEntry, type ServiceEntry, type WorkloadEntry } from './service-entry.js';
import { readSidecar, type Sidecar } from './sidecar.js';
import { readVirtualService, type VirtualService } from './virtual-service.js';

/** A bare MeshConfig, as `istioctl install` and mesh.yaml files write it: it has neither kind nor name. */
export interface MeshConfigDocument extends ResourceBase {
  readonly kind: 'MeshConfig';
}

/** An object of a kind that the engine does not read; kept, so that references to it are known to be good. */
export interface OtherResource extends ResourceBase {
  readonly kind: 'Other';
  /** The kind as written. */
  readonly kindName: string;
}

export type Resource =
  | Namespace
  | Service
  | Endpoints
  | EndpointSlice
  | Pod
  | Workload
  | ServiceAccount
  | Node
  | Secret
  | ConfigMap
  | VirtualService
  | DestinationRule
  | IstioGateway
  | ServiceEntry
  | WorkloadEntry
  | Sidecar
  | PeerAuthentication
  | RequestAuthentication
  | AuthorizationPolicy
  | Ingress
  | IngressClass
  | NetworkPolicy
  | K8sGateway
  | GatewayClass
  | ListenerSet
  | ReferenceGrant
  | HTTPRoute
  | GRPCRoute
  | TLSRoute
  | TCPRoute
  | MeshConfigDocument
  | OtherResource;

export type ResourceKind = Resource['kind'];
export type ResourceOf<K extends ResourceKind> = Extract<Resource, { readonly kind: K }>;

/** Everything that one document holds: one object, the items of a List, or nothing that Kubernetes knows. */
export function readResources(doc: DocumentId, root: YamlNode | undefined): Resource[] {
  if (!root || root.kind !== 'map') return [];
  const problems: FieldProblem[] = [];
  const body = new Fields(doc, root, problems);
  const kind = body.string('kind')?.value;
  const apiVersion = body.string('apiVersion')?.value;
  const items = body.raw('items');
  if (kind?.endsWith('List') && apiVersion !== undefined && items?.kind === 'seq') {
    return items.items.flatMap((item) => readResources(doc, item));
  }
  const common = { body: new Fields(doc, root), problems };
  const resource = readResource(body, kind, apiVersion, common);
  return resource ? [resource] : [];
}

type Reader = (base: ResourceBase, body: Fields) => Resource;

const workload =
  (kind: WorkloadKind): Reader =>
  (base, body) =>
    readWorkload(kind, base, body);

/** Readers by API group and kind. */
const READERS: Readonly<Record<string, Readonly<Record<string, Reader>>>> = {
  '': {
    Namespace: (base) => ({ ...base, kind: 'Namespace' }),
    Service: readService,
    Endpoints: readEndpoints,
    Pod: readPod,
    ServiceAccount: (base) => ({ ...base, kind: 'ServiceAccount' }),
    Node: (base) => ({ ...base, kind: 'Node' }),
    Secret: readSecret,
    ConfigMap: readConfigMap,
  },
  'discovery.k8s.io': { EndpointSlice: readEndpointSlice },
  apps: {
    Deployment: workload('Deployment'),
    StatefulSet: workload('StatefulSet'),
    DaemonSet: workload('DaemonSet'),
    ReplicaSet: workload('ReplicaSet'),
  },
  batch: { Job: workload('Job') },
  'networking.k8s.io': { Ingress: readIngress, IngressClass: readIngressClass, NetworkPolicy: readNetworkPolicy },
  [GATEWAY_API]: {
    Gateway: readK8sGateway,
    GatewayClass: readGatewayClass,
    ListenerSet: readListenerSet,
    ReferenceGrant: readReferenceGrant,
    HTTPRoute: readHTTPRoute,
    GRPCRoute: readGRPCRoute,
    TLSRoute: readTLSRoute,
    TCPRoute: readTCPRoute,
  },
  'networking.istio.io': {
    VirtualService: readVirtualService,
    DestinationRule: readDestinationRule,
    Gateway: readIstioGateway,
    ServiceEntry: readServiceEntry,
    WorkloadEntry: readWorkloadEntry,
    Sidecar: readSidecar,
  },
  'security.istio.io': {
    PeerAuthentication: readPeerAuthentication,
    RequestAuthentication: readRequestAuthentication,
    AuthorizationPolicy: readAuthorizationPolicy,
  },
};

const CLUSTER_WIDE = new Set([
  'IngressClass',
  'GatewayClass',
  'Namespace',
  'Node',
  'PersistentVolume',
  'ClusterRole',
  'ClusterRoleBinding',
  'CustomResourceDefinition',
]);
const CLUSTER_WIDE_GROUPS = /^(apiextensions|admissionregistration|rbac|storage|scheduling)\./;

function readResource(
  body: Fields,
  kind: string | undefined,
  apiVersion: string | undefined,
  common: Pick<ResourceBase, 'body' | 'problems'>,
): Resource | undefined {
  if (kind === undefined || apiVersion === undefined) {
    if (!looksLikeMeshConfig(body)) return undefined;
    const base = readBase(body, '', 'MeshConfig', common);
    return { ...base, kind: 'MeshConfig' };
  }
  const base = readBase(body, apiVersion, kind, common);
  const group = groupOf(apiVersion);
  // what every JavaScript object has by birth is no kind
  const read = Object.hasOwn(READERS, group) && Object.hasOwn(READERS[group]!, kind) && READERS[group]![kind];
  return read ? read(base, body) : { ...base, kind: 'Other', kindName: kind };
}

export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

function readBase(
  body: Fields,
  apiVersion: string,
  kind: string,
  common: Pick<ResourceBase, 'body' | 'problems'>,
): ResourceBase {
  const metadata = body.fieldsOrEmpty('metadata');
  const name = metadata.string('name') ?? metadata.string('generateName');
  const created = metadata.string('creationTimestamp');
  const time = created ? Date.parse(created.value) : NaN;
  return {
    apiVersion,
    name: name?.value ?? '',
    nameAt: name?.at ?? firstKey(body) ?? body.at,
    namespace: isClusterWide(kind, apiVersion) ? '' : (metadata.string('namespace')?.value ?? 'default'),
    labels: metadata.stringMap('labels'),
    annotations: metadata.stringMap('annotations'),
    created: Number.isNaN(time) ? undefined : time,
    at: body.at,
    ...common,
  };
}

function isClusterWide(kind: string, apiVersion: string): boolean {
  if (kind === 'MeshConfig' || CLUSTER_WIDE.has(kind) || /^Cluster[A-Z]/.test(kind)) return true;
  return CLUSTER_WIDE_GROUPS.test(groupOf(apiVersion)) && kind !== 'Role' && kind !== 'RoleBinding';
}

function firstKey(body: Fields): Location | undefined {
  return body.keyNames()[0]?.at;
}

const MESH_CONFIG_FIELDS = new Set([
  'proxyListenPort',
  'proxyInboundListenPort',
  'proxyHttpPort',
  'connectTimeout',
  'hboneIdleTimeout',
  'protocolDetectionTimeout',
  'tcpKeepalive',
  'ingressClass',
  'ingressService',
  'ingressControllerMode',
  'ingressSelector',
  'enableTracing',
  'accessLogFile',
  'accessLogFormat',
  'accessLogEncoding',
  'enableEnvoyAccessLogService',
  'disableEnvoyListenerLog',
  'defaultConfig',
  'outboundTrafficPolicy',
  'inboundTrafficPolicy',
  'configSources',
  'enableAutoMtls',
  'trustDomain',
  'trustDomainAliases',
  'caCertificates',
  'defaultServiceExportTo',
  'defaultVirtualServiceExportTo',
  'defaultDestinationRuleExportTo',
  'rootNamespace',
  'localityLbSetting',
  'zoneAwareLbSetting',
  'dnsRefreshRate',
  'h2UpgradePolicy',
  'inboundClusterStatName',
  'outboundClusterStatName',
  'certificates',
  'serviceSettings',
  'serviceScopeConfigs',
  'enablePrometheusMerge',
  'verifyCertificateAtClient',
  'ca',
  'extensionProviders',
  'defaultProviders',
  'discoverySelectors',
  'pathNormalization',
  'defaultHttpRetryPolicy',
  'defaultInboundHttpRetryPolicy',
  'meshMTLS',
  'tlsDefaults',
  'defaultTrafficPolicy',
  'serviceEntryVisibility',
]);

/** A document without kind that has only names of MeshConfig's fields. */
function looksLikeMeshConfig(body: Fields): boolean {
  const keys = body.keys();
  return keys.length > 0 && keys.every((it) => MESH_CONFIG_FIELDS.has(it));
}
