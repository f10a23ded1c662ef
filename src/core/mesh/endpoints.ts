import type { Location } from '../base/location.js';
import { NO_STRINGS, containsLabels, type StringMap } from '../model/fields.js';
import type { EndpointGroup, Service } from '../model/kubernetes.js';
import type { ServiceEntry, WorkloadEntry, WorkloadEntrySpec } from '../model/service-entry.js';
import { targetPortOf, type MeshPod } from './pods.js';
import type { RegistryPort, RegistryService } from './services.js';

/** One address and port behind a service, before any client's view of it. */
export interface ServiceEndpoint {
  /** IP, or a host name that the proxy resolves. */
  readonly address: string;
  readonly port: number;
  readonly pod: MeshPod | undefined;
  readonly labels: StringMap;
  readonly health: 'healthy' | 'unhealthy' | 'terminating';
  readonly locality: string;
  readonly nodeName: string;
  readonly weight: number;
  /** TLS-2 */
  readonly tlsMode: 'istio' | 'disabled';
  readonly serviceAccount: string | undefined;
  readonly evidence: readonly Location[];
}

export interface EndpointSources {
  /** EndpointSlices and mirrored Endpoints by `ns/service`. */
  readonly groups: ReadonlyMap<string, readonly EndpointGroup[]>;
  readonly podsByNamespace: ReadonlyMap<string, readonly MeshPod[]>;
  readonly podsByIp: ReadonlyMap<string, MeshPod>;
  readonly podsById: ReadonlyMap<string, MeshPod>;
  readonly workloadEntries: ReadonlyMap<string, readonly WorkloadEntry[]>;
}

/** All endpoints of one port of a service; for ones without any, why is for the caller to say. */
export function endpointsOf(service: RegistryService, port: RegistryPort, sources: EndpointSources): ServiceEndpoint[] {
  const source = service.source;
  if (source.kind === 'ServiceEntry') return entryEndpoints(source, service, port, sources);
  if (source.externalName) return [];
  return [...kubernetesEndpoints(source, port, sources), ...workloadEntryEndpoints(source, port, sources)];
}

/** What kube-proxy balances over: the same without what only Istio knows (INJ-4, KP-2). */
export function kubernetesEndpoints(service: Service, port: RegistryPort, sources: EndpointSources): ServiceEndpoint[] {
  const written = sources.groups.get(`${service.namespace}/${service.name}`);
  if (written) return written.flatMap((group) => sliceEndpoints(service, port, group, sources));
  if (!service.selector || service.selector.size === 0) return [];
  const result: ServiceEndpoint[] = [];
  for (const pod of sources.podsByNamespace.get(service.namespace) ?? []) {
    if (pod.finished || !containsLabels(pod.labels, service.selector)) continue;
    const number = targetPortOf(pod.template, port.number, port.targetPort, port.transport);
    if (number === undefined) continue;
    const ready = service.publishNotReadyAddresses || (pod.ready && !pod.terminating);
    const health = ready ? 'healthy' : pod.terminating ? 'terminating' : 'unhealthy';
    result.push(podEndpoint(pod, number, health));
  }
  return result;
}

/** EP-1..EP-3 */
function sliceEndpoints(
  service: Service,
  port: RegistryPort,
  group: EndpointGroup,
  sources: EndpointSources,
): ServiceEndpoint[] {
  if (group.addressType === 'FQDN') return [];
  const own = group.ports.find((it) => it.name === port.name);
  if (!own || own.port === undefined) return [];
  const result: ServiceEndpoint[] = [];
  for (const entry of group.endpoints) {
    const ready = entry.ready ?? true;
    const health =
      ready || service.publishNotReadyAddresses ? 'healthy' : entry.terminating ? 'terminating' : 'unhealthy';
    for (const address of entry.addresses) {
      let pod: MeshPod | undefined;
      if (entry.targetPod) {
        pod = sources.podsById.get(`${group.namespace}/${entry.targetPod.value}`);
        if (!pod) continue; // a slice of a pod that is gone
      } else {
        const there = sources.podsByIp.get(address.value);
        pod = there?.namespace === group.namespace ? there : undefined;
      }
      const base = pod ? podEndpoint(pod, own.port, health) : bareEndpoint(address.value, own.port, health);
      const zone = entry.zone && !base.locality ? `/${entry.zone}` : base.locality;
      const nodeName = entry.nodeName ?? base.nodeName;
      result.push({ ...base, address: address.value, locality: zone, nodeName, evidence: [entry.at, own.at] });
    }
  }
  return result;
}

