import type { Rejected } from '../base/explained.js';
import { sourced, type Location, type Sourced } from '../base/location.js';
import { containsLabels } from '../model/fields.js';
import type { GatewayServer } from '../model/gateway.js';
import { unservedListeners } from './api-listeners.js';
import { gatewayObjects, type GatewayObject, type Programs } from './gateway-objects.js';
import type { MeshPod } from './pods.js';
import { classOf, parseProtocol } from './protocol.js';
import { serviceTargetsOf, type ServiceTarget } from './service-targets.js';
import type { MeshSnapshot } from './snapshot.js';

/** How a server treats connections. */
export type ServerKind =
  | 'http'
  /** Takes off TLS, HTTP inside. */
  | 'https'
  /** Takes off TLS, anything inside. */
  | 'tls'
  | 'tcp'
  /** Passes TLS on by SNI. */
  | 'passthrough'
  | 'auto-passthrough';

/** A server as it is on one gateway's proxy. */
export interface BoundServer {
  readonly gateway: GatewayObject;
  readonly server: GatewayServer;
  readonly kind: ServerKind;
  /** `host`, or `ns/host` for VirtualServices of one namespace (GW-11). */
  readonly hosts: readonly Sourced<string>[];
  /** On which it listens (GW-4). */
  readonly port: number;
  /** Empty for every address. */
  readonly bind: string;
  /** Name of its route configuration; empty without one (GW-12). */
  readonly routeConfig: string;
  /** The Service port that led to `port`. */
  readonly translation: Location | undefined;
}

/** Servers that came together: one plaintext chain, or chains told apart by SNI. */
export interface ServerGroup {
  readonly port: number;
  readonly bind: string;
  readonly servers: readonly BoundServer[];
}

/** What all Gateways together make of one gateway's proxy. */
export interface MergedGateways {
  /** In the order in which they came. */
  readonly groups: readonly ServerGroup[];
  /** The servers that share a route configuration, by its name. */
  readonly byRouteConfig: ReadonlyMap<string, readonly BoundServer[]>;
  /** Gateways that program this proxy. */
  readonly programmed: readonly GatewayObject[];
  /** Servers that lost to others, with the port that they wanted, and Gateways that do not program this proxy. */
  readonly rejected: readonly RejectedServer[];
}

export interface RejectedServer extends Rejected {
  /** `undefined` for a whole Gateway. */
  readonly port: number | undefined;
  readonly rules: readonly string[];
}

/** All Gateways that program the proxy of a pod, merged as istiod merges them (GW-1..GW-12). */
export function mergedGateways(mesh: MeshSnapshot, pod: MeshPod): MergedGateways {
  return mesh.remember(`mergedGateways ${pod.id}`, () => new Merger(mesh, pod).merge());
}

/** On Services whose ports are not to be translated (GW-4). */
const NO_TRANSLATION = 'experimental.istio.io/disable-gateway-port-translation';

class Merger {
  private readonly groups = new Map<string, { port: number; bind: string; servers: BoundServer[] }>();
  private readonly byRouteConfig = new Map<string, BoundServer[]>();
  private readonly rejected: RejectedServer[] = [];
  /** The first server of each port number, whatever its protocol and address. */
  private readonly onPort = new Map<number, BoundServer>();
  /** The newest group of plaintext on each port number. */
  private readonly plaintext = new Map<number, { key: string; first: BoundServer }>();
  /** Who has a host of a server with `tls`, by port (GW-9). */
  private readonly tlsHosts = new Map<number, Map<string, BoundServer>>();

  constructor(
    private readonly mesh: MeshSnapshot,
    private readonly pod: MeshPod,
  ) {}

  merge(): MergedGateways {
    const targets = serviceTargetsOf(this.mesh, this.pod);
    const programmed = this.programming(targets);
    this.noteUnserved(targets);
    for (const gateway of programmed) {
      for (const server of gateway.servers) {
        for (const bound of bind(gateway, server, targets)) this.add(bound);
      }
    }
    return {
      groups: [...this.groups.values()],
      byRouteConfig: this.byRouteConfig,
      programmed,
      rejected: this.rejected,
    };
  }

