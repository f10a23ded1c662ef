import type { MeshPod } from '../mesh/pods.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { FilterChain, HttpManager, Listener, TcpProxy } from '../xds/config.js';
import { boundListener, inboundListener, ingressEndpoint } from '../xds/inbound.js';
import { nameOf } from '../xds/proxy.js';
import type { AppMessage, Arrival, Reception, ReceptionResult } from './arrival.js';
import { decision } from './decide.js';
import { localReply } from './local-reply.js';
import { packetOf } from './message.js';
import { normalizePath } from './normalize.js';
import type { Decision, Hop, Packet, Place, ProxyLog } from './path.js';
import { acceptConnection, chooseInboundChain } from './stages/accept-connection.js';
import { authenticatePeer } from './stages/authenticate-peer.js';
import { checkRequest } from './stages/check-request.js';
import { reachApplication, type AppConnection } from './stages/reach-application.js';

/**
 * The server's end of a connection: its iptables, its proxy if it has one, its application (TR-10..12). Layers in the order of
 * AZ-15; a connection that would fail several shows the first.
 */
export function serve(mesh: MeshSnapshot, pod: MeshPod, arrival: Arrival): Reception {
  const { captured, decision: accepting } = acceptConnection(pod, arrival.port);
  const packet = packetAt(arrival, arrival.sourceIp, `${pod.ip}:${arrival.port}`);
  const iptables: Hop[] =
    pod.proxy.value === 'none' ? [] : [{ place: placeOf('iptables', pod), decisions: [accepting], packet }];
  const listener = captured ? inboundListener(mesh, pod) : listenerWithoutCapture(mesh, pod, arrival.port);
  if (!listener) return straightToApplication(mesh, pod, arrival, iptables, accepting);
  const { hops, result } = new InboundConnection(mesh, pod, arrival, listener).serve();
  return { hops: [...iptables, ...hops], result };
}

/** A port that the proxy itself opens is served by it, captured or not (LIS-16). */
function listenerWithoutCapture(mesh: MeshSnapshot, pod: MeshPod, port: number): Listener | undefined {
  return pod.proxy.value === 'sidecar' ? boundListener(mesh, pod, port) : undefined;
}

function straightToApplication(
  mesh: MeshSnapshot,
  pod: MeshPod,
  arrival: Arrival,
  before: readonly Hop[],
  accepting: Decision,
): Reception {
  const reached = reachApplication(mesh, pod, {
    port: arrival.port,
    tls: encryption(arrival),
    message: arrival.message,
    attempt: arrival.attempt ?? 1,
    sourceIp: arrival.sourceIp,
    evidence: [],
  });
  const hop = before.length > 0 ? reached.hop : { ...reached.hop, decisions: [accepting, ...reached.hop.decisions] };
  return { hops: [...before, hop], result: reached.result };
}

/** Who encrypted the bytes that arrive. */
function encryption({ tls, message }: Arrival): AppConnection['tls'] {
  return tls.kind === 'none' ? (message.protocol === 'tls' ? 'own' : 'none') : tls.kind;
}

/** One connection in the hands of the server's Envoy. */
class InboundConnection {
  private readonly decisions: Decision[] = [];
  private readonly proxy: string;

  constructor(
    private readonly mesh: MeshSnapshot,
    private readonly pod: MeshPod,
    private readonly arrival: Arrival,
    private readonly listener: Listener,
  ) {
    this.proxy = nameOf(pod);
  }

  serve(): Reception {
    const { mesh, pod, arrival, listener } = this;
    const choice = chooseInboundChain(pod, listener, arrival);
    this.decisions.push(choice.decision);
    const { chain } = choice;
    if (!chain) return this.noChain(choice.decision.because);
    const peer = authenticatePeer(mesh, pod, chain, arrival);
    this.decisions.push(peer.decision);
    if (peer.failed) return this.handshakeRefused(chain, peer.decision.because);
    switch (chain.filter.kind) {
      case 'blackhole':
        return this.blackHole(chain);
      case 'http':
        return this.readRequest(chain, chain.filter, peer.identity);
      case 'tcp':
        return this.carryBytes(chain, chain.filter, peer.identity);
    }
  }