function podEndpoint(pod: MeshPod, port: number, health: ServiceEndpoint['health']): ServiceEndpoint {
  return {
    address: pod.ip,
    port,
    pod,
    labels: pod.labels,
    health,
    locality: pod.locality,
    nodeName: pod.nodeName,
    weight: 1,
    tlsMode: pod.labels.get('security.istio.io/tlsMode')?.value === 'istio' ? 'istio' : 'disabled',
    serviceAccount: pod.serviceAccount,
    evidence: pod.source ? [pod.template.labelsAt] : [],
  };
}

function bareEndpoint(address: string, port: number, health: ServiceEndpoint['health']): ServiceEndpoint {
  return {
    address,
    port,
    pod: undefined,
    labels: NO_STRINGS,
    health,
    locality: '',
    nodeName: '',
    weight: 1,
    tlsMode: 'disabled',
    serviceAccount: undefined,
    evidence: [],
  };
}

/** EP-5: WorkloadEntries that a Service with selector takes in. */
function workloadEntryEndpoints(service: Service, port: RegistryPort, sources: EndpointSources): ServiceEndpoint[] {
  const { selector } = service;
  if (!selector || selector.size === 0 || service.headless) return [];
  return (sources.workloadEntries.get(service.namespace) ?? []).flatMap((entry) => {
    if (!containsLabels(entry.spec.labels, selector)) return [];
    const target = port.targetPort?.value;
    const number =
      typeof target === 'string'
        ? entry.spec.ports.get(target)?.value
        : (entry.spec.ports.get(port.name)?.value ?? target ?? port.number);
    return number === undefined ? [] : workloadEntryEndpoint(entry.spec, number, sources, entry.namespace);
  });
}

/** EP-6, EP-7 */
function entryEndpoints(
  entry: ServiceEntry,
  service: RegistryService,
  port: RegistryPort,
  sources: EndpointSources,
): ServiceEndpoint[] {
  const own = typeof port.targetPort?.value === 'number' ? port.targetPort.value : port.number;
  if (entry.workloadSelector) {
    const { labels } = entry.workloadSelector;
    const entries = (sources.workloadEntries.get(entry.namespace) ?? []).filter((it) =>
      containsLabels(it.spec.labels, labels),
    );
    const pods = (sources.podsByNamespace.get(entry.namespace) ?? []).filter(
      (it) => it.ready && !it.finished && containsLabels(it.labels, labels),
    );
    return [
      ...entries.flatMap((it) =>
        workloadEntryEndpoint(it.spec, it.spec.ports.get(port.name)?.value ?? own, sources, it.namespace),
      ),
      ...pods.map((it) => podEndpoint(it, own, 'healthy')),
    ];
  }
  if (entry.endpoints.length > 0) {
    return entry.endpoints.flatMap((it) =>
      workloadEntryEndpoint(it, it.ports.get(port.name)?.value ?? own, sources, undefined),
    );
  }
  if (service.resolution === 'dns' || service.resolution === 'dns-round-robin') {
    if (service.host.startsWith('*')) return [];
    return [{ ...bareEndpoint(service.host, own, 'healthy'), evidence: [service.hostAt] }];
  }
  return [];
}

function workloadEntryEndpoint(
  spec: WorkloadEntrySpec,
  port: number,
  sources: EndpointSources,
  namespace: string | undefined,
): ServiceEndpoint[] {
  const address = spec.address?.value;
  if (address === undefined) return [];
  const label = spec.labels.get('security.istio.io/tlsMode')?.value;
  const meshed = label === undefined ? spec.serviceAccount !== undefined : label === 'istio';
  return [
    {
      ...bareEndpoint(address.toLowerCase(), port, 'healthy'),
      pod: namespace === undefined ? undefined : sources.podsByIp.get(address),
      labels: spec.labels,
      locality: spec.locality ?? '',
      weight: spec.weight === undefined || spec.weight === 0 ? 1 : spec.weight,
      tlsMode: meshed ? 'istio' : 'disabled',
      serviceAccount: spec.serviceAccount,
      evidence: [spec.at],
    },
  ];
}
