import type { Explained, Rejected } from '../base/explained.js';
import type { Location } from '../base/location.js';
import {
  destinationRuleFor,
  trafficPolicyFor,
  type EffectivePolicy,
  type EffectiveRule,
} from '../mesh/destination-rules.js';
import { isWildcard } from '../mesh/hosts.js';
import { isHttp2Protocol } from '../mesh/protocol.js';
import { portNumbered, type RegistryPort, type RegistryService } from '../mesh/services.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { ConnectionPool, LoadBalancer } from '../model/destination-rule.js';
import { describe } from '../model/resource.js';
import {
  BLACK_HOLE_CLUSTER,
  DYNAMIC_DNS_CLUSTER,
  outboundCluster,
  parseOutbound,
  PASSTHROUGH_CLUSTER,
} from './cluster-names.js';
import { viewKey } from './client-view.js';
import { clusterServices, type ClusterService } from './cluster-services.js';
import type { CircuitLimits, Cluster, ClusterType } from './config.js';
import { clusterEndpoints } from './endpoints.js';
import { whyNoCluster } from './missing-clusters.js';
import { localitySettingFor } from './locality.js';
import type { Proxy } from './proxy.js';
import { isPassthrough, upstreamTls } from './upstream-tls.js';

/**
 * The cluster of a name, as pushed to a proxy (CL-1). Where there is none, `rejected` says what is in the way: an unknown host,
 * one that is hidden, a port or subset that is not defined, a DNS cluster without endpoints.
 */
export function findCluster(mesh: MeshSnapshot, proxy: Proxy, name: string): Explained<Cluster | undefined> {
  return mesh.remember(`cluster ${clusterKey(mesh, proxy)} ${name}`, () => {
    const special = specialCluster(mesh, proxy, name);
    if (special) return explained(special);
    const parsed = parseOutbound(name);
    const known = parsed && clusterServices(mesh, proxy).get(parsed.host);
    const port = known && portNumbered(known.ports, parsed.port);
    const cluster = parsed && known && port && buildCluster(mesh, proxy, known, port, parsed.subset, name);
    return cluster ? explained(cluster) : { value: undefined, ...whyNoCluster(mesh, proxy, name) };
  });
}

/** All outbound clusters of a proxy, in the order of its services. */
export function clustersOf(mesh: MeshSnapshot, proxy: Proxy): readonly Cluster[] {
  const result: Cluster[] = [];
  for (const { service, ports } of clusterServices(mesh, proxy).values()) {
    const subsets = destinationRuleFor(mesh, proxy, service).value?.subsets ?? [];
    for (const port of ports) {
      for (const subset of ['', ...subsets.map((it) => it.name.value)]) {
        const { value } = findCluster(mesh, proxy, outboundCluster(port.number, subset, service.host));
        if (value) result.push(value);
      }
    }
  }
  for (const name of [BLACK_HOLE_CLUSTER, PASSTHROUGH_CLUSTER, DYNAMIC_DNS_CLUSTER]) {
    const special = specialCluster(mesh, proxy, name);
    if (special) result.push(special);
  }
  return result;
}

/** Proxies of one key have the same clusters: labels matter only where a rule selects workloads (DR-3). */
export function clusterKey(mesh: MeshSnapshot, proxy: Proxy): string {
  const selecting = mesh.remember(`selectingRules ${proxy.namespace}`, () =>
    mesh.of('DestinationRule').some((it) => it.workloadSelector && it.namespace === proxy.namespace),
  );
  return selecting ? `${viewKey(mesh, proxy)} ${proxy.pod.id}` : viewKey(mesh, proxy);
}

function explained(cluster: Cluster): Explained<Cluster> {
  const { evidence, rejected, rules, assumptions } = cluster;
  return { value: cluster, evidence, rejected, rules, assumptions };
}

