import type { MeshPod } from '../mesh/pods.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import { INBOUND_PASSTHROUGH_CLUSTER } from '../xds/cluster-names.js';
import type { FilterChain, HttpManager, Listener, TcpProxy } from '../xds/config.js';
import { boundListener } from '../xds/inbound.js';
import { nameOf } from '../xds/proxy.js';
import type { AppMessage, Arrival, Reception, ReceptionResult } from './arrival.js';
import { decision } from './decide.js';
import { encryption, packetAt, serverPlace } from './inbound-packet.js';
import { asSeen, RESET, sendToApplication, type InboundReply, type InboundSend } from './inbound-upstream.js';
import { normalizePath } from './normalize.js';
import type { Decision, Packet, ProxyLog } from './path.js';
import { chooseInboundChain } from './stages/accept-connection.js';
import { authenticatePeer } from './stages/authenticate-peer.js';
import { checkRequest, type PolicyVerdict } from './stages/check-request.js';
import { readRequest } from './stages/read-request.js';

/** One connection in the hands of the server's Envoy: chain, handshake, policies, application. */
export class InboundConnection {
  private readonly decisions: Decision[] = [];
  private readonly proxy: string;
  private sni: string | undefined;
  private peeks = false;
  private identity: string | undefined;

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
    this.sni = choice.sni;
    this.peeks = choice.peeks;
    const { chain } = choice;
    if (!chain) return this.noChain(choice.decision.because);
    const peer = authenticatePeer(mesh, pod, chain, arrival);
    this.decisions.push(peer.decision);
    this.identity = peer.identity;
    if (peer.failed) return this.handshakeRefused(chain, peer.decision.because);
    const { filter } = chain;
    if (filter.kind === 'http') return this.serveRequest(chain, filter);
    if (filter.kind === 'tcp') return this.carryBytes(chain, filter);
    const because = 'A connection to 15006 itself leads nowhere';
    return this.end(
      { ...this.log('tcp', chain), cluster: 'BlackHoleCluster', flags: 'UH' },
      { kind: 'closed', because },
    );
  }

  /** IN-4: the connection is closed at once. */
  private noChain(because: string): Reception {
    const log: ProxyLog = { ...this.log('listener'), flags: 'NR', details: 'filter_chain_not_found' };
    return this.end(
      log,
      this.clientShakesHands()
        ? { kind: 'tls-failure', transport: RESET, because }
        : { kind: 'closed', because, abrupt: true },
    );
  }

  /** A TCP proxy has found its cluster before it learns that the handshake failed. */
  private handshakeRefused(chain: FilterChain, because: string): Reception {
    const { filter } = chain;
    if (filter.kind !== 'tcp') return this.end(this.log('listener', chain), { kind: 'closed', because });
    const send = this.bytesOf(chain, filter);
    const log = { ...this.log('tcp', chain), cluster: send.cluster, ...this.lostEarlier(send) };
    return this.end(log, { kind: 'closed', because });
  }

  private serveRequest(chain: FilterChain, manager: HttpManager): Reception {
    const { mesh, arrival } = this;
    const sent = arrival.message;
    const unread = readRequest(chain, arrival.tls, sent);
    if (unread) {
      this.decisions.push(unread.decision);
      return this.end({ ...this.log('http', chain), ...unread.log }, unread.result);
    }
    const message = { ...sent, path: normalizePath(sent.path, mesh.config.pathNormalization) };
    const host = manager.inline!.virtualHosts[0]!;
    const route = host.routes[0]!;
    const cluster = manager.routeConfig;
    const log: ProxyLog = {
      ...this.log('http', chain),
      routeConfig: manager.routeConfig,
      virtualHost: host.name,
      route: route.name,
      cluster,
      authority: message.authority,
      path: message.path,
    };
    const verdict = this.check('http', message);
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
        byDefault: 'one route for all requests; VirtualServices do not act here',
      }),
    );
    const retried = route.retries.attempts > 0;
    return this.sendOn(log, { kind: 'http', cluster, message: verdict.message, tls: 'none', retried });
  }

  private carryBytes(chain: FilterChain, filter: TcpProxy): Reception {
    const send = this.bytesOf(chain, filter);
    const log: ProxyLog = { ...this.log('tcp', chain), cluster: send.cluster };
    const verdict = this.check('tcp', send.message);
    // what was peeked at is lost when the application is not there, unless it was inside of TLS
    const loses = this.peeks && !chain.tls;
    if (!verdict.denied) {
      const { hops, result } = this.sendOn(log, send);
      return { hops, result: result.kind === 'closed' && loses ? { ...result, abrupt: true } : result };
    }
    const early = this.lostEarlier(send);
    const { because } = verdict.denied;
    const result = { kind: 'closed', because, ...(early.flags && loses ? { abrupt: true as const } : {}) } as const;
    return this.end({ ...log, ...early }, result);
  }

  private bytesOf(chain: FilterChain, filter: TcpProxy): InboundSend {
    const { message } = this.arrival;
    const tls = chain.tls ? (message.protocol === 'tls' ? 'own' : 'none') : encryption(this.arrival);
    return { kind: 'tcp', cluster: filter.clusters[0]!.cluster, message, tls, retried: false };
  }

  /** The application is called before handshakes end and first bytes are judged (AZ-11): if it is not there, that shows first. */
  private lostEarlier(send: InboundSend): Pick<ProxyLog, 'flags'> {
    const { flags } = sendToApplication(this.mesh, this.pod, this.arrival, send).log;
    return flags ? { flags } : {};
  }

  private check(kind: 'http' | 'tcp', message: AppMessage): PolicyVerdict {
    const { mesh, pod, arrival, identity, sni } = this;
    const { sourceIp, port, tls } = arrival;
    // a proxy that reads requests has said `http` itself before it put TLS around
    const encrypted = identity !== undefined && !(tls.kind === 'mesh' && tls.http);
    const verdict = checkRequest(mesh, pod, { kind, message, sourceIp, port, identity, encrypted, sni });
    this.decisions.push(...verdict.decisions);
    return verdict;
  }

  private sendOn(log: ProxyLog, send: InboundSend): Reception {
    const reply = this.backToEnvoy(send) ?? sendToApplication(this.mesh, this.pod, this.arrival, send);
    const { hops, result } = this.end({ ...log, ...reply.log }, reply.result, reply.packet);
    return { hops: [...hops, ...reply.hops], result };
  }

  /** A port that Envoy itself opens: what passes through comes back to it, past iptables (IN-5, CAP-3). */
  private backToEnvoy(send: InboundSend): InboundReply | undefined {
    const { mesh, pod, arrival } = this;
    if (send.cluster !== INBOUND_PASSTHROUGH_CLUSTER) return undefined;
    const opened = boundListener(mesh, pod, arrival.port);
    if (!opened) return undefined;
    const tls = send.tls === 'none' ? ({ kind: 'none' } as const) : arrival.tls;
    const again: Arrival = { ...arrival, sourceIp: '127.0.0.6', message: send.message, tls };
    const { hops, result } = new InboundConnection(mesh, pod, again, opened).serve();
    const packet = packetAt(again, again.sourceIp, `${pod.ip}:${arrival.port}`);
    return { packet, hops, ...asSeen(send, result) };
  }

  /** Whether the dialing proxy itself speaks the TLS that arrives, and not its application. */
  private clientShakesHands(): boolean {
    const { kind } = this.arrival.tls;
    return kind === 'mesh' || kind === 'originated';
  }

  private log(kind: ProxyLog['kind'], chain?: FilterChain): ProxyLog {
    const { proxy, listener, sni, identity } = this;
    return {
      proxy,
      side: 'inbound',
      kind,
      listener: listener.name,
      ...(chain?.name ? { filterChain: chain.name } : {}),
      ...(sni === undefined ? {} : { sni }),
      ...(identity === undefined ? {} : { peer: identity }),
      tlsFromClient: chain?.tls !== undefined,
      tlsToUpstream: false,
    };
  }

  /** A connection whose handshake failed at the client never became a request: no log line tells of it (OBS-3). */
  private end(proxy: ProxyLog, result: ReceptionResult, packet?: Packet): Reception {
    const { arrival, pod, decisions } = this;
    const leaving = packet ?? packetAt(arrival, arrival.sourceIp, `${pod.ip}:${arrival.port}`);
    const hop = { place: serverPlace('sidecar', pod), decisions, packet: leaving };
    return { hops: [result.kind === 'tls-failure' ? hop : { ...hop, proxy }], result };
  }
}
