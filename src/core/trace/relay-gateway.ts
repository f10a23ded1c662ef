import { unreachable } from '../base/unreachable.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { AppMessage } from './arrival.js';
import { seenByClient } from './client-outcome.js';
import type { GatewayVisit } from './visit-gateway.js';
import { relayHttp, relayTcp, type Course, type Relay } from './relay.js';

/** From a gateway's listener on to the end. */
export function relayThroughGateway(mesh: MeshSnapshot, visit: GatewayVisit, arrived: AppMessage): Course[] {
  const { proxy, place, decisions, packet, log, next } = visit;
  if (next.kind === 'ended') {
    const hop = { place, decisions, packet, ...(log ? { proxy: log } : {}) };
    return [{ share: 1, label: '', hops: [hop], outcome: seenByClient(next.result, [], log), mirrors: [] }];
  }
  const port = Number(packet.destination.slice(packet.destination.lastIndexOf(':') + 1));
  const relay: Relay = {
    proxy,
    place,
    decisions,
    log: log ?? { proxy: proxy.name, side: 'gateway', kind: 'tcp' },
    dialed: { ip: proxy.pod.ip, port },
    originalDestination: undefined,
  };
  switch (next.kind) {
    case 'http':
      return relayHttp(mesh, relay, next.routes, next.message, next.context);
    case 'tcp': {
      const courses = relayTcp(mesh, relay, next.clusters, next.tlsTerminated ? next.message : arrived);
      return next.refused === undefined ? courses : courses.map((it) => closedAtFirstBytes(it, next.refused!));
    }
    default:
      return unreachable(next);
  }
}

/** AZ-11: proxies on the way see the connection, an application gets nothing to read. */
function closedAtFirstBytes(course: Course, because: string): Course {
  const hops = course.hops.filter((it) => it.place.kind !== 'app' && it.place.kind !== 'external');
  return { ...course, hops, outcome: { result: 'reset', because } };
}
