import ipaddr from 'ipaddr.js';
import { sourced, type Location, type Sourced } from '../base/location.js';
import type { StringMap } from '../model/fields.js';
import type { Service } from '../model/kubernetes.js';
import type { MeshConfig } from '../model/mesh-config.js';
import type { Resolution, ServiceEntry } from '../model/service-entry.js';
import { classOf, kubernetesProtocol, parseProtocol, type Protocol, type ProtocolClass } from './protocol.js';

/** How a client's proxy finds the endpoints of a service. */
export type ServiceResolution = 'client-side' | 'dns' | 'dns-round-robin' | 'passthrough' | 'dynamic-dns' | 'alias';

export interface RegistryPort {
  readonly name: string;
  readonly number: number;
  readonly protocol: Protocol;
  readonly class: ProtocolClass;
  /** What the packets are, whatever Istio makes of the port's name: nodes look at nothing else. */
  readonly transport: string;
  readonly at: Location;
  /** Of a Kubernetes Service. */
  readonly targetPort: Sourced<number | string> | undefined;
  readonly nodePort: number | undefined;
}

/** A service as istiod knows it: a Kubernetes Service, or one host of a ServiceEntry. */
export interface RegistryService {
  /** `name.ns.svc.cluster.local`, or the ServiceEntry's host as written: clusters keep its case, route tables do not. */
  readonly host: string;
  readonly hostAt: Location;
  readonly namespace: string;
  readonly name: string;
  readonly created: number | undefined;
  readonly source: Service | ServiceEntry;
  readonly ports: readonly RegistryPort[];
  /** Addresses or CIDR blocks that stand for it; empty for headless ones and those without any. */
  readonly addresses: readonly string[];
  readonly resolution: ServiceResolution;
  readonly external: boolean;
  /** Namespaces that see it: `*`, `.` resolved to its own, `~` for nobody. */
  readonly exportTo: ReadonlySet<string>;
  readonly labels: StringMap;
  /** The host that an ExternalName Service stands for. */
  readonly aliasOf: string | undefined;
  /** `ns/name` with its kind, for people. */
  readonly title: string;
}

export function isHeadless(it: RegistryService): boolean {
  return it.source.kind === 'Service' && it.source.headless;
}

export function portOfService(it: RegistryService, number: number): RegistryPort | undefined {
  return portNumbered(it.ports, number);
}

/** Of a number that stands twice, as DNS ports do, the one that carries connections. */
export function portNumbered(ports: readonly RegistryPort[], number: number): RegistryPort | undefined {
  const named = ports.filter((it) => it.number === number);
  return named.find((it) => it.class !== 'UDP') ?? named[0];
}

/** Addresses of Services that have none: 10.96.1.21 onwards, as the conformance cases count them. */
export function assignClusterIPs(services: readonly Service[]): ReadonlyMap<Service, string> {
  const used = new Set(services.flatMap((it) => it.clusterIPs.map((ip) => ip.value)));
  const result = new Map<Service, string>();
  let index = 20;
  for (const it of services) {
    if (it.externalName !== undefined || it.headless || it.clusterIPs.length > 0) continue;
    for (;;) {
      const address = `10.96.${Math.floor(index / 250) + 1}.${(index % 250) + 1}`;
      index++;
      if (used.has(address)) continue;
      used.add(address);
      result.set(it, address);
      break;
    }
  }
  return result;
}

interface KnownService {
  readonly assignedIP: string | undefined;
  readonly mesh: MeshConfig;
  readonly service: RegistryService;
}

/** An edit elsewhere leaves most services as they were; they are remembered by what they were made of. */
const known = new WeakMap<Service, KnownService>();

/** The registry's view of a Service; `assignedIP` stands for the address that the cluster would choose. */
export function kubernetesService(it: Service, assignedIP: string | undefined, mesh: MeshConfig): RegistryService {
  const before = known.get(it);
  if (before && before.assignedIP === assignedIP && sameDefaults(before.mesh, mesh)) return before.service;
  const service = readKubernetesService(it, assignedIP, mesh);
  known.set(it, { assignedIP, mesh, service });
  return service;
}

function sameDefaults(a: MeshConfig, b: MeshConfig): boolean {
  if (a === b || (a.at === undefined && b.at === undefined)) return true;
  return a.clusterDomain === b.clusterDomain && a.defaultServiceExportTo.join() === b.defaultServiceExportTo.join();
}

