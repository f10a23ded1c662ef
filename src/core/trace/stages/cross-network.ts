import { networkPassage } from '../../mesh/network-policies.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import type { Arrival, ReceptionResult } from '../arrival.js';
import { decision } from '../decide.js';
import { packetAt } from '../inbound-packet.js';
import type { Decision, Hop } from '../path.js';
import type { NodeEndpoint } from './pass-node.js';

export interface Crossing {
  readonly decision: Decision;
  /** The place where a dropped packet ends. */
  readonly hop: Hop;
  readonly dropped: Extract<ReceptionResult, { kind: 'dropped' }> | undefined;
}

/** The network between two pods: NetworkPolicies on real packets, sidecars or not (CAP-8). `undefined` where none has a say. */
export function crossNetwork(mesh: MeshSnapshot, arrival: Arrival, at: NodeEndpoint): Crossing | undefined {
  const source = { ip: arrival.sourceIp, pod: mesh.podAt(arrival.sourceIp) };
  const passage = networkPassage(mesh, source, { ip: at.ip, pod: at.pod }, arrival.port);
  if (!passage) return undefined;
  const { value, evidence, rejected, rules, assumptions } = passage;
  const { passes, because } = value;
  const made = decision('pass node', {
    chose: passes ? 'let through' : 'dropped',
    because: passes ? because : `${because}: the packets are dropped, and the connection times out`,
    rules,
    evidence,
    rejected: passes ? [] : rejected,
    assumptions,
    state: passes ? 'ok' : 'broken',
  });
  const name = at.pod?.nodeName ?? source.pod?.nodeName ?? 'node';
  const hop: Hop = {
    place: { kind: 'node', name, side: 'middle' },
    decisions: [made],
    packet: packetAt(arrival, arrival.sourceIp, `${at.ip}:${arrival.port}`),
  };
  return { decision: made, hop, dropped: passes ? undefined : { kind: 'dropped', because } };
}