  /** GW-1 */
  private programming(targets: readonly ServiceTarget[]): readonly GatewayObject[] {
    const all = gatewayObjects(this.mesh).filter((it) => {
      const because = this.whyNot(it, targets);
      if (because !== undefined) this.leaveOut(it, because);
      return because === undefined;
    });
    const managedIn = new Set(all.filter((it) => it.managed).map((it) => it.namespace));
    if (managedIn.size === 0) return all;
    return all.filter((it) => {
      const kept = it.semantics === 'gateway-api' || managedIn.has(it.namespace);
      if (!kept)
        this.leaveOut(it, `the proxy belongs to a Gateway API Gateway of namespace ${[...managedIn].join(', ')}`);
      return kept;
    });
  }

  private noteUnserved(targets: readonly ServiceTarget[]): void {
    for (const { programs, name, port, problem, at } of unservedListeners(this.mesh)) {
      if (programs.by !== 'services' || !targets.some((it) => namedBy(programs, it))) continue;
      this.rejected.push({ name, because: problem.because, evidence: [at, problem.at], port, rules: problem.rules });
    }
  }

  private whyNot({ programs }: GatewayObject, targets: readonly ServiceTarget[]): string | undefined {
    if (programs.by === 'services') {
      if (targets.some((it) => namedBy(programs, it))) return undefined;
      return `it is for the pods of ${[...programs.hosts].join(', ')}`;
    }
    if (containsLabels(this.pod.labels, programs.labels)) return undefined;
    const wanted = [...programs.labels].map(([key, value]) => `${key}=${value.value}`).join(', ');
    return `its selector ${wanted} does not select pod ${this.pod.id}`;
  }

  private leaveOut(it: GatewayObject, because: string): void {
    this.rejected.push({ name: it.title, because, evidence: [it.programs.at], port: undefined, rules: ['GW-1'] });
  }

  private add(it: BoundServer): void {
    const { port, bind: address, server } = it;
    if (server.tls) {
      const known = this.tlsHosts.get(port) ?? new Map<string, BoundServer>();
      this.tlsHosts.set(port, known);
      for (const host of it.hosts) {
        const owner = known.get(host.value);
        // whoever wrote it last has the host, so that the same one on another address makes room for a third
        if (owner?.bind === address) {
          return this.skip(
            it,
            owner,
            `host ${host.value} on port ${port} belongs to ${titleOf(owner)} already`,
            host.at,
            'GW-9',
          );
        }
      }
      for (const host of it.hosts) known.set(host.value, it);
    }
    const holder = this.onPort.get(port);
    if (!holder) {
      this.onPort.set(port, it);
      this.start(it);
      return;
    }
    const plain = this.plaintext.get(port);
    if (plain && plain.first.bind === address) {
      if (it.kind === 'http' && plain.first.kind === 'http') this.join(plain.key, it);
      else
        this.skip(
          it,
          plain.first,
          `port ${port} speaks ${protocolOf(plain.first)} for ${titleOf(plain.first)}`,
          it.server.port.at,
          'GW-7',
        );
      return;
    }
    this.start(it);
  }

  /** A group of its own, or the one that there is for the same protocol and address. */
  private start(it: BoundServer): void {
    const key = `${it.port} ${it.server.protocol.value} ${it.bind}`;
    if (this.groups.has(key)) return this.join(key, it);
    this.groups.set(key, { port: it.port, bind: it.bind, servers: [] });
    if (isPlaintext(it)) this.plaintext.set(it.port, { key, first: it });
    // a new group takes its route table for itself, from others of the same name, too
    this.byRouteConfig.delete(it.routeConfig);
    this.join(key, it);
  }

  private join(key: string, it: BoundServer): void {
    this.groups.get(key)!.servers.push(it);
    if (it.routeConfig === '') return;
    const sharing = this.byRouteConfig.get(it.routeConfig);
    if (sharing) sharing.push(it);
    else this.byRouteConfig.set(it.routeConfig, [it]);
  }