  /** IN-4: the connection is closed at once. */
  private noChain(because: string): Reception {
    const log: ProxyLog = {
      ...this.log('listener'),
      flags: 'NR',
      details: 'filter_chain_not_found',
      tlsFromClient: false,
    };
    const { kind } = this.arrival.tls;
    if (kind === 'none' || kind === 'own') return this.end(log, { kind: 'closed', because });
    return this.end(log, {
      kind: 'tls-failure',
      transport: 'TLS_error:|33554536:system_library:OPENSSL_internal:Connection_reset_by_peer',
      because,
    });
  }

  private handshakeRefused(chain: FilterChain, because: string): Reception {
    return this.end({ ...this.log('listener', chain), tlsFromClient: true }, { kind: 'closed', because });
  }

  private blackHole(chain: FilterChain): Reception {
    const because = 'A connection to 15006 itself leads nowhere';
    return this.end(
      { ...this.log('tcp', chain), cluster: 'BlackHoleCluster', flags: 'UH' },
      { kind: 'closed', because },
    );
  }

  private readRequest(chain: FilterChain, manager: HttpManager, identity: string | undefined): Reception {
    const { mesh, pod, arrival } = this;
    const sent = arrival.message;
    if (!isReadable(chain, arrival)) return this.codecError(chain, identity);
    const message = { ...sent, path: normalizePath(sent.path, mesh.config.pathNormalization) };
    const host = manager.inline!.virtualHosts[0]!;
    const route = host.routes[0]!;
    const cluster =
      chain.filter.kind === 'http' && route.action.kind === 'clusters' ? route.action.clusters[0]!.cluster : '';
    const log: ProxyLog = {
      ...this.log('http', chain, identity),
      routeConfig: manager.routeConfig,
      virtualHost: host.name,
      route: route.name,
      cluster,
      authority: message.authority,
      path: message.path,
    };
    const verdict = checkRequest(mesh, pod, {
      kind: 'http',
      message,
      sourceIp: arrival.sourceIp,
      port: arrival.port,
      identity,
      sni: sniOf(arrival),
    });
    this.decisions.push(...verdict.decisions);
    if (verdict.denied) {
      const { status, grpcStatus, details, flags, because } = verdict.denied;
      const reply = { status, ...(grpcStatus === undefined ? {} : { grpcStatus }) };
      return this.end({ ...log, status, details, ...(flags ? { flags } : {}) }, { kind: 'replied', ...reply, because });
    }
    this.decisions.push(
      decision('match route', {
        chose: route.title,
        because: 'Inbound every request takes the one route',
        rules: ['IN-10'],
        evidence: route.evidence,
        ...(route.evidence.length > 0 ? {} : { byDefault: 'the passthrough cluster' }),
      }),
    );
    return this.toApplication(verdict.message, log, 'http', route.retries.attempts > 0);
  }

  /** IN-7: bytes that are no HTTP, on a chain that reads HTTP. */
  private codecError(chain: FilterChain, identity: string | undefined): Reception {
    const { kind } = this.arrival.tls;
    const because = 'The port is HTTP, and what arrives is not';
    this.decisions.push(
      decision('match route', { chose: '400', because, rules: ['IN-7'], evidence: chain.evidence, state: 'broken' }),
    );
    const log: ProxyLog = {
      ...this.log('http', chain, identity),
      status: 400,
      flags: 'DPE',
      details: 'http1.codec_error',
    };
    if (kind === 'none' || kind === 'own' || chain.tls) return this.end(log, { kind: 'protocol-error', because });
    const transport = 'TLS_error:|268435703:SSL_routines:OPENSSL_internal:WRONG_VERSION_NUMBER';
    return this.end(log, { kind: 'tls-failure', transport, because });
  }

  private carryBytes(chain: FilterChain, filter: TcpProxy, identity: string | undefined): Reception {
    const { mesh, pod, arrival } = this;
    const log: ProxyLog = { ...this.log('tcp', chain, identity), cluster: filter.clusters[0]!.cluster };
    const verdict = checkRequest(mesh, pod, {
      kind: 'tcp',
      message: arrival.message,
      sourceIp: arrival.sourceIp,
      port: arrival.port,
      identity,
      sni: sniOf(arrival),
    });
    this.decisions.push(...verdict.decisions);
    if (verdict.denied) return this.end(log, { kind: 'closed', because: verdict.denied.because });
    return this.toApplication(arrival.message, log, 'tcp', false, chain);
  }

