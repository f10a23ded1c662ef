import type { MeshPod } from '../mesh/pods.js';
import { nameOf } from '../xds/proxy.js';
import type { Arrival } from './arrival.js';
import { packetOf } from './message.js';
import type { Packet, Place } from './path.js';

/** Who encrypted the bytes of an arrival, if anyone. */
export function encryption({ tls, message }: Arrival): Arrival['tls']['kind'] {
  return tls.kind === 'none' ? (message.protocol === 'tls' ? 'own' : 'none') : tls.kind;
}

/** The name that the arrival's outermost TLS carries. */
export function sniOf({ tls, message }: Arrival): string | undefined {
  return tls.kind === 'none' ? (message.protocol === 'tls' ? message.sni : undefined) : tls.sni;
}

/** The packet of an arrival, as it comes in. */
export function packetAt(arrival: Arrival, source: string, destination: string): Packet {
  const { tls, message } = arrival;
  const sni = sniOf(arrival);
  const words = { none: 'none', mesh: 'mutual', originated: 'simple', own: 'own' } as const;
  return packetOf(message, source, destination, {
    tls: words[encryption(arrival)],
    ...(sni === undefined ? {} : { sni }),
    ...(tls.kind === 'mesh' ? { identity: tls.identity } : {}),
  });
}

export function serverPlace(kind: 'iptables' | 'sidecar' | 'app', pod: MeshPod): Place {
  return { kind, name: nameOf(pod), pod: nameOf(pod), side: 'server' };
}