function buildCluster(
  mesh: MeshSnapshot,
  proxy: Proxy,
  known: ClusterService,
  port: RegistryPort,
  subset: string,
  name: string,
): Cluster | undefined {
  const { service, pulledBy } = known;
  if (port.class === 'UDP' || service.resolution === 'alias') return undefined;
  const explainedRule = destinationRuleFor(mesh, proxy, service);
  const rule = explainedRule.value;
  const definition = rule?.subsets.find((it) => it.name.value === subset);
  if (subset !== '' && !definition) return undefined;
  const dynamic = service.resolution === 'dynamic-dns' && isWildcard(service.host);
  if (dynamic && (subset !== '' || !DYNAMIC_PROTOCOLS.has(port.protocol))) return undefined;
  const type = typeOf(proxy, service, rule, port, subset);
  if (isDnsWithoutEndpoints(mesh, proxy, known, port, rule, type, subset)) return undefined;
  const policy = trafficPolicyFor(mesh, rule, port.number, subset);
  const passesMeshTls = name.startsWith('outbound_.'); // GW-20: what comes in is TLS of the mesh already
  const tls = passesMeshTls
    ? { tls: { mode: 'none', at: undefined } as const, rules: ['GW-20'], evidence: [] }
    : upstreamTls(mesh, proxy, { service, port, subset, type, rule, policy });
  const locality = localitySettingFor(mesh, service, policy.loadBalancer);
  return {
    name,
    type,
    host: service.host,
    servicePort: port.number,
    subset,
    tls: tls.tls,
    loadBalancer: balancerOf(type, policy.loadBalancer),
    hash: policy.loadBalancer?.hash,
    hashSize: policy.loadBalancer?.hashTable.size ?? 0,
    connectTimeout: policy.connectionPool?.connectTimeout?.value ?? mesh.config.connectTimeout,
    http: httpOf(mesh, proxy, port, policy.connectionPool),
    limits: limitsOf(policy.connectionPool),
    outlier: policy.outlierDetection,
    localityWeighted: locality?.weighs(policy.outlierDetection !== undefined) ?? false,
    portOverride:
      type === 'ORIGINAL_DST' && typeof port.targetPort?.value === 'number' && service.source.kind === 'ServiceEntry'
        ? port.targetPort.value
        : undefined,
    evidence: [
      ...evidenceOf(service, port, pulledBy),
      ...explainedRule.evidence,
      ...(definition ? [definition.name.at] : []),
      ...tls.evidence,
    ],
    rejected: [
      ...explainedRule.rejected,
      ...('dropped' in tls && tls.dropped !== undefined ? [droppedTls(rule, policy, tls.dropped)] : []),
    ],
    rules: [
      'CL-1',
      'CL-2',
      ...(rule ? explainedRule.rules : []),
      ...(rule && policy.evidence.length > 0 ? ['DR-6'] : []),
      ...(pulledBy ? ['SCO-5'] : []),
      ...tls.rules,
    ],
    assumptions: explainedRule.assumptions,
  };
}

/** CL-3: what a proxy resolves itself needs a name; the whole service's cluster comes before its subsets'. */
function isDnsWithoutEndpoints(
  mesh: MeshSnapshot,
  proxy: Proxy,
  { service }: ClusterService,
  port: RegistryPort,
  rule: EffectiveRule | undefined,
  type: ClusterType,
  subset: string,
): boolean {
  if (service.resolution !== 'dns' && service.resolution !== 'dns-round-robin') return false;
  const isEmpty = (of: string): boolean => clusterEndpoints(mesh, proxy, service, port, rule, of).length === 0;
  return isEmpty('') || (subset !== '' && type !== 'ORIGINAL_DST' && isEmpty(subset));
}

const DYNAMIC_PROTOCOLS: ReadonlySet<string> = new Set(['HTTP', 'TLS', 'GRPC', 'HTTP2']);

/** CL-2. A subset inherits what the whole cluster became, and can only add PASSTHROUGH of its own. */
function typeOf(
  proxy: Proxy,
  service: RegistryService,
  rule: EffectiveRule | undefined,
  port: RegistryPort,
  subset: string,
): ClusterType {
  const own = baseType(proxy, service);
  if (own === 'DYNAMIC_FORWARD_PROXY' || !rule) return own;
  const policies = [rule.trafficPolicy, rule.subsets.find((it) => it.name.value === subset)?.trafficPolicy];
  for (const policy of policies) {
    const fields = policy?.ports.find((it) => it.port.value === port.number) ?? policy;
    if (isPassthrough(fields?.loadBalancer)) return 'ORIGINAL_DST';
  }
  return own;
}

function baseType(proxy: Proxy, service: RegistryService): ClusterType {
  switch (service.resolution) {
    case 'dns':
      return 'STRICT_DNS';
    case 'dns-round-robin':
      return 'LOGICAL_DNS';
    case 'passthrough':
      return proxy.type === 'gateway' ? 'EDS' : 'ORIGINAL_DST'; // gateways have no original destination
    case 'dynamic-dns':
      return isWildcard(service.host) ? 'DYNAMIC_FORWARD_PROXY' : 'EDS';
    default:
      return 'EDS';
  }
}

