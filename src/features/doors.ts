import type { IstioGateway, GatewayServer } from '../core/model/gateway.js';
import { containsLabels } from '../core/model/fields.js';
import type { HttpMatch, L4Match, VirtualService } from '../core/model/virtual-service.js';
import { clusterName, expandHost, hostsMatch, isWildcard } from '../core/mesh/hosts.js';
import type { MeshPod } from '../core/mesh/pods.js';
import { exportedTo, resolveExportTo, type RegistryService } from '../core/mesh/services.js';
import type { MeshSnapshot } from '../core/mesh/snapshot.js';
import type { Requester, Scheme } from '../core/trace/request.js';

/** A way into the mesh: who may send a request for a host, and by which name and port. */
export interface Door {
  readonly from: Requester;
  readonly host: string;
  readonly port: number;
  readonly scheme: Scheme;
  /** `mesh`, or `ns/name` of the Gateway. */
  readonly gateway: string;
}

/** Nobody can send such a request, and why. */
export interface NoDoor {
  readonly because: string;
}

export interface DoorQuery {
  readonly virtualService: VirtualService;
  /** The host that is meant; the first one otherwise. */
  readonly host?: string;
  /** Narrows who sends to what port. */
  readonly match?: HttpMatch | L4Match | undefined;
  readonly traffic: 'http' | 'tls' | 'tcp';
  /** A Gateway (`ns/name`, or `mesh`) that is meant. */
  readonly gateway?: string;
}

/** A client of this name stands for any pod with a sidecar in its namespace, where the files hold none. */
export const ANY_POD = 'any-pod';

/** By which door requests come to the routes of a VirtualService; the first that exists. */
export function doorTo(mesh: MeshSnapshot, query: DoorQuery): Door | NoDoor {
  const { virtualService: it, match } = query;
  const own = it.gateways.length > 0 ? it.gateways.map((gateway) => gateway.value) : ['mesh'];
  const asked =
    query.gateway !== undefined
      ? [query.gateway]
      : match?.gateways.length
        ? match.gateways.map((gateway) => gateway.value)
        : own;
  let problem: NoDoor | undefined;
  for (const name of asked) {
    const door = name === 'mesh' ? meshDoor(mesh, query) : gatewayDoor(mesh, query, name);
    if (!('because' in door)) return door;
    problem ??= door;
  }
  return problem ?? { because: 'It is bound to no gateway' };
}

/** The door that a request for a Service, ServiceEntry or any other host of the registry comes by, from inside the mesh. */
export function doorToService(mesh: MeshSnapshot, service: RegistryService, port?: number): Door {
  const client = chooseClient(mesh, {
    host: service.host,
    namespace: service.namespace,
    allowed: (it) => exportedTo(service.exportTo, it),
  });
  const chosen = service.ports.find((it) => it.number === port) ?? firstHttpPort(service) ?? service.ports[0];
  const scheme: Scheme =
    chosen?.class === 'TCP' ? (chosen.protocol === 'HTTPS' || chosen.protocol === 'TLS' ? 'https' : 'tcp') : 'http';
  return {
    from: { pod: client.pod },
    host: spokenHost(service.host, client.namespace, mesh.config.clusterDomain),
    port: chosen?.number ?? 80,
    scheme,
    gateway: 'mesh',
  };
}

function meshDoor(mesh: MeshSnapshot, { virtualService: it, host, match, traffic }: DoorQuery): Door | NoDoor {
  const wanted = host ?? it.hosts[0]?.value;
  if (wanted === undefined) return { because: 'It names no host' };
  const full = expandHost(wanted, it.namespace, mesh.config.clusterDomain);
  const exported = resolveExportTo(
    it.exportTo?.map((entry) => entry.value) ?? mesh.config.defaultVirtualServiceExportTo,
    it.namespace,
  );
  if (exported.has('~')) return { because: 'It is exported to no namespace' };
  const concrete = isWildcard(full)
    ? (mesh.services.find((service) => hostsMatch(service.host, full))?.host ?? exampleHost(full))
    : full;
  const service = mesh.servicesNamed(concrete.toLowerCase())[0];
  const client = chooseClient(mesh, {
    host: concrete,
    namespace: it.namespace,
    allowed: (namespace) => exportedTo(exported, namespace),
    match,
  });
  const sni = match && 'sniHosts' in match ? match.sniHosts[0]?.value : undefined;
  return {
    from: { pod: client.pod },
    host: sni && !isWildcard(sni) ? sni : spokenHost(concrete, client.namespace, mesh.config.clusterDomain),
    port: match?.port?.value ?? (service && portFor(service, traffic)) ?? (traffic === 'tls' ? 443 : 80),
    scheme: traffic,
    gateway: 'mesh',
  };
}

