import { containsLabels } from '../core/model/fields.js';
import type { HttpMatch, L4Match } from '../core/model/virtual-service.js';
import { gatewayObjects } from '../core/mesh/gateway-objects.js';
import { hostsFor, mergedGateways, type BoundServer, type ServerKind } from '../core/mesh/gateways.js';
import { hostsMatch, isWildcard } from '../core/mesh/hosts.js';
import { targetPortOf, type MeshPod } from '../core/mesh/pods.js';
import { gatewayPods } from '../core/mesh/route-clients.js';
import { exportedTo, type RegistryPort, type RegistryService } from '../core/mesh/services.js';
import type { MeshSnapshot } from '../core/mesh/snapshot.js';
import type { EffectiveVirtualService } from '../core/mesh/virtual-services.js';
import type { Requester, Scheme } from '../core/trace/request.js';
import { clientOf, rankClients, spokenHost } from './clients.js';

/** A way into the mesh: who may send a request for a host, and by which name and port. */
export interface Door {
  readonly from: Requester;
  readonly host: string;
  readonly port: number;
  readonly scheme: Scheme;
}

/** Nobody can send such a request, and why. */
export interface NoDoor {
  readonly because: string;
}

export interface DoorQuery {
  readonly routes: EffectiveVirtualService;
  /** The host that is meant, completed; the first one otherwise. */
  readonly host?: string | undefined;
  /** Narrows who sends to what port. */
  readonly match?: HttpMatch | L4Match | undefined;
  readonly traffic: 'http' | 'tls' | 'tcp';
  /** A Gateway (`ns/name`, or `mesh`) that is meant. */
  readonly gateway?: string | undefined;
}

