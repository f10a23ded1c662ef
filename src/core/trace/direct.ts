import type { MeshPod } from '../mesh/pods.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { AppMessage, Arrival, Reception } from './arrival.js';
import { packetOf } from './message.js';
import type { Hop, Outcome } from './path.js';
import type { Course } from './relay.js';
import { serve } from './serve.js';
import { throughNode, type NodeEndpoint } from './stages/pass-node.js';

/** A connection that no proxy of the client steers: the node passes it on, in the application's own bytes (INJ-4, CAP-4d). */
export function sendDirectly(
  mesh: MeshSnapshot,
  client: MeshPod,
  target: { ip: string; port: number },
  message: AppMessage,
): Course[] {
  const passage = throughNode(mesh, client, target.ip, target.port);
  const node = passage.hop ? [passage.hop] : [];
  if (passage.kind !== 'reaches') {
    const outcome: Outcome = { result: passage.kind === 'refused' ? 'refused' : 'reset', because: passage.because };
    return [{ share: 1, label: '', hops: node, outcome, mirrors: [] }];
  }
  const share = 1 / passage.endpoints.length;
  return alike(passage.endpoints).map(({ endpoint, all }) => {
    const { hops, outcome } = arriveAt(mesh, client, endpoint, all, message);
    const label = all.length < passage.endpoints.length ? `→ ${all.map((it) => it.id).join(', ')}` : '';
    return { share: share * all.length, label, hops: [...node, ...hops], outcome, mirrors: [] };
  });
}

/** Pods of one workload fare alike: one stands for all of them. */
function alike(endpoints: readonly NodeEndpoint[]): { endpoint: NodeEndpoint; all: NodeEndpoint[] }[] {
  const groups = new Map<string, { endpoint: NodeEndpoint; all: NodeEndpoint[] }>();
  for (const it of endpoints) {
    const group = groups.get(it.id);
    if (group) group.all.push(it);
    else groups.set(it.id, { endpoint: it, all: [it] });
  }
  return [...groups.values()];
}

function arriveAt(
  mesh: MeshSnapshot,
  client: MeshPod,
  endpoint: NodeEndpoint,
  all: readonly NodeEndpoint[],
  message: AppMessage,
): { hops: readonly Hop[]; outcome: Outcome } {
  const endpoints = all.map((it) => it.id).sort();
  if (!endpoint.pod) return outside(client, endpoint, endpoints, message);
  const arrival: Arrival = {
    sourceIp: client.ip,
    port: endpoint.port,
    tls: message.protocol === 'tls' ? { kind: 'own', sni: message.sni } : { kind: 'none' },
    message,
  };
  const reception = serve(mesh, endpoint.pod, arrival);
  return { hops: reception.hops, outcome: seenByClient(reception, endpoints) };
}

/** What a client without a proxy makes of a reception. */
export function seenByClient({ result }: Reception, endpoints: readonly string[]): Outcome {
  switch (result.kind) {
    case 'answered':
      return {
        result: 'delivered',
        endpoints,
        status: result.status,
        app: { host: result.host, path: result.path },
        ...(result.grpcStatus === undefined ? {} : { grpcStatus: result.grpcStatus }),
        ...(result.delaySeconds > 0 ? { delaySeconds: result.delaySeconds } : {}),
      };
    case 'replied':
      return {
        result: 'status',
        status: result.status,
        because: result.because,
        endpoints: [],
        ...(result.grpcStatus === undefined ? {} : { grpcStatus: result.grpcStatus }),
      };
    case 'refused':
      return { result: 'refused', because: result.because };
    case 'tls-failure':
    case 'closed':
    case 'protocol-error':
      return { result: 'reset', because: result.because };
  }
}

function outside(
  client: MeshPod,
  endpoint: NodeEndpoint,
  endpoints: readonly string[],
  message: AppMessage,
): { hops: Hop[]; outcome: Outcome } {
  const place = { kind: 'external', name: endpoint.id, side: 'server' } as const;
  const packet = packetOf(message, client.ip, `${endpoint.ip}:${endpoint.port}`);
  const because = 'Outside of the mesh; it is taken to answer';
  const hop: Hop = {
    place,
    packet,
    decisions: [
      {
        stage: 'reach application',
        chose: `${endpoint.id} answers`,
        because,
        rules: [],
        evidence: [],
        rejected: [],
        calls: [],
        assumptions: [{ text: `${endpoint.id} is taken to answer: it is outside of the environment` }],
        effects: [],
        state: 'ok',
      },
    ],
  };
  return {
    hops: [hop],
    outcome: { result: 'delivered', endpoints, app: { host: message.authority, path: message.path } },
  };
}