function gatewayDoor(
  mesh: MeshSnapshot,
  { virtualService: it, host, match, traffic }: DoorQuery,
  name: string,
): Door | NoDoor {
  const slash = name.indexOf('/');
  const namespace = slash < 0 ? it.namespace : name.slice(0, slash).replace(/^\.$/, it.namespace);
  const gateway = mesh.find('IstioGateway', namespace, name.slice(slash + 1));
  if (!gateway) return { because: `There is no Gateway ${namespace}/${name.slice(slash + 1)}` };
  const found = serverFor(
    gateway,
    host === undefined ? it.hosts.map((entry) => entry.value) : [host],
    match?.port?.value,
    traffic,
  );
  if (!found)
    return {
      because: `Gateway ${namespace}/${gateway.name} has no ${traffic} server for ${it.hosts.map((entry) => entry.value).join(', ')}`,
    };
  return doorAtServer(mesh, gateway, found.server, found.host);
}

/** The door that a server of a Gateway opens; `host` stands for its own first one. */
export function doorAtServer(
  mesh: MeshSnapshot,
  gateway: IstioGateway,
  server: GatewayServer,
  host?: string,
): Door | NoDoor {
  const pod = mesh.pods.find((it) => !it.finished && containsLabels(it.labels, gateway.selector));
  if (!pod) return { because: `Gateway ${gateway.namespace}/${gateway.name} selects no pod` };
  const service = servicePortOf(mesh, pod, server.port.value);
  return {
    from: service === undefined ? { gateway: pod.workload, via: 'pod' } : { gateway: pod.workload },
    host: host ?? concreteHost('*', withoutNamespace(server.hosts[0]?.value ?? '*')),
    port: service ?? server.port.value,
    scheme: schemeOf(server),
    gateway: `${gateway.namespace}/${gateway.name}`,
  };
}

function serverFor(
  gateway: IstioGateway,
  hosts: readonly string[],
  port: number | undefined,
  traffic: DoorQuery['traffic'],
): { readonly server: GatewayServer; readonly host: string } | undefined {
  const fitting = gateway.servers
    .filter((it) => (port === undefined || it.port.value === port) && carries(it, traffic))
    .sort((a, b) => Number(redirects(a)) - Number(redirects(b)));
  for (const host of hosts) {
    for (const server of fitting) {
      const own = server.hosts.map((it) => withoutNamespace(it.value)).find((it) => hostsMatch(it, host));
      if (own !== undefined) return { server, host: concreteHost(host, own) };
    }
  }
  return undefined;
}

function carries(server: GatewayServer, traffic: DoorQuery['traffic']): boolean {
  const protocol = server.protocol.value.toUpperCase();
  const passesThrough = server.tls?.mode.value.endsWith('PASSTHROUGH') ?? false;
  switch (traffic) {
    case 'http':
      return /^(HTTP|HTTP2|GRPC|GRPC-WEB)$/.test(protocol) || (protocol === 'HTTPS' && !passesThrough);
    case 'tls':
      return (protocol === 'HTTPS' || protocol === 'TLS') && passesThrough;
    case 'tcp':
      return !/^(HTTP|HTTP2|GRPC|GRPC-WEB|HTTPS)$/.test(protocol);
  }
}

function redirects(server: GatewayServer): boolean {
  return server.tls?.httpsRedirect?.value ?? false;
}

function schemeOf(server: GatewayServer): Scheme {
  const protocol = server.protocol.value.toUpperCase();
  if (server.tls?.mode.value.endsWith('PASSTHROUGH')) return 'tls';
  if (protocol === 'HTTPS') return 'https';
  if (protocol === 'TLS') return 'tls';
  return /^(HTTP|HTTP2|GRPC|GRPC-WEB)$/.test(protocol) ? 'http' : 'tcp';
}

