import type { Location } from '../../base/location.js';
import type { MeshPod } from '../../mesh/pods.js';
import { chooseChain, chainTitle, type ChainChoice } from '../../xds/choose-chain.js';
import type { Listener } from '../../xds/config.js';
import { interceptionMode } from '../../xds/inbound-ports.js';
import { nameOf } from '../../xds/proxy.js';
import type { Arrival } from '../arrival.js';
import { decision, push } from '../decide.js';
import { lookOf } from '../message.js';
import type { Decision } from '../path.js';

/** Whether a pod's iptables hand a connection to its proxy. */
export interface Acceptance {
  readonly captured: boolean;
  readonly decision: Decision;
}

/** Of the agent and of Envoy itself; excluded from capture whatever annotations say (CAP-1). */
const OWN_PORTS = [15020, 15021, 15090];
const HBONE_PORT = 15008;

/** CAP-2: which inbound ports go to 15006. */
export function acceptConnection(pod: MeshPod, port: number): Acceptance {
  if (pod.proxy.value !== 'sidecar')
    return direct('No sidecar stands beside the application', ['INJ-4'], pod.proxy.evidence, pod);
  const mode = pod.template.annotations.get('sidecar.istio.io/interceptionMode');
  if (interceptionMode(pod) === 'NONE')
    return direct('interceptionMode NONE captures nothing', ['CAP-1'], [mode!.at], pod);
  if (port === HBONE_PORT) return direct('15008 is never captured', ['CAP-2'], [], pod);
  const included = pod.template.annotations.get('traffic.sidecar.istio.io/includeInboundPorts');
  const excluded = pod.template.annotations.get('traffic.sidecar.istio.io/excludeInboundPorts');
  if (included && included.value.trim() !== '*') {
    // with a list of its own, excludeInboundPorts has no effect
    if (portsIn(included.value).includes(port)) return capture(`includeInboundPorts names ${port}`, [included.at]);
    return direct(`includeInboundPorts does not name ${port}`, ['CAP-1', 'CAP-2'], [included.at], pod);
  }
  if (OWN_PORTS.includes(port)) return direct(`${port} belongs to the sidecar itself`, ['CAP-1'], [], pod);
  if (excluded && portsIn(excluded.value).includes(port)) {
    return direct(`excludeInboundPorts names ${port}`, ['CAP-2', 'CAP-7'], [excluded.at], pod);
  }
  return capture('All inbound TCP ports are captured', []);
}

function portsIn(list: string): number[] {
  return list.split(',').map((it) => Number(it.trim()));
}

function capture(because: string, evidence: readonly Location[]): Acceptance {
  const made = decision('accept connection', {
    chose: 'Envoy, port 15006',
    because,
    rules: ['CAP-2'],
    evidence,
    ...(evidence.length > 0 ? {} : { byDefault: 'includeInboundPorts is *' }),
    effects: [],
  });
  return { captured: true, decision: made };
}

function direct(because: string, rules: readonly string[], evidence: readonly Location[], pod: MeshPod): Acceptance {
  const made = decision('accept connection', {
    chose: 'the application',
    because,
    rules,
    evidence,
    ...(evidence.length > 0 ? {} : { byDefault: because }),
    assumptions: pod.proxy.assumptions,
  });
  return { captured: false, decision: made };
}

export interface InboundChoice extends ChainChoice {
  readonly decision: Decision;
  /** What the listener read of the ClientHello; nothing where it does not look for TLS. */
  readonly sni: string | undefined;
  /** Whether it waits for the first bytes before it does anything. */
  readonly peeks: boolean;
}

/** The chain of an inbound listener that takes a connection, and the decision as such (IN-4, LIS-12). */
export function chooseInboundChain(pod: MeshPod, listener: Listener, arrival: Arrival): InboundChoice {
  const look = inboundLook(listener, arrival);
  const choice = chooseChain(listener, { ip: pod.ip, ...look });
  const { chain, rejected } = choice;
  const calls = [push('LDS', nameOf(pod), `listener ${listener.name}`)];
  if (chain) {
    const made = decision('choose filter chain', {
      chose: chainTitle(chain),
      because: `Port ${arrival.port}, ${seen(look.transport, arrival)}`,
      rules: [...chain.rules, 'LIS-12'],
      evidence: chain.evidence,
      ...(chain.evidence.length > 0
        ? {}
        : { byDefault: 'ports that no Service names pass through (IN-3), PERMISSIVE' }),
      rejected: [...chain.rejected, ...rejected.filter((it) => it.evidence.length > 0)],
      assumptions: [...chain.assumptions, ...listener.assumptions],
      calls,
    });
    return { ...choice, decision: made, sni: look.sni, peeks: look.peeks };
  }
  const own = listener.chains.filter((it) => it.match.port === arrival.port);
  const nearest = own.length > 0 ? own : listener.chains.filter((it) => it.match.port === undefined);
  const made = decision('choose filter chain', {
    chose: 'no filter chain: connection closed',
    because: `No chain for port ${arrival.port} takes ${seen(look.transport, arrival)}`,
    rules: ['IN-4', 'IN-6', 'LIS-12'],
    evidence: nearest.flatMap((it) => it.evidence),
    ...(nearest.some((it) => it.evidence.length > 0) ? {} : { byDefault: 'passthrough chains (IN-3)' }),
    rejected: rejected.filter((it) => it.evidence.length > 0),
    calls,
    state: 'broken',
  });
  return { ...choice, decision: made, sni: look.sni, peeks: look.peeks };
}

/**
 * What the listener can tell of the first bytes. It looks for TLS and for HTTP only on ports where some chain asks for it; elsewhere
 * everything counts as plain bytes.
 */
function inboundLook(listener: Listener, { tls, message, port }: Arrival) {
  const own = listener.chains.filter((it) => it.match.port === port);
  const looking = own.length > 0 ? own : listener.chains.filter((it) => it.match.port === undefined);
  const forTls = looking.some((it) => it.match.transport === 'tls');
  const forHttp = looking.some((it) => it.match.alpn?.includes('http/1.1'));
  const plain = lookOf(message);
  const peeks = forTls || forHttp;
  const transport =
    forTls && (tls.kind !== 'none' || plain.transport === 'tls') ? ('tls' as const) : ('raw_buffer' as const);
  if (transport === 'raw_buffer') {
    const readable = tls.kind === 'none' && plain.transport === 'raw_buffer';
    return { port, transport, peeks, sni: undefined, alpn: forHttp && readable ? plain.alpn : [] };
  }
  return { port, transport, peeks, sni: sniOf(tls) ?? plain.sni, alpn: alpnOf(tls) };
}

function sniOf(tls: Arrival['tls']): string | undefined {
  return tls.kind === 'none' ? undefined : tls.sni;
}

function alpnOf(tls: Arrival['tls']): readonly string[] {
  if (tls.kind !== 'mesh') return ['h2', 'http/1.1'];
  return tls.http ? ['istio-http/1.1', 'istio'] : ['istio-peer-exchange', 'istio'];
}

function seen(transport: 'tls' | 'raw_buffer', { tls, message }: Arrival): string {
  if (transport === 'tls') return tls.kind === 'mesh' ? 'mesh TLS' : `TLS without the mesh's ALPN`;
  if (tls.kind !== 'none' || message.protocol === 'tls') return 'bytes (TLS is not looked for here)';
  return message.protocol === 'tcp' ? 'plain bytes' : 'plaintext HTTP';
}
