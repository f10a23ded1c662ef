import type { IstioGateway, GatewayServer } from '../core/model/gateway.js';
import { containsLabels } from '../core/model/fields.js';
import type { HttpMatch, L4Match, VirtualService } from '../core/model/virtual-service.js';
import { clusterName, expandHost, hostsMatch, isWildcard } from '../core/mesh/hosts.js';
import type { MeshPod } from '../core/mesh/pods.js';
import { exportedTo, resolveExportTo, type RegistryPort, type RegistryService } from '../core/mesh/services.js';
import { effectiveVirtualServices } from '../core/mesh/virtual-services.js';
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
  readonly host?: string | undefined;
  /** Narrows who sends to what port. */
  readonly match?: HttpMatch | L4Match | undefined;
  readonly traffic: 'http' | 'tls' | 'tcp';
  /** A Gateway (`ns/name`, or `mesh`) that is meant. */
  readonly gateway?: string | undefined;
}

/** A client of this name stands for any pod with a sidecar in its namespace, where the files hold none. */
export const ANY_POD = 'any-pod';

/** By which doors requests come to the routes of a VirtualService: of its first gateway that works, several clients, best first. */
export function doorsTo(mesh: MeshSnapshot, query: DoorQuery): readonly Door[] | NoDoor {
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
    const doors = name === 'mesh' ? meshDoors(mesh, query) : gatewayDoor(mesh, query, name);
    if (!('because' in doors)) return doors;
    problem ??= doors;
  }
  return problem ?? { because: 'It is bound to no gateway' };
}

/** The doors that requests for a Service, ServiceEntry or any other host of the registry come by, from inside the mesh. */
export function doorsToService(
  mesh: MeshSnapshot,
  service: RegistryService,
  port?: number,
  client?: MeshPod,
): readonly Door[] {
  const chosen = service.ports.find((it) => it.number === port) ?? firstHttpPort(service) ?? service.ports[0];
  const clients = client
    ? [clientOf(client)]
    : rankClients(mesh, {
        host: service.host,
        namespace: service.namespace,
        allowed: (namespace) => exportedTo(service.exportTo, namespace),
      });
  return clients.map((client) => ({
    from: { pod: client.pod },
    host: spokenHost(service.host, client.namespace, mesh.config.clusterDomain),
    port: chosen?.number ?? 80,
    scheme: chosen ? schemeOfPort(chosen) : 'http',
    gateway: 'mesh',
  }));
}

function schemeOfPort(port: RegistryPort): Scheme {
  if (port.class !== 'TCP') return 'http';
  return port.protocol === 'HTTPS' || port.protocol === 'TLS' ? 'https' : 'tcp';
}

function meshDoors(mesh: MeshSnapshot, { virtualService: it, host, match, traffic }: DoorQuery): Door[] | NoDoor {
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
  const sni = match && 'sniHosts' in match ? match.sniHosts[0]?.value : undefined;
  const port = match?.port?.value ?? (service && portFor(service, traffic)) ?? (traffic === 'tls' ? 443 : 80);
  const clients = rankClients(mesh, {
    host: concrete,
    namespace: it.namespace,
    allowed: (namespace) => exportedTo(exported, namespace),
    match,
  });
  return clients.map((client) => ({
    from: { pod: client.pod },
    host: sni && !isWildcard(sni) ? sni : spokenHost(concrete, client.namespace, mesh.config.clusterDomain),
    port,
    scheme: traffic,
    gateway: 'mesh',
  }));
}

function gatewayDoor(
  mesh: MeshSnapshot,
  { virtualService: it, host, match, traffic }: DoorQuery,
  name: string,
): Door[] | NoDoor {
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
  const door = doorAtServer(mesh, gateway, found.server, found.host);
  return 'because' in door ? door : [door];
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

interface Client {
  readonly pod: string;
  readonly namespace: string;
}

function clientOf(pod: MeshPod): Client {
  return { pod: pod.synthetic ? pod.workload : pod.id, namespace: pod.namespace };
}

/** Whether a gateway sends requests to a pod: what is in front is likelier to ask than what is behind. */
function isFront(mesh: MeshSnapshot, pod: MeshPod): boolean {
  const fronts = mesh.remember('services behind gateways', () => {
    const hosts = effectiveVirtualServices(mesh)
      .filter((it) => it.gateways.some((gateway) => gateway !== 'mesh'))
      .flatMap((it) =>
        it.http.flatMap((route) =>
          route.route.map(({ destination }) => [destination.host.value, it.namespace] as const),
        ),
      );
    return hosts.flatMap(([host, namespace]) =>
      mesh.servicesNamed(expandHost(host, namespace, mesh.config.clusterDomain)),
    );
  });
  return fronts.some(
    ({ source, namespace }) =>
      source.kind === 'Service' &&
      source.selector &&
      namespace === pod.namespace &&
      containsLabels(pod.labels, source.selector),
  );
}

/** As many workloads are tried as may ask before a policy's refusal is believed. */
const MOST_CLIENTS = 4;

/**
 * The workloads that may ask, best first: those with a sidecar that fit the match; better ones that name the host in their
 * environment, than some of the same namespace, than some that gateways lead to, than others; the host itself comes last.
 */
function rankClients(mesh: MeshSnapshot, query: ClientQuery): Client[] {
  const { match, host } = query;
  const own = mesh.servicesNamed(host.toLowerCase())[0];
  const selector = own?.source.kind === 'Service' ? own.source.selector : undefined;
  const short = clusterName(host, mesh.config.clusterDomain)?.name;
  const spoken = new RegExp(`(^|[/@])${(short ?? host).replace(/[.*+?^$(){}|[\]\\]/g, '\\$&')}([.:/]|$)`);
  const scores = new Map<string, Client & { readonly score: number }>();
  for (const pod of mesh.pods) {
    if (pod.finished || pod.proxy.value !== 'sidecar' || !query.allowed(pod.namespace)) continue;
    if (match?.sourceNamespace && match.sourceNamespace.value !== pod.namespace) continue;
    if (match && !containsLabels(pod.labels, match.sourceLabels)) continue;
    if (scores.has(pod.workload)) continue;
    const isDestination =
      selector !== undefined && pod.namespace === own?.namespace && containsLabels(pod.labels, selector);
    const names = pod.template.containers.some((it) => [...it.env.values()].some((value) => spoken.test(value)));
    const score =
      (isDestination ? 0 : 8) +
      (names ? 4 : 0) +
      (pod.namespace === query.namespace ? 2 : 0) +
      (isFront(mesh, pod) ? 1 : 0);
    scores.set(pod.workload, { ...clientOf(pod), score });
  }
  const best = [...scores.values()].sort((a, b) => b.score - a.score).slice(0, MOST_CLIENTS);
  const namespace = match?.sourceNamespace?.value ?? query.namespace;
  return best.length > 0 ? best : [{ pod: `${namespace}/${ANY_POD}`, namespace }];
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
