import type { MeshPod } from '../mesh/pods.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import { INBOUND_PASSTHROUGH_CLUSTER } from '../xds/cluster-names.js';
import { inboundHttp, ingressEndpoint } from '../xds/inbound-ports.js';
import type { AppMessage, Arrival, ReceptionResult } from './arrival.js';
import { localReply } from './local-reply.js';
import { packetOf } from './message.js';
import type { Hop, Packet, ProxyLog } from './path.js';
import { isHttp2, reachApplication, type AppConnection } from './stages/reach-application.js';

/** In the words of the dialing side's TLS. */
export const RESET = 'TLS_error:|33554536:system_library:OPENSSL_internal:Connection_reset_by_peer';

/** What the server's Envoy sends on to its application. */
export interface InboundSend {
  readonly kind: 'http' | 'tcp';
  readonly cluster: string;
  readonly message: AppMessage;
  /** Who encrypted what goes on. */
  readonly tls: AppConnection['tls'];
  /** The route tries again when the application resets before the request (IN-10). */
  readonly retried: boolean;
}

export interface InboundReply {
  readonly packet: Packet;
  readonly hops: readonly Hop[];
  /** For the proxy's own log. */
  readonly log: Partial<ProxyLog>;
  readonly result: ReceptionResult;
}

/** From the server's Envoy to its application, on the pod's own address or where Sidecar ingress leads (IN-5, IN-8). */
export function sendToApplication(mesh: MeshSnapshot, pod: MeshPod, arrival: Arrival, send: InboundSend): InboundReply {
  const { cluster, message, tls } = send;
  const passthrough = cluster === INBOUND_PASSTHROUGH_CLUSTER;
  const led = passthrough ? undefined : ingressEndpoint(mesh, pod, arrival.port);
  const port = led ? Number(/:(\d+)$/.exec(led.text)?.[1] ?? arrival.port) : arrival.port;
  const localhost = led ? led.text.startsWith('127.') : mesh.config.inboundTrafficPolicyLocalhost;
  const sourceIp = localhost ? '127.0.0.1' : '127.0.0.6';
  const spoken = inboundHttp(mesh, pod, arrival.port);
  const http2 =
    isHttp2(message) && (send.kind === 'tcp' || spoken === 'client')
      ? true
      : send.kind === 'http' && spoken === 'HTTP/2';
  const packet = packetOf(message, sourceIp, `${localhost ? '127.0.0.1' : pod.ip}:${port}`);
  const { hop, result } = reachApplication(mesh, pod, {
    port,
    tls,
    http2,
    message,
    attempt: arrival.attempt ?? 1,
    sourceIp,
    evidence: led ? [led.at] : [],
  });
  const named = result.kind === 'answered' && port !== arrival.port ? { ...result, port } : result;
  return { packet, hops: [hop], ...asSeen(send, named) };
}

/** IN-9: what Envoy makes of an upstream that does not answer. */
export function asSeen(
  { kind, retried, message, tls }: InboundSend,
  result: ReceptionResult,
): Pick<InboundReply, 'log' | 'result'> {
  const lost = result.kind === 'refused' || result.kind === 'closed';
  if (kind === 'tcp') {
    if (!lost) return { log: {}, result };
    const { because } = result;
    const log = { flags: 'UF,URX' };
    // a proxy's handshake that was to pass through breaks off in the middle
    if (tls === 'mesh' || tls === 'originated')
      return { log, result: { kind: 'tls-failure', transport: RESET, because } };
    return { log, result: { kind: 'closed', because } };
  }
  if (result.kind === 'answered' || result.kind === 'replied') {
    return { log: { status: result.status, details: 'via_upstream' }, result };
  }
  if (!lost) return unreadable(message, result);
  const reply = localReply(503, message);
  const refused = result.kind === 'refused';
  const reason = refused
    ? 'remote_connection_failure|delayed_connect_error:_Connection_refused'
    : 'connection_termination';
  const log = {
    status: reply.status,
    flags: refused ? (retried ? 'UF,URX' : 'UF') : 'UC',
    details: `upstream_reset_before_response_started{${reason}}`,
  };
  return { log, result: { kind: 'replied', ...reply, because: result.because } };
}

/** FAIL-10: the answer is no HTTP/2. */
function unreadable(message: AppMessage, result: ReceptionResult): Pick<InboundReply, 'log' | 'result'> {
  if (result.kind !== 'protocol-error') return { log: {}, result };
  const reply = localReply(502, message);
  const details = 'upstream_reset_before_response_started{protocol_error}';
  return {
    log: { status: reply.status, flags: 'UPE', details },
    result: { kind: 'replied', ...reply, because: result.because },
  };
}
