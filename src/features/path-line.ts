import type { Hop, Path } from '../core/trace/path.js';
import { unreachable } from '../core/base/unreachable.js';
import { clusterTitle } from './cluster-name.js';
import { clusterOfHop } from './hop-cluster.js';
import { describeOutcome, MARKS } from './outcome-text.js';

/** A path's places in one line: `DNS`, `iptables`, `Envoy(9080 → reviews)`, `mTLS`, `Envoy(inbound)`, `app :9080`. */
export function pathLine(path: Path): string[] {
  const namespace = path.hops[0]?.place.pod?.split('/')[0];
  const steps = path.hops.flatMap((hop, index) => stepsOf(hop, namespace, index === path.hops.length - 1));
  const { state, code } = describeOutcome(path.outcome);
  return state === 'broken' || state === 'unknown' ? [...steps, `${MARKS[state]} ${code}`] : steps;
}

function stepsOf(hop: Hop, namespace: string | undefined, isLast: boolean): string[] {
  const { place, proxy, packet } = hop;
  switch (place.kind) {
    case 'client':
      return [];
    case 'dns':
      return ['DNS'];
    case 'iptables':
      return place.side === 'client' ? ['iptables'] : [];
    case 'node':
      return ['kube-proxy'];
    case 'app':
      return [`app :${portOf(packet.destination)}`];
    case 'external':
      return [place.name];
    case 'gateway':
      return [`gateway(${listenerPort(proxy?.listener)}${cluster(clusterOfHop(hop), namespace)})`, ...tls(hop, isLast)];
    case 'sidecar':
      if (proxy?.side === 'inbound') return ['Envoy(inbound)'];
      return [`Envoy(${listenerPort(proxy?.listener)}${cluster(clusterOfHop(hop), namespace)})`, ...tls(hop, isLast)];
    default:
      return unreachable(place.kind);
  }
}

function tls({ packet }: Hop, isLast: boolean): string[] {
  if (isLast || packet.tls === 'none' || packet.tls === 'own') return [];
  return [packet.tls === 'mutual' ? 'mTLS' : 'TLS'];
}

function cluster(name: string | undefined, namespace: string | undefined): string {
  return name === undefined ? '' : ` → ${clusterTitle(name, namespace)}`;
}

/** `9080` of `0.0.0.0_9080`; `virtualOutbound` as it is. */
function listenerPort(listener: string | undefined): string {
  return listener === undefined ? '' : (/_(\d+)$/.exec(listener)?.[1] ?? listener);
}

function portOf(address: string): string {
  return address.slice(address.lastIndexOf(':') + 1);
}