/** CL-4 */
function balancerOf(type: ClusterType, it: LoadBalancer | undefined): string {
  if (type === 'ORIGINAL_DST' || type === 'DYNAMIC_FORWARD_PROXY') return 'CLUSTER_PROVIDED';
  if (it?.hashAt) return it.hashTable.kind === 'maglev' ? 'MAGLEV' : 'RING_HASH';
  switch (it?.simple?.value) {
    case 'ROUND_ROBIN':
    case 'RANDOM':
      return it.simple.value;
    default:
      return 'LEAST_REQUEST';
  }
}

/** OBS-6 */
function httpOf(
  mesh: MeshSnapshot,
  proxy: Proxy,
  port: RegistryPort,
  pool: ConnectionPool | undefined,
): Cluster['http'] {
  if (pool?.useClientProtocol) return 'client';
  // the rule may upgrade any port, the mesh those that are declared HTTP
  const upgrade = pool?.h2UpgradePolicy?.value ?? 'DEFAULT';
  const byMesh = port.class === 'HTTP' && mesh.config.written?.string('h2UpgradePolicy')?.value === 'UPGRADE';
  if (isHttp2Protocol(port.protocol) || upgrade === 'UPGRADE' || (upgrade === 'DEFAULT' && byMesh)) return 'HTTP/2';
  return port.class === 'AUTO' && proxy.type === 'sidecar' ? 'client' : 'HTTP/1.1';
}

/** CL-6: zero is no limit. */
function limitsOf(pool: ConnectionPool | undefined): CircuitLimits {
  if (!pool) return {};
  const limit = (key: keyof CircuitLimits, value: number | undefined): CircuitLimits =>
    value !== undefined && value > 0 ? { [key]: value } : {};
  return {
    ...limit('maxConnections', pool.maxConnections?.value),
    ...limit('maxPending', pool.http1MaxPendingRequests?.value),
    ...limit('maxRequests', pool.http2MaxRequests?.value),
    ...limit('maxRetries', pool.maxRetries?.value),
    at: pool.at,
  };
}

function evidenceOf(service: RegistryService, port: RegistryPort, pulledBy: Location | undefined): Location[] {
  return [service.hostAt, port.at, ...(pulledBy ? [pulledBy] : [])].filter((it) => it.doc !== '');
}

function droppedTls(rule: EffectiveRule | undefined, policy: EffectivePolicy, because: string): Rejected {
  const name = rule ? `tls of ${describe(rule.sources[0]!)}` : 'tls';
  return { name, because, evidence: policy.tls ? [policy.tls.at] : [] };
}

/** The clusters that no service makes (GEN-8); gateways have no original destination to pass on to. */
function specialCluster(mesh: MeshSnapshot, proxy: Proxy, name: string): Cluster | undefined {
  const type = specialType(mesh, proxy, name);
  if (!type) return undefined;
  const passes = type === 'ORIGINAL_DST';
  return {
    name,
    type,
    host: '',
    servicePort: 0,
    subset: '',
    tls: { mode: 'none', at: undefined },
    loadBalancer: type === 'STATIC' ? 'ROUND_ROBIN' : 'CLUSTER_PROVIDED',
    hash: undefined,
    hashSize: 0,
    connectTimeout: mesh.config.connectTimeout,
    http: 'client',
    limits: limitsOf(passes ? mesh.config.defaultTrafficPolicy?.connectionPool : undefined),
    outlier: undefined,
    localityWeighted: false,
    portOverride: undefined,
    evidence: [],
    rejected: [],
    rules: ['CL-1', 'LIS-13'],
    assumptions: [],
  };
}

function specialType(mesh: MeshSnapshot, proxy: Proxy, name: string): ClusterType | undefined {
  if (name === BLACK_HOLE_CLUSTER) return 'STATIC';
  if (proxy.type !== 'sidecar') return undefined;
  if (name === PASSTHROUGH_CLUSTER) return 'ORIGINAL_DST';
  const onDemand = mesh.scopeOf(proxy.pod).outboundPolicy.mode === 'ALLOW_ANY_DYNAMIC_DNS';
  return name === DYNAMIC_DNS_CLUSTER && onDemand ? 'DYNAMIC_FORWARD_PROXY' : undefined;
}
