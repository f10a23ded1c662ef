import type { Location } from '../base/location.js';
import { gatewayTopologyOf } from '../mesh/gateway-topology.js';
import type { MeshPod } from '../mesh/pods.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import { findCluster } from '../xds/clusters.js';
import type { FilterChain, RouteConfiguration, WeightedCluster } from '../xds/config.js';
import { gatewayRoutes } from '../xds/gateway-routes.js';
import { nameOf, type Proxy } from '../xds/proxy.js';
import type { AppMessage, Arrival, ReceptionResult } from './arrival.js';
import { decision } from './decide.js';
import { packetOf } from './message.js';
import { normalizePath } from './normalize.js';
import type { Decision, Packet, Place, ProxyLog } from './path.js';
import { routeHttp, type RouteContext } from './route.js';
import { checkRequest } from './stages/check-request.js';
import { chooseGatewayChain, chooseGatewayListener, sniOf } from './stages/gateway-listener.js';
import { readRequest } from './stages/read-request.js';
import { takeOffTls } from './stages/take-off-tls.js';

/** A connection at a gateway, as far as its listener and its policies: the hop is finished by whoever goes on from here. */
export interface GatewayVisit {
  readonly proxy: Proxy;
  readonly place: Place;
  readonly decisions: readonly Decision[];
  /** The request as the gateway has it. */
  readonly packet: Packet;
  /** What is known so far of the line in its access log; `undefined` when there is none. */
  readonly log: ProxyLog | undefined;
  readonly next: GatewayNext;
}

type GatewayNext =
  | { readonly kind: 'ended'; readonly result: ReceptionResult }
  /** On to a route configuration. */
  | {
      readonly kind: 'http';
      readonly routes: RouteConfiguration;
      readonly message: AppMessage;
      readonly context: RouteContext;
    }
  /** On to a cluster: the bytes as they came, or what was inside of the TLS that ends here. */
  | {
      readonly kind: 'tcp';
      readonly clusters: readonly WeightedCluster[];
      readonly message: AppMessage;
      readonly tlsTerminated: boolean;
      /** Why a policy closes it at the first bytes, when the connection to the cluster already stands (AZ-11). */
      readonly refused?: string;
    };

/** A connection that reaches a gateway's pod, from outside or from another proxy (GW-27, rows 2 to 7). */
export function visitGateway(mesh: MeshSnapshot, pod: MeshPod, arrival: Arrival): GatewayVisit {
  return new Visit(mesh, pod, arrival).run();
}

const NO_CHAIN = { flags: 'NR', details: 'filter_chain_not_found' } as const;

class Visit {
  private readonly proxy: Proxy;
  private readonly place: Place;
  private readonly decisions: Decision[] = [];
  private log: ProxyLog | undefined;
  private packet: Packet;

  constructor(
    private readonly mesh: MeshSnapshot,
    private readonly pod: MeshPod,
    private readonly arrival: Arrival,
  ) {
    const name = nameOf(pod);
    this.proxy = { type: 'gateway', pod, namespace: pod.namespace, labels: pod.labels, name };
    this.place = { kind: 'gateway', name, pod: name, side: 'middle' };
    const tls = arrival.tls.kind;
    this.packet = packetOf(arrival.message, arrival.sourceIp, `${pod.ip}:${arrival.port}`, {
      tls: tls === 'mesh' ? 'mutual' : tls === 'originated' ? 'simple' : tls,
      ...(arrival.tls.kind === 'mesh' ? { identity: arrival.tls.identity } : {}),
    });
  }

  run(): GatewayVisit {
    const listening = chooseGatewayListener(this.mesh, this.proxy, this.arrival.port);
    this.decisions.push(listening.decision);
    const listener = listening.found;
    if (!listener) return this.end({ kind: 'refused', because: listening.decision.because });
    const { proxyProtocol } = gatewayTopologyOf(this.mesh, this.pod);
    if (proxyProtocol) return this.noProxyHeader(proxyProtocol);
    const sni = sniOf(this.arrival.tls);
    this.log = {
      proxy: this.proxy.name,
      side: 'gateway',
      kind: 'listener',
      listener: listener.name,
      ...(sni === undefined ? {} : { sni }),
      tlsFromClient: false,
      tlsToUpstream: false,
    };
    const chosen = chooseGatewayChain(this.proxy, listener, this.arrival);
    this.decisions.push(chosen.decision);
    const chain = chosen.found;
    if (!chain) {
      this.log = { ...this.log, ...NO_CHAIN };
      return this.end({ kind: 'closed', because: chosen.decision.because, abrupt: true });
    }
    if (chain.tls) {
      const { decision: handshake, failed, encrypted } = takeOffTls(this.proxy, chain, this.arrival.tls);
      this.decisions.push(handshake);
      const { tls } = this.arrival;
      const peer = !failed && tls.kind === 'mesh' ? { peer: tls.identity } : {};
      this.log = { ...this.log, ...peer, tlsFromClient: encrypted };
      if (failed) {
        this.alreadyConnected(chain);
        return this.end(failed);
      }
    }
    return chain.filter.kind === 'http' ? this.http(chain, chain.filter.routeConfig) : this.tcp(chain);
  }

  /** NODE-9: clients do not write such a header, and Envoy closes without a line in its log. */
  private noProxyHeader(at: Location): GatewayVisit {
    const because = 'The gateway wants connections to begin with a PROXY header, and this one does not';
    this.decisions.push(
      decision('accept connection', {
        chose: 'no PROXY header',
        because,
        rules: ['NODE-9'],
        evidence: [at],
        assumptions: [{ text: 'Nothing in front of the gateway adds a PROXY header', at }],
        state: 'broken',
      }),
    );
    return this.end({ kind: 'closed', because });
  }