function readKubernetesService(it: Service, assignedIP: string | undefined, mesh: MeshConfig): RegistryService {
  const addresses = it.headless || it.externalName ? [] : it.clusterIPs.map((ip) => ip.value);
  if (assignedIP !== undefined) addresses.push(assignedIP);
  const written = it.annotations.get('networking.istio.io/exportTo');
  const exported = written ? written.value.split(',').map((part) => part.trim()) : mesh.defaultServiceExportTo;
  return {
    host: `${it.name}.${it.namespace}.svc.${mesh.clusterDomain}`,
    hostAt: it.nameAt,
    namespace: it.namespace,
    name: it.name,
    created: it.created,
    source: it,
    ports: it.ports.map((port) => {
      const protocol = kubernetesProtocol(port.protocol, port.appProtocol?.value, port.name?.value, port.port.value);
      return {
        name: port.name?.value ?? '',
        number: port.port.value,
        protocol,
        class: classOf(protocol),
        transport: port.protocol,
        at: port.at,
        targetPort: port.targetPort,
        nodePort: port.nodePort?.value,
      };
    }),
    addresses,
    resolution: it.externalName ? 'alias' : it.headless ? 'passthrough' : 'client-side',
    external: false,
    exportTo: resolveExportTo(exported, it.namespace),
    labels: it.labels,
    aliasOf: it.externalName?.value.toLowerCase(),
    title: `Service ${it.namespace}/${it.name}`,
  };
}

const RESOLUTIONS: Readonly<Record<Resolution, ServiceResolution>> = {
  NONE: 'passthrough',
  STATIC: 'client-side',
  DNS: 'dns',
  DNS_ROUND_ROBIN: 'dns-round-robin',
  DYNAMIC_DNS: 'dynamic-dns',
};

/** One service per host; with several addresses all of them belong to it (LIS-10). */
export function entryServices(it: ServiceEntry, mesh: MeshConfig): RegistryService[] {
  const exported = it.exportTo?.map((entry) => entry.value) ?? mesh.defaultServiceExportTo;
  return it.hosts.map((host) => ({
    host: host.value,
    hostAt: host.at,
    namespace: it.namespace,
    name: it.name,
    created: it.created,
    source: it,
    ports: it.ports.map((port) => {
      const protocol = parseProtocol(port.protocol?.value);
      const targetPort = port.targetPort && sourced<number | string>(port.targetPort.value, port.targetPort.at);
      return {
        name: port.name?.value ?? '',
        number: port.number.value,
        protocol,
        class: classOf(protocol),
        transport: protocol === 'UDP' ? 'UDP' : 'TCP',
        at: port.at,
        targetPort,
        nodePort: undefined,
      };
    }),
    addresses: it.addresses.map((entry) => plainAddress(entry.value)),
    resolution: RESOLUTIONS[it.resolution],
    external: !it.internal,
    exportTo: resolveExportTo(exported, it.namespace),
    labels: it.labels,
    aliasOf: undefined,
    title: `ServiceEntry ${it.namespace}/${it.name}`,
  }));
}

/** GEN-6 */
export function resolveExportTo(exported: readonly string[], namespace: string): ReadonlySet<string> {
  const result = new Set(exported.map((it) => (it === '.' ? namespace : it)));
  if (result.has('~')) return new Set(['~']);
  return result.has('*') ? new Set(['*']) : result;
}

export function exportedTo(exportTo: ReadonlySet<string>, namespace: string): boolean {
  return exportTo.has('*') || exportTo.has(namespace);
}

/** A block of one address is that address (LIS-3). */
function plainAddress(text: string): string {
  return text.replace(/\/32$/, '').replace(/\/128$/, '');
}

export function isBlock(address: string): boolean {
  return address.includes('/');
}

/** Whether an IP lies in a block or is the address; text that is neither matches nothing. */
export function addressCovers(block: string, ip: string): boolean {
  if (block === ip) return true;
  if (!ipaddr.isValid(ip)) return false;
  const address = ipaddr.parse(ip);
  if (!isBlock(block))
    return ipaddr.isValid(block) && ipaddr.parse(block).toNormalizedString() === address.toNormalizedString();
  if (!ipaddr.isValidCIDR(block)) return false;
  const range = ipaddr.parseCIDR(block);
  return range[0].kind() === address.kind() && address.match(range);
}
