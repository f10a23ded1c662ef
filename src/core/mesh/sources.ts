import type { ResourceKind } from '../model/resources.js';

/** What the mesh's pods are made of: those that stand in for a missing default gateway hang on Gateways. */
export const PODS: readonly ResourceKind[] = [
  'Pod',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'Job',
  'Namespace',
  'Node',
  'IstioGateway',
];

/** What the registry of services is made of; a default gateway that is made up brings its Service along. */
export const SERVICES: readonly ResourceKind[] = ['Service', 'ServiceEntry', ...PODS];

/** What endpoints of services are made of. */
export const ENDPOINTS: readonly ResourceKind[] = ['Endpoints', 'EndpointSlice', 'WorkloadEntry', ...SERVICES];

/** What stands behind labels: pods, VMs, and objects with pod templates of kinds that nobody here knows. */
export const LABELS: readonly ResourceKind[] = [...PODS, 'WorkloadEntry', 'Other'];

/** What VirtualServices become, and who follows them. */
export const ROUTES: readonly ResourceKind[] = ['VirtualService', 'DestinationRule', 'Other', ...PODS];

/** MeshConfig, which every answer may hang on. */
export const CONFIG: readonly ResourceKind[] = ['ConfigMap', 'MeshConfig', 'Other'];
