import type { ControlPlaneCall, Hop } from '../core/trace/path.js';
import { callTitle, plainDetail } from './diagram-detail.js';
import { laneId, type ControlLane } from './diagram-lanes.js';
import type { Message } from './diagram-model.js';

/** Draws control-plane calls between lanes, each call once in a diagram however many decisions live on it. */
export class ControlPlane {
  readonly used = new Set<ControlLane>();
  private readonly drawn = new Set<string>();

  constructor(private readonly hops: readonly Hop[]) {}

  /** Messages for those of the calls that are not drawn yet; they feed a decision of `hop`. */
  messagesFor(calls: readonly ControlPlaneCall[], hop: Hop): Message[] {
    return calls.flatMap((call) => {
      const from = this.laneFor(call, call.from, hop);
      const to = this.laneFor(call, call.to, hop);
      const id = `control ${callTitle(call)}`;
      if (this.drawn.has(id)) return [];
      this.drawn.add(id);
      for (const lane of [from, to]) if (isControlLane(lane)) this.used.add(lane);
      return [message(id, call, from, to)];
    });
  }

  private laneFor(call: ControlPlaneCall, name: string, hop: Hop): string {
    if (name.startsWith('kube-apiserver')) return 'kube-apiserver';
    // certificates are asked of the CA even where istiod plays it
    if (/\bCA\b|^Citadel/.test(name) || (call.kind === 'CSR' && name === 'istiod')) return 'ca';
    if (name.startsWith('istiod') || name.startsWith('Pilot')) return 'istiod';
    const named = this.hops.find(({ place }) => isProxy(place.kind) && name.endsWith(` ${place.pod ?? place.name}`));
    return laneId((isProxy(hop.place.kind) ? hop : (named ?? hop)).place);
  }
}

const isProxy = (kind: string): boolean => kind === 'sidecar' || kind === 'gateway';

const isControlLane = (lane: string): lane is ControlLane =>
  lane === 'kube-apiserver' || lane === 'istiod' || lane === 'ca';

function message(id: string, call: ControlPlaneCall, from: string, to: string): Message {
  const { kind, what } = call;
  return {
    id,
    number: undefined,
    kind: 'control',
    from,
    to,
    text: `${kind}: ${what}`,
    state: 'ok',
    spoken: `Control plane: ${call.from} to ${call.to}, ${kind}, ${what}`,
    detail: plainDetail('control plane', `${call.from} → ${call.to}`, `${kind}: ${what}`, MEANING[kind]),
  };
}

const MEANING: Readonly<Record<ControlPlaneCall['kind'], string>> = {
  LDS: 'istiod pushes listeners and filter chains to the proxy.',
  RDS: 'istiod pushes virtual hosts and routes to the proxy.',
  CDS: 'istiod pushes clusters with their subsets, load balancing and TLS to the proxy.',
  EDS: 'istiod pushes the addresses behind a cluster to the proxy.',
  SDS: 'The agent in the pod hands certificates to its Envoy.',
  NDS: 'istiod pushes the name table with which the agent answers DNS.',
  webhook: 'kube-apiserver has istiod put the sidecar into a new pod.',
  CSR: 'The agent has the certificate of its workload signed.',
  watch: 'istiod follows the objects in kube-apiserver from which it computes what it pushes.',
  'kube-proxy watch': 'kube-proxy follows Services and EndpointSlices and programs the rules of its node.',
  'DNS watch': 'The cluster DNS follows Services and EndpointSlices and answers from them.',
};
