import { outsideApplication } from '../mesh/outside-application.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { Arrival, ReceptionResult } from './arrival.js';
import { decision } from './decide.js';
import { visitGateway } from './visit-gateway.js';
import { packetOf } from './message.js';
import type { Hop, MirrorCopy, Outcome } from './path.js';
import { relayThroughGateway } from './relay-gateway.js';
import { serve } from './serve.js';
import { crossNetwork } from './stages/cross-network.js';
import { answerOf } from './stages/reach-application.js';
import type { NodeEndpoint } from './stages/pass-node.js';

/** One course of a connection at the place where it arrives. */
export interface Landing {
  /** Part of such connections, 0..1. */
  readonly share: number;
  readonly label: string;
  readonly hops: readonly Hop[];
  readonly result: ReceptionResult | { readonly kind: 'unknown'; readonly because: string };
  /** The applications that may have been reached, where they are others than the place itself (behind a gateway). */
  readonly endpoints: readonly string[] | undefined;
  readonly mirrors: readonly MirrorCopy[];
}

/** What becomes of a connection at an address: a pod with or without a proxy, a gateway, or a host outside of the mesh. */
export function landAt(mesh: MeshSnapshot, at: NodeEndpoint, arrival: Arrival): readonly Landing[] {
  const passage = crossNetwork(mesh, arrival, at);
  if (!passage) return landed(mesh, at, arrival);
  const { decision: crossing, hop, dropped } = passage;
  if (dropped) {
    return [{ share: 1, label: '', endpoints: undefined, mirrors: [], hops: [hop], result: dropped }];
  }
  return landed(mesh, at, arrival).map((it) => {
    const [first, ...others] = it.hops;
    return first ? { ...it, hops: [{ ...first, decisions: [crossing, ...first.decisions] }, ...others] } : it;
  });
}

function landed(mesh: MeshSnapshot, at: NodeEndpoint, arrival: Arrival): readonly Landing[] {
  const plain = { share: 1, label: '', endpoints: undefined, mirrors: [] };
  if (!at.pod) return [{ ...plain, ...outside(mesh, at, arrival) }];
  if (at.pod.proxy.value !== 'gateway') return [{ ...plain, ...serve(mesh, at.pod, arrival) }];
  const visit = visitGateway(mesh, at.pod, arrival);
  const courses = relayThroughGateway(mesh, visit, arrival.message);
  if (visit.next.kind === 'ended') return [{ ...plain, hops: courses[0]!.hops, result: visit.next.result }];
  return courses.map(({ share, label, hops, outcome, mirrors }) => ({
    share,
    label,
    hops,
    result: resultOf(outcome),
    endpoints: outcome.result === 'delivered' ? outcome.endpoints : [],
    mirrors,
  }));
}

/** What a gateway's client sees, as the result of the connection to it. */
function resultOf(outcome: Outcome): Landing['result'] {
  const grpc = 'grpcStatus' in outcome && outcome.grpcStatus !== undefined ? { grpcStatus: outcome.grpcStatus } : {};
  switch (outcome.result) {
    case 'delivered':
      return {
        kind: 'answered',
        status: outcome.status ?? 200,
        ...grpc,
        delaySeconds: outcome.delaySeconds ?? 0,
        host: outcome.app?.host ?? '',
        path: outcome.app?.path ?? '',
      };
    case 'status':
      return { kind: 'replied', status: outcome.status, ...grpc, because: outcome.because };
    case 'unknown':
      return { kind: 'unknown', because: outcome.because };
    default:
      return { kind: 'closed', because: outcome.because };
  }
}

/** A host outside of the mesh: taken to answer, which the trace says. */
function outside(mesh: MeshSnapshot, at: NodeEndpoint, arrival: Arrival): Pick<Landing, 'hops' | 'result'> {
  const { tls, message, port } = arrival;
  const name = at.id.slice(0, at.id.lastIndexOf(':'));
  const app = outsideApplication(mesh, [name, at.ip], port);
  const { result, ...said } = answerOf(
    app,
    {
      port,
      tls: tls.kind === 'none' ? (message.protocol === 'tls' ? 'own' : 'none') : tls.kind,
      message,
      attempt: arrival.attempt ?? 1,
      sourceIp: arrival.sourceIp,
      evidence: [],
    },
    name,
  );
  const assumptions = [{ text: `${at.id} is outside of the environment; it is taken to answer as servers do` }];
  const packet = packetOf(message, arrival.sourceIp, `${at.ip}:${port}`, {
    tls: tls.kind === 'mesh' ? 'mutual' : tls.kind === 'originated' ? 'simple' : tls.kind,
    ...('sni' in tls && tls.sni !== undefined ? { sni: tls.sni } : {}),
  });
  const hop: Hop = {
    place: { kind: 'external', name: at.id, side: 'server' },
    decisions: [decision('reach application', { ...said, assumptions })],
    packet,
  };
  return { hops: [hop], result };
}