  /** IN-8, IN-9 */
  private toApplication(
    message: AppMessage,
    log: ProxyLog,
    kind: 'http' | 'tcp',
    retried: boolean,
    chain?: FilterChain,
  ): Reception {
    const { mesh, pod, arrival } = this;
    const led = ingressEndpoint(mesh, pod, arrival.port);
    const port = led ? Number(/:(\d+)$/.exec(led.text)?.[1] ?? arrival.port) : arrival.port;
    const localhost = led ? led.text.startsWith('127.') : mesh.config.inboundTrafficPolicyLocalhost;
    const sourceIp = localhost ? '127.0.0.1' : '127.0.0.6';
    const tls = message.protocol === 'tls' ? 'own' : chain && !chain.tls ? encryption(arrival) : 'none';
    const { hop, result } = reachApplication(mesh, pod, {
      port,
      tls,
      message,
      attempt: arrival.attempt ?? 1,
      sourceIp,
      evidence: led ? [led.at] : [],
    });
    const packet = packetOf(message, sourceIp, `${localhost ? '127.0.0.1' : pod.ip}:${port}`);
    const finish = (more: Partial<ProxyLog>, seen: ReceptionResult): Reception => ({
      hops: [this.hop({ ...log, ...more }, packet), hop],
      result: seen.kind === 'answered' && port !== arrival.port ? { ...seen, port } : seen,
    });
    if (kind === 'tcp') {
      if (result.kind !== 'refused') return finish({}, result);
      return finish({ flags: 'UF,URX' }, { kind: 'closed', because: result.because });
    }
    switch (result.kind) {
      case 'answered':
      case 'replied':
        return finish({ status: result.status, details: 'via_upstream' }, result);
      case 'refused': {
        const details =
          'upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused}';
        const reply = localReply(503, message);
        return finish(
          { status: reply.status, flags: retried ? 'UF,URX' : 'UF', details },
          { kind: 'replied', ...reply, because: result.because },
        );
      }
      case 'closed': {
        const details = 'upstream_reset_before_response_started{connection_termination}';
        const reply = localReply(503, message);
        return finish(
          { status: reply.status, flags: 'UC', details },
          { kind: 'replied', ...reply, because: result.because },
        );
      }
      case 'tls-failure':
      case 'protocol-error':
        return finish({}, result);
    }
  }

  private log(kind: ProxyLog['kind'], chain?: FilterChain, identity?: string): ProxyLog {
    const sni = sniOf(this.arrival);
    return {
      proxy: this.proxy,
      side: 'inbound',
      kind,
      listener: this.listener.name,
      ...(chain?.name ? { filterChain: chain.name } : {}),
      ...(sni === undefined ? {} : { sni }),
      ...(identity === undefined ? {} : { peer: identity }),
      tlsFromClient: chain?.tls !== undefined,
      tlsToUpstream: false,
    };
  }

  private end(log: ProxyLog, result: ReceptionResult): Reception {
    const { arrival, pod } = this;
    return { hops: [this.hop(log, packetAt(arrival, arrival.sourceIp, `${pod.ip}:${arrival.port}`))], result };
  }

  private hop(proxy: ProxyLog, packet: Packet): Hop {
    return { place: placeOf('sidecar', this.pod), decisions: this.decisions, packet, proxy };
  }
}

/** Whether the bytes inside are HTTP that the chain can read. */
function isReadable(chain: FilterChain, { tls, message }: Arrival): boolean {
  if (!chain.tls && tls.kind !== 'none') return false;
  return message.protocol !== 'tcp' && message.protocol !== 'tls';
}

function sniOf({ tls, message }: Arrival): string | undefined {
  return tls.kind === 'none' ? (message.protocol === 'tls' ? message.sni : undefined) : tls.sni;
}

function placeOf(kind: 'iptables' | 'sidecar', pod: MeshPod): Place {
  return { kind, name: nameOf(pod), pod: nameOf(pod), side: 'server' };
}

function packetAt(arrival: Arrival, source: string, destination: string): Packet {
  const { tls, message } = arrival;
  const sni = sniOf(arrival);
  const kinds = {
    none: message.protocol === 'tls' ? 'own' : 'none',
    mesh: 'mutual',
    originated: 'simple',
    own: 'own',
  } as const;
  return packetOf(message, source, destination, {
    tls: kinds[tls.kind],
    ...(sni === undefined ? {} : { sni }),
    ...(tls.kind === 'mesh' ? { identity: tls.identity } : {}),
  });
}
