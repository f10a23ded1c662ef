/** A kind that the mesh is made of, as a cluster lists it. */
export interface ListedKind {
  readonly apiVersion: string;
  readonly kind: string;
}

const of = (apiVersion: string, ...kinds: string[]): ListedKind[] => kinds.map((kind) => ({ apiVersion, kind }));

/**
 * What is asked of a cluster. Secrets are not among it: the path of a packet hangs on their names alone, and nobody should have
 * to wonder where their contents went.
 */
export const LISTED_KINDS: readonly ListedKind[] = [
  ...of('v1', 'Namespace', 'Node', 'Service', 'Pod', 'ServiceAccount'),
  ...of('discovery.k8s.io/v1', 'EndpointSlice'),
  ...of('apps/v1', 'Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'),
  ...of('batch/v1', 'Job'),
  ...of('networking.k8s.io/v1', 'Ingress', 'IngressClass', 'NetworkPolicy'),
  ...of(
    'networking.istio.io/v1',
    'VirtualService',
    'DestinationRule',
    'Gateway',
    'ServiceEntry',
    'WorkloadEntry',
    'Sidecar',
  ),
  ...of('networking.istio.io/v1alpha3', 'EnvoyFilter'),
  ...of('security.istio.io/v1', 'PeerAuthentication', 'RequestAuthentication', 'AuthorizationPolicy'),
  ...of('telemetry.istio.io/v1', 'Telemetry'),
  ...of('gateway.networking.k8s.io/v1', 'GatewayClass', 'Gateway', 'HTTPRoute', 'GRPCRoute'),
];