  /** A TCP proxy turns to its cluster as soon as somebody connects, without waiting for the handshake. */
  private alreadyConnected({ filter }: FilterChain): void {
    if (filter.kind !== 'tcp') return;
    const known = filter.clusters.filter((it) => findCluster(this.mesh, this.proxy, it.cluster).value);
    const [only, second] = known;
    if (second || (only && filter.clusters.length > 1)) return;
    this.log = { ...this.log!, kind: 'tcp', ...(only ? { cluster: only.cluster } : { flags: 'NC' }) };
  }

  /** Bytes go on as they are, or as they were inside of TLS (GW-18, GW-19). */
  private tcp(chain: FilterChain): GatewayVisit {
    const { filter } = chain;
    const tlsTerminated = chain.tls !== undefined;
    const message = tlsTerminated ? this.decrypted() : this.arrival.message;
    this.log = { ...this.log!, kind: 'tcp' };
    const verdict = checkRequest(this.mesh, this.pod, this.policyInput('tcp', message, tlsTerminated));
    this.decisions.push(...verdict.decisions);
    const clusters = filter.kind === 'tcp' ? filter.clusters : [];
    const refused = verdict.denied ? { refused: verdict.denied.because } : {};
    return this.visit({ kind: 'tcp', clusters, message, tlsTerminated, ...refused });
  }

  private http(chain: FilterChain, routeConfig: string): GatewayVisit {
    const terminated = chain.tls !== undefined;
    const sent = terminated ? this.decrypted() : this.arrival.message;
    this.log = { ...this.log!, kind: 'http' };
    const unread = readRequest(chain, this.arrival.tls, sent);
    if (unread) {
      this.decisions.push(unread.decision);
      this.log = unread.log && { ...this.log, ...unread.log };
      return this.end(unread.result);
    }
    const path = normalizePath(sent.path, this.mesh.config.pathNormalization);
    const arrived: AppMessage = { ...sent, path };
    const routes = gatewayRoutes(this.mesh, this.proxy, routeConfig);
    const verdict = checkRequest(this.mesh, this.pod, this.policyInput('http', arrived, terminated));
    this.decisions.push(...verdict.decisions);
    const scheme = this.schemeOf(arrived, terminated);
    if (verdict.denied) {
      this.log = { ...this.log, ...this.routeInLog(routes, verdict.message, { scheme, claims: verdict.claims }) };
      return this.deny(verdict.denied, arrived);
    }
    const { message, claims } = verdict;
    return this.visit({ kind: 'http', routes, message, context: { scheme, claims } });
  }

  private deny(
    denied: { status: number; grpcStatus?: number; flags?: string; details: string; because: string },
    message: AppMessage,
  ): GatewayVisit {
    const { grpcStatus, because, flags, details } = denied;
    const status = grpcStatus === undefined ? denied.status : 200;
    const { authority, path } = message;
    this.log = { ...this.log!, status, authority, path, details, ...(flags ? { flags } : {}) };
    return this.end({ kind: 'replied', status, because, ...(grpcStatus === undefined ? {} : { grpcStatus }) });
  }

  /** Envoy has found the route by the time that policies speak, and its log says so. */
  private routeInLog(routes: RouteConfiguration, message: AppMessage, context: RouteContext): Partial<ProxyLog> {
    const branches = routeHttp(this.mesh, this.proxy, routes, message, context);
    const { route, virtualHost } = branches[0] ?? {};
    if (!route || !virtualHost) return {};
    const { action } = route;
    const cluster =
      action.kind === 'clusters' && action.clusters.length === 1 ? action.clusters[0]!.cluster : undefined;
    return {
      routeConfig: routes.name,
      virtualHost: virtualHost.name,
      ...(route.name === '' ? {} : { route: route.name }),
      ...(cluster === undefined ? {} : { cluster }),
    };
  }

  /** What the request is taken to have come by: a trusted proxy in front may say so (NODE-8, GW-17). */
  private schemeOf(message: AppMessage, terminated: boolean): 'http' | 'https' {
    const said = message.headers['x-forwarded-proto'];
    const { trustedProxies } = gatewayTopologyOf(this.mesh, this.pod);
    if (trustedProxies > 0 && (said === 'http' || said === 'https')) return said;
    return terminated ? 'https' : 'http';
  }

  /** What is inside of the TLS that ends here: of an application's own, HTTP that both sides agree on, or any bytes. */
  private decrypted(): AppMessage {
    const { tls, message } = this.arrival;
    if (tls.kind !== 'own') return message;
    return { ...message, protocol: message.scheme === 'https' ? 'h2' : 'tcp' };
  }

  private policyInput(kind: 'http' | 'tcp', message: AppMessage, terminated: boolean) {
    const { sourceIp, port, tls } = this.arrival;
    const identity = terminated && tls.kind === 'mesh' ? tls.identity : undefined;
    return { kind, message, sourceIp, port, identity, encrypted: terminated, sni: sniOf(tls) };
  }

  private end(result: ReceptionResult): GatewayVisit {
    return this.visit({ kind: 'ended', result });
  }

  private visit(next: GatewayNext): GatewayVisit {
    const { proxy, place, decisions, packet, log } = this;
    return { proxy, place, decisions, packet, log, next };
  }
}