/** By which doors requests come to some routes: of their first gateway that works, several clients, best first. */
export function doorsTo(mesh: MeshSnapshot, query: DoorQuery): readonly Door[] | NoDoor {
  const { routes, match } = query;
  const ofMatch = match?.gateways.map((it) =>
    it.value.includes('/') || it.value === 'mesh' ? it.value : `${routes.namespace}/${it.value}`,
  );
  const asked = query.gateway !== undefined ? [query.gateway] : ofMatch?.length ? ofMatch : routes.gateways;
  let problem: NoDoor | undefined;
  for (const name of asked) {
    const doors = name === 'mesh' ? meshDoors(mesh, query) : gatewayDoors(mesh, query, name);
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
  const allowed = (namespace: string): boolean => exportedTo(service.exportTo, namespace);
  const clients = client
    ? [clientOf(client)]
    : rankClients(mesh, { host: service.host, namespace: service.namespace, allowed });
  return clients.map((it) => ({
    from: { pod: it.pod },
    host: spokenHost(mesh, service.host, it.namespace),
    port: chosen?.number ?? 80,
    scheme: chosen ? schemeOfPort(chosen) : 'http',
  }));
}

/** The door that a server of a gateway's proxy opens; `host` stands for its own first one. */
export function doorAtServer(mesh: MeshSnapshot, pod: MeshPod, bound: BoundServer, host?: string): Door {
  const service = servicePortOf(mesh, pod, bound.port);
  const own = bound.hosts[0]?.value ?? '*';
  return {
    from: service === undefined ? { gateway: pod.workload, via: 'pod' } : { gateway: pod.workload },
    host: host ?? concreteHost('*', own.slice(own.indexOf('/') + 1)),
    port: service ?? bound.port,
    scheme: SCHEMES[bound.kind],
  };
}

/** The servers of a Gateway as the proxies that it programs have them, with one pod for each. */
export function serversOf(
  mesh: MeshSnapshot,
  gateway: string,
): { readonly pod: MeshPod; readonly bound: BoundServer }[] {
  return gatewayPods(mesh)
    .filter((pod) => !pod.finished)
    .flatMap((pod) =>
      mergedGateways(mesh, pod)
        .groups.flatMap((group) => group.servers)
        .filter((bound) => bound.gateway.id === gateway)
        .map((bound) => ({ pod, bound })),
    );
}

function meshDoors(mesh: MeshSnapshot, { routes, host, match, traffic }: DoorQuery): Door[] | NoDoor {
  const wanted = host ?? routes.hosts[0]?.value;
  if (wanted === undefined) return { because: 'It names no host' };
  if (routes.exportTo.has('~')) return { because: 'It is exported to no namespace' };
  const concrete = isWildcard(wanted) ? exampleOf(mesh, wanted) : wanted;
  const service = mesh.servicesNamed(concrete.toLowerCase())[0];
  const sni = match && 'sniHosts' in match ? match.sniHosts[0]?.value : undefined;
  const port = match?.port?.value ?? (service && portFor(service, traffic)) ?? (traffic === 'tls' ? 443 : 80);
  const allowed = (namespace: string): boolean => exportedTo(routes.exportTo, namespace);
  return rankClients(mesh, { host: concrete, namespace: routes.namespace, allowed, match }).map((client) => ({
    from: { pod: client.pod },
    host: sni && !isWildcard(sni) ? sni : spokenHost(mesh, concrete, client.namespace),
    port,
    scheme: traffic,
  }));
}

function gatewayDoors(mesh: MeshSnapshot, { routes, host, match, traffic }: DoorQuery, id: string): Door[] | NoDoor {
  const gateway = gatewayObjects(mesh).find((it) => it.id === id);
  if (!gateway) return { because: `There is no Gateway ${id}` };
  const servers = serversOf(mesh, id);
  if (servers.length === 0) return { because: `${gateway.title} programs no proxy` };
  const port = match?.port?.value;
  const fitting = servers
    .filter(
      ({ bound }) => (port === undefined || bound.server.port.value === port) && CARRIES[traffic].includes(bound.kind),
    )
    // a server that only redirects to https says least
    .sort((a, b) => redirects(a.bound) - redirects(b.bound));
  const hosts = host === undefined ? routes.hosts.map((it) => it.value) : [host];
  for (const wanted of hosts) {
    for (const { pod, bound } of fitting) {
      const own = hostsFor(bound, routes.namespace).find((it) => hostsMatch(it.value, wanted));
      if (own) return [doorAtServer(mesh, pod, bound, concreteHost(wanted, own.value))];
    }
  }
  return { because: `${gateway.title} has no ${traffic} server for ${hosts.join(', ')}` };
}

const CARRIES: Readonly<Record<DoorQuery['traffic'], readonly ServerKind[]>> = {
  http: ['http', 'https'],
  tls: ['passthrough', 'auto-passthrough'],
  tcp: ['tcp', 'tls'],
};

const SCHEMES: Readonly<Record<ServerKind, Scheme>> = {
  http: 'http',
  https: 'https',
  tls: 'tls',
  tcp: 'tcp',
  passthrough: 'tls',
  'auto-passthrough': 'tls',
};

function redirects({ server }: BoundServer): number {
  return server.tls?.httpsRedirect?.value ? 1 : 0;
}

/** The port of a Service in front of a gateway's pod that leads to the port where its proxy listens. */
function servicePortOf(mesh: MeshSnapshot, pod: MeshPod, listening: number): number | undefined {
  for (const { source, ports } of mesh.services) {
    if (source.kind !== 'Service' || source.namespace !== pod.namespace) continue;
    if (!source.selector || !containsLabels(pod.labels, source.selector)) continue;
    const found = ports.find((it) => targetPortOf(pod.template, it.number, it.targetPort, 'TCP') === listening);
    if (found) return found.number;
  }
  return undefined;
}

function portFor(service: RegistryService, traffic: DoorQuery['traffic']): number | undefined {
  if (traffic === 'http') return (firstHttpPort(service) ?? service.ports[0])?.number;
  const wanted = traffic === 'tls' ? ['TLS', 'HTTPS'] : ['TCP', 'Mongo', 'Redis', 'MySQL'];
  return (service.ports.find((it) => wanted.includes(it.protocol)) ?? service.ports[0])?.number;
}

function firstHttpPort(service: RegistryService): RegistryPort | undefined {
  return service.ports.find((it) => it.class === 'HTTP') ?? service.ports.find((it) => it.class === 'AUTO');
}

function schemeOfPort(port: RegistryPort): Scheme {
  if (port.class !== 'TCP') return 'http';
  return port.protocol === 'HTTPS' || port.protocol === 'TLS' ? 'https' : 'tcp';
}

/** A name that both patterns cover, given that they match each other. */
function concreteHost(a: string, b: string): string {
  if (!isWildcard(a)) return a;
  if (!isWildcard(b)) return b;
  return exampleHost(a.length >= b.length ? a : b);
}

/** A host of the registry that the pattern covers, if there is one. */
function exampleOf(mesh: MeshSnapshot, pattern: string): string {
  return mesh.services.find((it) => hostsMatch(it.host, pattern))?.host ?? exampleHost(pattern);
}

function exampleHost(pattern: string): string {
  return pattern === '*' ? 'example.com' : pattern.replace(/^\*\.?/, (it) => (it === '*.' ? 'www.' : 'www'));
}