  private skip(it: BoundServer, winner: BoundServer, because: string, at: Location, rule: string): void {
    this.rejected.push({ name: titleOf(it), because, evidence: [at, winner.server.at], port: it.port, rules: [rule] });
  }
}

/** `server https of Gateway front/edge`, for people. */
export function titleOf(it: BoundServer): string {
  return `server ${it.server.portName || it.server.port.value} of ${it.gateway.title}`;
}

function protocolOf(it: BoundServer): string {
  return it.server.protocol.value;
}

function isPlaintext(it: BoundServer): boolean {
  return it.kind === 'http' || it.kind === 'tcp';
}

function namedBy({ hosts, namespace }: Programs & { by: 'services' }, { service }: ServiceTarget): boolean {
  return hosts.has(service.host) && service.namespace === namespace;
}

/** A server on the ports that it listens on: one, but for Gateways that name Services (GW-4, GW-5). */
function bind(gateway: GatewayObject, server: GatewayServer, targets: readonly ServiceTarget[]): BoundServer[] {
  const { programs } = gateway;
  const fitting = targets.filter((it) => it.port.number === server.port.value);
  if (programs.by === 'services') {
    const own = fitting.filter((it) => namedBy(programs, it));
    const byPort = new Map([...own].reverse().map((it) => [it.targetPort, it]));
    return [...byPort.values()].reverse().map((it) => boundServer(gateway, server, it.targetPort, it.port.at));
  }
  const target = fitting.find((it) => !it.service.labels.has(NO_TRANSLATION));
  return [boundServer(gateway, server, target?.targetPort ?? server.port.value, target?.port.at)];
}

function boundServer(
  gateway: GatewayObject,
  server: GatewayServer,
  port: number,
  translation: Location | undefined,
): BoundServer {
  const kind = kindOf(server);
  const address = server.bind?.value ?? '';
  const suffix = address === '' ? '' : `.${address}`;
  const name = `${server.port.value}.${server.portName}.${gateway.name}.${gateway.namespace}`;
  const routeConfig = kind === 'http' ? `http.${port}${suffix}` : kind === 'https' ? `https.${name}${suffix}` : '';
  return {
    gateway,
    server,
    kind,
    hosts: hostsOf(server, gateway.namespace),
    port,
    bind: address,
    routeConfig,
    translation,
  };
}

/** What a server does with connections, by its protocol and its TLS mode (GW-15). */
export function kindOf({ tls, protocol }: GatewayServer): ServerKind {
  const parsed = parseProtocol(protocol.value);
  if (classOf(parsed) === 'HTTP') return 'http';
  if (!tls) return 'tcp';
  if (tls.mode.value === 'PASSTHROUGH') return 'passthrough';
  if (tls.mode.value === 'AUTO_PASSTHROUGH') return 'auto-passthrough';
  return parsed === 'HTTPS' ? 'https' : 'tls';
}

/** The hosts of a server of a Gateway in some namespace (GW-11). */
export function hostsOf(server: GatewayServer, namespace: string): readonly Sourced<string>[] {
  const everything = server.hosts.find((it) => it.value === '*/*');
  if (everything) return [sourced('*', everything.at)];
  return server.hosts.map((it) => {
    const slash = it.value.indexOf('/');
    const scope = slash < 0 ? '*' : it.value.slice(0, slash);
    const host = it.value.slice(slash + 1);
    if (scope === '*') return sourced(host, it.at);
    return sourced(`${scope === '.' ? namespace : scope}/${host}`, it.at);
  });
}

/** The hosts of a server that VirtualServices of a namespace may bind to, without their namespaces (GW-11). */
export function hostsFor(it: Pick<BoundServer, 'hosts'>, namespace: string): readonly Sourced<string>[] {
  return it.hosts.flatMap((host) => {
    const slash = host.value.indexOf('/');
    if (slash < 0) return [host];
    return host.value.slice(0, slash) === namespace ? [sourced(host.value.slice(slash + 1), host.at)] : [];
  });
}
