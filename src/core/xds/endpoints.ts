import type { Rejected } from '../base/explained.js';
import { uniqueLocations } from '../base/location.js';
import { destinationRuleFor, writtenPolicyFor, type EffectiveRule } from '../mesh/destination-rules.js';
import type { ServiceEndpoint } from '../mesh/endpoints.js';
import { outsideOf } from '../mesh/outside-world.js';
import { peerModeOf } from '../mesh/policies.js';
import { portNumbered, type RegistryPort, type RegistryService } from '../mesh/services.js';
import { sharedEndpoints } from '../mesh/shared-endpoints.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import { containsLabels, NO_STRINGS } from '../model/fields.js';
import type { ClientTlsMode, TrafficPolicy } from '../model/destination-rule.js';
import { clusterServices } from './cluster-services.js';
import type { Cluster, ClusterLoadAssignment, LbEndpoint } from './config.js';
import { localitySettingFor, weightOf, type LocalityGroup } from './locality.js';
import { nameOf, type Proxy } from './proxy.js';

/** The endpoints that a proxy has for a cluster, with those that were left out (section 7 of the semantics). */
export function loadAssignment(mesh: MeshSnapshot, proxy: Proxy, cluster: Cluster): ClusterLoadAssignment {
  return mesh.remember(`loadAssignment ${proxy.pod.id} ${cluster.name}`, () => assign(mesh, proxy, cluster));
}

function assign(mesh: MeshSnapshot, proxy: Proxy, cluster: Cluster): ClusterLoadAssignment {
  const known = clusterServices(mesh, proxy).get(cluster.host);
  const port = known && portNumbered(known.ports, cluster.servicePort);
  if (!known || !port || cluster.type === 'ORIGINAL_DST' || cluster.type === 'DYNAMIC_FORWARD_PROXY') {
    return { cluster: cluster.name, endpoints: [], evidence: [], rejected: [], rules: ['EP-7'], assumptions: [] };
  }
  const { service } = known;
  const rule = destinationRuleFor(mesh, proxy, service).value;
  const kept = clusterEndpoints(mesh, proxy, service, port, rule, cluster.subset).filter(
    (it) => !cluster.name.startsWith('outbound_.') || isMutual(mesh, service, rule, cluster, it),
  );
  const policy = writtenPolicyFor(rule, port.number, cluster.subset);
  const setting = localitySettingFor(mesh, service, policy.loadBalancer);
  const isDns = cluster.type !== 'EDS';
  const failover = (isDns ? cluster.outlier : policy.outlierDetection) !== undefined;
  const groups = groupByLocality(kept);
  const placed = setting ? setting.apply(groups, proxy.pod, failover) : groups;
  const endpoints = placed.flatMap((group) =>
    group.endpoints.map((it) => lbEndpoint(mesh, service, rule, cluster, it, group)),
  );
  const localized = setting && (setting.weighs(failover) || placed.some((it) => it.priority > 0));
  const used = new Set(placed.flatMap((it) => it.endpoints));
  return {
    cluster: cluster.name,
    endpoints,
    evidence: uniqueLocations([...endpoints.flatMap((it) => it.evidence), ...(localized ? setting.evidence : [])]),
    rejected: leftOut(mesh, proxy, service, port, rule, cluster, used),
    rules: ['EP-1', 'EP-2', ...(localized ? [setting.rule] : []), ...(cluster.subset ? ['DR-7'] : [])],
    assumptions: [],
  };
}

/** The endpoints of a service's port that a proxy is sent for a subset, before localities play a part (EP-3, EP-4, DR-7). */
export function clusterEndpoints(
  mesh: MeshSnapshot,
  proxy: Proxy,
  service: RegistryService,
  port: RegistryPort,
  rule: EffectiveRule | undefined,
  subset: string,
): readonly ServiceEndpoint[] {
  const filter = filterFor(mesh, proxy, service, port, rule, subset);
  return sharedEndpoints(mesh, service, port).filter((it) => filter(it) === undefined);
}

type Filter = (it: ServiceEndpoint) => Omit<Rejected, 'name'> | undefined;

