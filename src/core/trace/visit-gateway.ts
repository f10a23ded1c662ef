import type { Assumption } from '../base/explained.js';
import type { Location } from '../base/location.js';
import { mergedGateways } from '../mesh/gateways.js';
import type { MeshPod } from '../mesh/pods.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import { chainTitle, chooseChain } from '../xds/choose-chain.js';
import type { FilterChain, Listener, RouteConfiguration, WeightedCluster } from '../xds/config.js';
import { gatewayListeners } from '../xds/gateway-listeners.js';
import { gatewayRoutes } from '../xds/gateway-routes.js';
import { nameOf, type Proxy } from '../xds/proxy.js';
import type { AppMessage, Arrival, ArrivalTls, ReceptionResult } from './arrival.js';
import { decision, push } from './decide.js';
import { packetOf } from './message.js';
import { normalizePath } from './normalize.js';
import type { Decision, Packet, Place, ProxyLog } from './path.js';
import { routeHttp, type RouteContext } from './route.js';
import { checkRequest } from './stages/check-request.js';

/** A connection at a gateway, as far as its listener and its policies: the hop is finished by whoever goes on from here. */
export interface GatewayVisit {
  readonly proxy: Proxy;
  readonly place: Place;
  readonly decisions: readonly Decision[];
  /** The request as the gateway has it. */
  readonly packet: Packet;
  /** What is known so far of the line in its access log; `undefined` when nothing listens. */
  readonly log: ProxyLog | undefined;
  readonly next: GatewayNext;
}

