import type { MeshPod } from '../mesh/pods.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { RouteConfiguration, WeightedCluster } from '../xds/config.js';
import type { Proxy } from '../xds/proxy.js';
import type { AppMessage, Arrival, ReceptionResult } from './arrival.js';
import type { Decision, Hop, Outcome, Packet, Place, ProxyLog } from './path.js';
import type { TraceRequest } from './request.js';
import type { RouteContext } from './route.js';

/** A connection at a gateway, as far as its listener and its policies: the hop is finished by whoever goes on from here. */
export interface GatewayVisit {
  readonly proxy: Proxy;
  readonly place: Place;
  readonly decisions: readonly Decision[];
  /** The request as the gateway has it. */
  readonly packet: Packet;
  /** What is known so far of the line in its access log; `undefined` when nothing listens. */
  readonly log: ProxyLog | undefined;
  readonly next: GatewayNext;
}

export type GatewayNext =
  | { readonly kind: 'ended'; readonly result: ReceptionResult }
  /** On to a route configuration. */
  | {
      readonly kind: 'http';
      readonly routes: RouteConfiguration;
      readonly message: AppMessage;
      readonly context: RouteContext;
    }
  /** On to a cluster, bytes untouched apart from TLS that was taken off. */
  | {
      readonly kind: 'tcp';
      readonly clusters: readonly WeightedCluster[];
      readonly message: AppMessage;
      readonly tlsTerminated: boolean;
    };

/** A connection that reaches a gateway's pod, from outside or from another proxy. */
export function visitGateway(_mesh: MeshSnapshot, _pod: MeshPod, _arrival: Arrival): GatewayVisit {
  throw new Error('not built yet');
}

/** One course of a request that a client outside of the cluster sends to a gateway. */
export interface GatewayEntry {
  readonly share: number;
  /** Empty when there is only one. */
  readonly label: string;
  /** Client and node. */
  readonly hops: readonly Hop[];
  readonly then:
    { readonly kind: 'end'; readonly outcome: Outcome } | { readonly kind: 'gateway'; readonly visit: GatewayVisit };
}

/** From outside to a gateway: the client, the Service's door on a node, the gateway itself. */
export function enterGateway(_mesh: MeshSnapshot, _request: TraceRequest): readonly GatewayEntry[] {
  throw new Error('not built yet');
}

/** What a client outside sees of how a gateway ended its connection. */
export function outcomeFor(result: ReceptionResult): Outcome {
  switch (result.kind) {
    case 'answered':
      throw new Error('a gateway has no application');
    case 'replied':
      return {
        result: 'status',
        status: result.status,
        ...(result.grpcStatus === undefined ? {} : { grpcStatus: result.grpcStatus }),
        because: result.because,
      };
    case 'refused':
      return { result: 'refused', because: result.because };
    case 'tls-failure':
    case 'closed':
    case 'protocol-error':
      return { result: 'reset', because: result.because };
  }
}