/** The port of a Service in front of a gateway's pod that leads to a server's port; `undefined` when none does. */
function servicePortOf(mesh: MeshSnapshot, pod: MeshPod, serverPort: number): number | undefined {
  const inFront = mesh.services.filter(
    ({ source }) =>
      source.kind === 'Service' &&
      source.namespace === pod.namespace &&
      source.selector &&
      containsLabels(pod.labels, source.selector),
  );
  const ports = inFront.flatMap((it) => it.ports);
  return (ports.find((it) => it.number === serverPort) ?? ports.find((it) => it.targetPort?.value === serverPort))
    ?.number;
}

interface ClientQuery {
  readonly host: string;
  readonly namespace: string;
  readonly allowed: (namespace: string) => boolean;
  readonly match?: HttpMatch | L4Match | undefined;
}

/**
 * The workload that asks: one with a sidecar that fits the match; better one that names the host in its environment, than one
 * of the same namespace, than any other that is not the host itself.
 */
function chooseClient(mesh: MeshSnapshot, query: ClientQuery): { readonly pod: string; readonly namespace: string } {
  const { match, host } = query;
  const own = mesh.servicesNamed(host.toLowerCase())[0];
  const selector = own?.source.kind === 'Service' ? own.source.selector : undefined;
  const short = clusterName(host, mesh.config.clusterDomain)?.name;
  const spoken = new RegExp(`(^|[/@])${(short ?? host).replace(/[.*+?^$(){}|[\]\\]/g, '\\$&')}([.:/]|$)`);
  let best: { readonly pod: MeshPod; readonly score: number } | undefined;
  for (const pod of mesh.pods) {
    if (pod.finished || pod.proxy.value === 'gateway' || !query.allowed(pod.namespace)) continue;
    if (match?.sourceNamespace && match.sourceNamespace.value !== pod.namespace) continue;
    if (match && !containsLabels(pod.labels, match.sourceLabels)) continue;
    const isDestination =
      selector !== undefined && pod.namespace === own?.namespace && containsLabels(pod.labels, selector);
    const names = pod.template.containers.some((it) => [...it.env.values()].some((value) => spoken.test(value)));
    const score =
      (pod.proxy.value === 'sidecar' ? 16 : 0) +
      (isDestination ? 0 : 8) +
      (names ? 4 : 0) +
      (pod.namespace === query.namespace ? 2 : 0);
    if (!best || score > best.score) best = { pod, score };
  }
  if (best && best.score >= 16)
    return { pod: best.pod.synthetic ? best.pod.workload : best.pod.id, namespace: best.pod.namespace };
  const namespace =
    match?.sourceNamespace?.value ?? (query.allowed(query.namespace) ? query.namespace : query.namespace);
  return { pod: `${namespace}/${ANY_POD}`, namespace };
}

function portFor(service: RegistryService, traffic: DoorQuery['traffic']): number | undefined {
  if (traffic === 'http') return (firstHttpPort(service) ?? service.ports[0])?.number;
  const wanted = traffic === 'tls' ? ['TLS', 'HTTPS'] : ['TCP', 'Mongo', 'Redis', 'MySQL'];
  return (service.ports.find((it) => wanted.includes(it.protocol)) ?? service.ports[0])?.number;
}

function firstHttpPort(service: RegistryService) {
  return service.ports.find((it) => it.class === 'HTTP') ?? service.ports.find((it) => it.class === 'AUTO');
}

/** As an application in that namespace would write it. */
function spokenHost(host: string, clientNamespace: string, domain: string): string {
  const parts = clusterName(host, domain);
  if (!parts) return host;
  return parts.namespace === clientNamespace ? parts.name : `${parts.name}.${parts.namespace}`;
}

/** A name that both patterns cover, given that they match each other. */
function concreteHost(a: string, b: string): string {
  if (!isWildcard(a)) return a;
  if (!isWildcard(b)) return b;
  return exampleHost(a.length >= b.length ? a : b);
}

function exampleHost(pattern: string): string {
  return pattern === '*' ? 'example.com' : pattern.replace(/^\*\.?/, (it) => (it === '*.' ? 'www.' : 'www'));
}

/** A server's host may begin with the namespace of the VirtualServices that may bind to it. */
function withoutNamespace(host: string): string {
  return host.slice(host.indexOf('/') + 1);
}
