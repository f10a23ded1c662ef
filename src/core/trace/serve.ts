import type { MeshPod } from '../mesh/pods.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { Arrival, Reception } from './arrival.js';

/** The server's end of a connection: its iptables, its proxy if it has one, its application (TR-10..12). */
export function serve(_mesh: MeshSnapshot, _pod: MeshPod, arrival: Arrival): Reception {
  const { authority: host, path } = arrival.message;
  return { hops: [], result: { kind: 'answered', status: 200, delaySeconds: 0, host, path } };
}