export type GatewayNext =
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
    const listener = this.chooseListener();
    if (!listener) return this.end({ kind: 'refused', because: this.decisions.at(-1)!.because });
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
    const chain = this.chooseChain(listener, sni);
    if (!chain) {
      this.log = { ...this.log, ...NO_CHAIN };
      return this.end({ kind: 'closed', because: this.decisions.at(-1)!.because });
    }
    const failed = chain.tls && this.shakeHands(chain);
    if (failed) return this.end(failed);
    return chain.filter.kind === 'http' ? this.http(chain, chain.filter.routeConfig) : this.tcp(chain);
  }

  /** GW-22 */
  private chooseListener(): Listener | undefined {
    const { listeners, absent } = gatewayListeners(this.mesh, this.proxy);
    const { port } = this.arrival;
    const onPort = listeners.filter((it) => it.port === port);
    const found =
      onPort.find((it) => it.address === this.pod.ip) ??
      onPort.find((it) => it.address === '0.0.0.0' || it.address === '::');
    if (found) {
      this.decide('choose listener', {
        chose: `listener ${found.name}`,
        because: `The gateway listens on port ${port}`,
        rules: found.rules,
        evidence: found.evidence,
        rejected: found.rejected,
        assumptions: found.assumptions,
        calls: [push('LDS', this.proxy.name, `listener ${found.name}`)],
      });
      return found;
    }
    const missing = absent.find((it) => it.port === port);
    const elsewhere = onPort[0];
    const { rejected } = mergedGateways(this.mesh, this.pod);
    const because =
      missing?.because ??
      (elsewhere
        ? `the listener of port ${port} is bound to ${elsewhere.address}, which is not the pod's address`
        : `no server of a Gateway that programs this pod is on port ${port}`);
    this.decide('choose listener', {
      chose: `nothing listens on port ${port}`,
      because: `Refused: ${because}`,
      rules: missing?.rules ?? [elsewhere ? 'GW-21' : 'GW-22'],
      evidence: missing?.evidence ?? elsewhere?.evidence ?? rejected.flatMap((it) => it.evidence),
      byDefault: 'a port on which no process listens is refused',
      rejected: missing?.rejected ?? rejected.filter((it) => it.port === undefined || it.port === port),
      state: 'broken',
    });
    return undefined;
  }

  private chooseChain(listener: Listener, sni: string | undefined): FilterChain | undefined {
    const { tls, port, message } = this.arrival;
    const mesh = tls.kind === 'mesh' ? (tls.http ? ['istio-http/1.1', 'istio'] : ['istio']) : [];
    const choice = chooseChain(listener, {
      ip: this.pod.ip,
      port,
      transport: tls.kind === 'none' ? 'raw_buffer' : 'tls',
      sni,
      alpn: tls.kind === 'mesh' ? mesh : [message.protocol === 'h2' ? 'h2' : 'http/1.1'],
    });
    const { chain, rejected } = choice;
    if (!chain) {
      const said =
        tls.kind === 'none' ? 'Plaintext' : sni === undefined ? 'TLS without a server name' : `TLS for ${sni}`;
      this.decide('choose filter chain', {
        chose: 'no filter chain',
        because: `${said} fits no chain of ${listener.name}: Envoy closes the connection`,
        rules: ['META-6', 'GW-14'],
        evidence: [...listener.evidence, ...rejected.flatMap((it) => it.evidence)],
        rejected,
        state: 'broken',
      });
      return undefined;
    }
    const to = chain.filter.kind === 'http' ? `HTTP, route configuration ${chain.filter.routeConfig}` : 'TCP';
    this.decide('choose filter chain', {
      chose: `${chainTitle(chain)} → ${to}`,
      because: chain.match.sni ? `The client asks for ${sni}` : 'This chain takes any server name, and none',
      rules: ['META-6', ...chain.rules],
      evidence: chain.evidence,
      rejected: [...rejected, ...chain.rejected],
      assumptions: chain.assumptions,
      calls: [push('LDS', this.proxy.name, chainTitle(chain))],
    });
    return chain;
  }

  /** GW-15, GW-16; `undefined` when TLS stands. */
  private shakeHands(chain: FilterChain): ReceptionResult | undefined {
    const { tls } = this.arrival;
    const settings = chain.tls!;
    if (tls.kind === 'none') {
      return this.noHandshake(chain, 'The chain wants TLS and the client speaks plaintext', 'closed');
    }
    if (settings.secretMissing !== undefined) {
      return this.noHandshake(chain, `The certificate cannot be loaded: ${settings.secretMissing}`, 'tls-failure');
    }
    if (settings.mode !== 'mesh' && tls.kind === 'mesh') {
      const because = 'The client expects a certificate of the mesh, and the gateway shows another';
      return this.noHandshake(chain, because, 'tls-failure');
    }
    const proves = tls.kind === 'mesh' || (tls.kind === 'originated' && tls.clientCertificate);
    if ((settings.mode === 'mesh' || settings.mode === 'mutual') && !proves) {
      // the client has finished its part by then, as TLS 1.3 has it: Envoy calls the connection encrypted
      this.log = { ...this.log!, tlsFromClient: true };
      return this.noHandshake(chain, 'The gateway asks for a client certificate and gets none', 'closed');
    }
    this.decide('accept connection', {
      chose: `TLS ends here (${settings.mode})`,
      because: proves ? 'Both sides show certificates' : 'The gateway shows its certificate; the client needs none',
      rules: ['GW-15', 'GW-16'],
      evidence: chain.evidence,
      assumptions: clientTrusts(settings.mode, chain.evidence[0]),
      calls: [push('SDS', this.proxy.name, 'certificate and key')],
    });
    this.log = {
      ...this.log!,
      tlsFromClient: true,
      ...(tls.kind === 'mesh' ? { peer: tls.identity } : {}),
    };
    return undefined;
  }

  private noHandshake(chain: FilterChain, because: string, kind: 'closed' | 'tls-failure'): ReceptionResult {
    this.decide('accept connection', {
      chose: 'no handshake',
      because,
      rules: ['GW-15', 'GW-16'],
      evidence: chain.evidence,
      state: 'broken',
    });
    return kind === 'closed' ? { kind, because } : { kind, because, transport: 'TLS_error' };
  }

  /** Bytes go on as they are, or as they were inside of TLS (GW-18, GW-19). */
  private tcp(chain: FilterChain): GatewayVisit {
    const { filter } = chain;
    const tlsTerminated = chain.tls !== undefined;
    const message = tlsTerminated ? decrypted(this.arrival.message) : this.arrival.message;
    this.log = { ...this.log!, kind: 'tcp' };
    const verdict = checkRequest(this.mesh, this.pod, this.policyInput('tcp', message, tlsTerminated));
    this.decisions.push(...verdict.decisions);
    if (verdict.denied) {
      const { because, details, flags } = verdict.denied;
      this.log = { ...this.log, details, ...(flags ? { flags } : {}) };
      return this.end({ kind: 'closed', because });
    }
    const clusters = filter.kind === 'tcp' ? filter.clusters : [];
    return this.visit({ kind: 'tcp', clusters, message, tlsTerminated });
  }

  private http(chain: FilterChain, routeConfig: string): GatewayVisit {
    const terminated = chain.tls !== undefined;
    const sent = terminated ? decrypted(this.arrival.message) : this.arrival.message;
    this.log = { ...this.log!, kind: 'http' };
    if (sent.protocol === 'tcp' || sent.protocol === 'tls' || (this.arrival.tls.kind !== 'none' && !terminated)) {
      return this.notHttp(chain);
    }
    const path = normalizePath(sent.path, this.mesh.config.pathNormalization);
    const arrived: AppMessage = { ...sent, path };
    const routes = gatewayRoutes(this.mesh, this.proxy, routeConfig);
    const verdict = checkRequest(this.mesh, this.pod, this.policyInput('http', arrived, terminated));
    this.decisions.push(...verdict.decisions);
    const scheme = this.schemeOf(arrived, terminated);
    if (verdict.denied) {
      this.log = { ...this.log, ...this.routeInLog(routes, arrived, scheme) };
      return this.deny(verdict.denied, arrived);
    }
    const { message, claims } = verdict;
    return this.visit({ kind: 'http', routes, message, context: { scheme, claims } });
  }

  /** Envoy's HTTP codec meets bytes that are none (GW-7). */
  private notHttp(chain: FilterChain): GatewayVisit {
    const because =
      this.arrival.tls.kind === 'none'
        ? 'The bytes are no HTTP: Envoy answers 400 and closes'
        : 'TLS arrives where plaintext is expected: Envoy answers 400 in clear, which is no TLS to the client';
    this.decide('choose virtual host', {
      chose: 'bytes that are no HTTP',
      because,
      rules: ['GW-7', 'GW-27'],
      evidence: chain.evidence,
      state: 'broken',
    });
    this.log = { ...this.log!, status: 400, flags: 'DPE', details: 'http1.codec_error' };
    return this.end({ kind: 'protocol-error', because });
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
  private routeInLog(
    routes: RouteConfiguration,
    message: AppMessage,
    scheme: RouteContext['scheme'],
  ): Partial<ProxyLog> {
    const branches = routeHttp(this.mesh, this.proxy, routes, message, { scheme });
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
    if (this.mesh.config.numTrustedProxies > 0 && (said === 'http' || said === 'https')) return said;
    return terminated ? 'https' : 'http';
  }

  private policyInput(kind: 'http' | 'tcp', message: AppMessage, terminated: boolean) {
    const { sourceIp, port, tls } = this.arrival;
    const identity = terminated && tls.kind === 'mesh' ? tls.identity : undefined;
    return { kind, message, sourceIp, port, identity, sni: sniOf(tls) };
  }

  private decide(stage: Decision['stage'], parts: Parameters<typeof decision>[1]): void {
    this.decisions.push(decision(stage, parts));
  }

  private end(result: ReceptionResult): GatewayVisit {
    return this.visit({ kind: 'ended', result });
  }

  private visit(next: GatewayNext): GatewayVisit {
    const { proxy, place, decisions, packet, log } = this;
    return { proxy, place, decisions, packet, log, next };
  }
}

function sniOf(tls: ArrivalTls): string | undefined {
  return tls.kind === 'none' ? undefined : tls.sni?.toLowerCase();
}

/** What is inside of an application's own TLS: HTTP that both sides agree on, or any bytes. */
function decrypted(message: AppMessage): AppMessage {
  if (message.protocol !== 'tls') return message;
  return { ...message, protocol: message.scheme === 'https' ? 'h2' : 'tcp' };
}

function clientTrusts(mode: string, at: Location | undefined): readonly Assumption[] {
  if (mode === 'mesh') return [];
  return [{ text: 'The client is taken to trust the certificate', ...(at ? { at } : {}) }];
}
