import type { MeshPod } from '../mesh/pods.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import { boundListener, inboundListener } from '../xds/inbound.js';
import type { Arrival, Reception } from './arrival.js';
import { InboundConnection } from './inbound-connection.js';
import { encryption, packetAt, serverPlace } from './inbound-packet.js';
import type { Decision, Hop } from './path.js';
import { acceptConnection } from './stages/accept-connection.js';
import { reachApplication } from './stages/reach-application.js';

/**
 * The server's end of a connection: its iptables, its proxy if it has one, its application (TR-10..12). Layers in the order of
 * AZ-15; a connection that would fail several shows the first.
 */
export function serve(mesh: MeshSnapshot, pod: MeshPod, arrival: Arrival): Reception {
  const { captured, decision } = acceptConnection(pod, arrival.port);
  const packet = packetAt(arrival, arrival.sourceIp, `${pod.ip}:${arrival.port}`);
  const iptables: Hop[] =
    pod.proxy.value === 'none' ? [] : [{ place: serverPlace('iptables', pod), decisions: [decision], packet }];
  // a port that the proxy itself opens is served by it, captured or not (LIS-16)
  const opened = pod.proxy.value === 'sidecar' ? boundListener(mesh, pod, arrival.port) : undefined;
  const listener = captured ? inboundListener(mesh, pod) : opened;
  if (!listener) return straightToApplication(mesh, pod, arrival, iptables, decision);
  const { hops, result } = new InboundConnection(mesh, pod, arrival, listener).serve();
  return { hops: [...iptables, ...hops], result };
}

function straightToApplication(
  mesh: MeshSnapshot,
  pod: MeshPod,
  arrival: Arrival,
  before: readonly Hop[],
  accepting: Decision,
): Reception {
  const { hop, result } = reachApplication(mesh, pod, {
    port: arrival.port,
    tls: encryption(arrival),
    message: arrival.message,
    attempt: arrival.attempt ?? 1,
    sourceIp: arrival.sourceIp,
    evidence: [],
  });
  const told = before.length > 0 ? hop : { ...hop, decisions: [accepting, ...hop.decisions] };
  return { hops: [...before, told], result };
}