function filterFor(
  mesh: MeshSnapshot,
  proxy: Proxy,
  service: RegistryService,
  port: RegistryPort,
  rule: EffectiveRule | undefined,
  subset: string,
): Filter {
  const definition = rule?.subsets.find((it) => it.name.value === subset);
  const labels = definition?.labels ?? NO_STRINGS;
  const minHealth = writtenPolicyFor(rule, port.number, subset).outlierDetection?.minHealthPercent;
  const preferred = localitySettingFor(mesh, service, undefined)?.rule === 'EP-8';
  // in panic Envoy would use unready hosts, so istiod does not send them then (CL-8)
  const withoutUnready = minHealth !== undefined && minHealth.value > 0 && !preferred ? minHealth : undefined;
  const local = service.source.kind === 'Service' && service.source.internalTrafficPolicyLocal;
  const isDns = service.resolution === 'dns' || service.resolution === 'dns-round-robin';
  return (it) => {
    if (!containsLabels(it.labels, labels)) {
      return { because: `its labels lack ${text(labels)}`, evidence: [definition!.labelsAt, ...it.evidence] };
    }
    if (!isDns && !isIp(it.address))
      return { because: 'it is a name, and only DNS services may have names', evidence: it.evidence };
    if (local && it.nodeName !== proxy.pod.nodeName) {
      return {
        because: `it runs on ${it.nodeName}, and internalTrafficPolicy: Local allows only ${proxy.pod.nodeName}`,
        evidence: [service.source.body.fieldsOrEmpty('spec').valueAt('internalTrafficPolicy'), ...it.evidence],
      };
    }
    if (it.health === 'terminating') return { because: 'it is terminating', evidence: it.evidence };
    if (it.health === 'unhealthy' && withoutUnready) {
      return { because: 'it is not ready, and minHealthPercent is set', evidence: [withoutUnready.at, ...it.evidence] };
    }
    return undefined;
  };
}

function text(labels: typeof NO_STRINGS): string {
  return [...labels].map(([key, it]) => `${key}=${it.value}`).join(', ');
}

function isIp(address: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+$/.test(address) || address.includes(':') || address.startsWith('unix://');
}

/** Localities in the order of their names, which istiod keeps. */
function groupByLocality(endpoints: readonly ServiceEndpoint[]): readonly LocalityGroup[] {
  const groups = new Map<string, ServiceEndpoint[]>();
  for (const it of endpoints) {
    const group = groups.get(it.locality);
    if (group) group.push(it);
    else groups.set(it.locality, [it]);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([locality, members]) => ({ locality, endpoints: members, weight: weightOf(members), priority: 0 }));
}

function lbEndpoint(
  mesh: MeshSnapshot,
  service: RegistryService,
  rule: EffectiveRule | undefined,
  cluster: Cluster,
  it: ServiceEndpoint,
  group: LocalityGroup,
): LbEndpoint {
  const pod = it.pod ?? mesh.podAt(it.address);
  return {
    address: it.address,
    port: it.port,
    id: pod ? `${nameOf(pod)}:${it.port}` : addressId(mesh, it.address, it.port),
    pod: pod?.id,
    healthy: it.health === 'healthy',
    labels: it.labels,
    locality: it.locality,
    priority: group.priority,
    weight: it.weight,
    localityWeight: group.weight,
    tlsMode: it.tlsMode,
    mutual: cluster.tls.mode === 'auto' && isMutual(mesh, service, rule, cluster, it),
    evidence: it.evidence,
  };
}

/** How outcomes name an address that is no pod's: by the name outside of the mesh that it stands for, else as it is. */
export function addressId(mesh: MeshSnapshot, address: string, port: number): string {
  return `${outsideOf(mesh).nameOf(address) ?? address}:${port}`;
}

/** TLS-2, TLS-4: whether mesh TLS is spoken to an endpoint of a cluster that decides so for each. */
function isMutual(
  mesh: MeshSnapshot,
  service: RegistryService,
  rule: EffectiveRule | undefined,
  cluster: Cluster,
  it: ServiceEndpoint,
): boolean {
  if (it.tlsMode !== 'istio') return false;
  const written = writtenMode(rule, cluster.servicePort, cluster.subset);
  if (written) return written === 'ISTIO_MUTUAL';
  const place = { namespace: service.namespace, labels: it.labels };
  return peerModeOf(mesh, place, it.port).value !== 'DISABLE';
}

/** TLS-4: the mode of the whole rule still decides for each endpoint where a port's entry took it from the cluster. */
function writtenMode(rule: EffectiveRule | undefined, port: number, subset: string): ClientTlsMode | undefined {
  const modeOf = (policy: TrafficPolicy | undefined): ClientTlsMode | undefined =>
    (policy?.ports.find((it) => it.port.value === port && it.tls)?.tls ?? policy?.tls)?.mode.value;
  const definition = rule?.subsets.find((it) => it.name.value === subset);
  return modeOf(definition?.trafficPolicy) ?? modeOf(rule?.trafficPolicy);
}

function leftOut(
  mesh: MeshSnapshot,
  proxy: Proxy,
  service: RegistryService,
  port: RegistryPort,
  rule: EffectiveRule | undefined,
  cluster: Cluster,
  used: ReadonlySet<ServiceEndpoint>,
): readonly Rejected[] {
  const filter = filterFor(mesh, proxy, service, port, rule, cluster.subset);
  return sharedEndpoints(mesh, service, port).flatMap((it): Rejected[] => {
    if (used.has(it)) return [];
    const name = it.pod ? `${nameOf(it.pod)}:${it.port}` : addressId(mesh, it.address, it.port);
    const reason = filter(it) ?? {
      because: cluster.name.startsWith('outbound_.')
        ? 'it takes no mesh TLS'
        : `its locality ${it.locality} is not among those that distribute lists`,
      evidence: it.evidence,
    };
    return [{ name, ...reason }];
  });
}
