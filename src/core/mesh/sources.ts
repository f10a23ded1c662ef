import type { ResourceKind } from '../model/resources.js';

/** MeshConfig, which every answer may hang on. */
export const CONFIG: readonly ResourceKind[] = ['ConfigMap', 'MeshConfig', 'Other'];

/** What says where traffic enters, in the words of Istio, the Gateway API and Kubernetes. */
export const GATEWAYS: readonly ResourceKind[] = [
  'IstioGateway',
  'Ingress',
  'IngressClass',
  'K8sGateway',
  'GatewayClass',
  'ListenerSet',
];

/** What makes pods of a template. */
export const WORKLOADS = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job'] as const;

/** What the mesh's pods are made of: those that stand in for a missing default gateway hang on Gateways. */
export const PODS: readonly ResourceKind[] = ['Pod', ...WORKLOADS, 'Namespace', 'Node', ...GATEWAYS, ...CONFIG];

/** What the registry of services is made of; a default gateway that is made up brings its Service along. */
export const SERVICES: readonly ResourceKind[] = ['Service', 'ServiceEntry', ...PODS];

/** What a client sees of the registry. */
export const VIEWS: readonly ResourceKind[] = ['Sidecar', ...SERVICES];

/** What endpoints of services are made of. */
export const ENDPOINTS: readonly ResourceKind[] = ['Endpoints', 'EndpointSlice', 'WorkloadEntry', ...SERVICES];

/** What stands behind labels: pods, VMs, and objects with pod templates of kinds that nobody here knows. */
export const LABELS: readonly ResourceKind[] = [...PODS, 'WorkloadEntry', 'Other'];

/** What routes are made of, whatever language they are written in, and who follows them. */
export const ROUTES: readonly ResourceKind[] = [
  'VirtualService',
  'DestinationRule',
  'HTTPRoute',
  'GRPCRoute',
  'TLSRoute',
  'TCPRoute',
  'ReferenceGrant',
  ...SERVICES,
];

/** What a client's route tables are made of. */
export const TABLES: readonly ResourceKind[] = ['Sidecar', ...ROUTES];
