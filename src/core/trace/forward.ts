import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { RetryPolicy } from '../xds/config.js';
import type { Proxy } from '../xds/proxy.js';
import type { AppMessage } from './arrival.js';
import type { Decision, Hop, Outcome, Packet, ProxyLog } from './path.js';

/** What a proxy sends off, to which cluster. */
export interface Send {
  readonly cluster: string;
  /** As it goes upstream: rewritten, with the destination's headers. */
  readonly message: AppMessage;
  /** What the application dialed; where ORIGINAL_DST clusters go (DST-7). */
  readonly originalDestination: { readonly ip: string; readonly port: number };
  /** Whether the proxy reads requests or carries bytes. */
  readonly kind: 'http' | 'tcp';
  readonly retries?: RetryPolicy;
  readonly timeoutSeconds?: number | undefined;
  /** 503, or 500 for Gateway API routes (DST-4). */
  readonly clusterNotFoundStatus?: number;
}

/** One fate of what was sent; endpoints that fare alike share it. */
export interface ForwardBranch {
  /** Part of such requests, 0..1; the shares of one call sum to one. */
  readonly share: number;
  /** What sets it apart, such as `→ shop/cart-v2:8080`; empty when there is only one. */
  readonly label: string;
  /** Of the sending proxy: find cluster, pick endpoint, connect upstream, retry, time out. */
  readonly decisions: readonly Decision[];
  /** The packet as it leaves the sending proxy; `undefined` when nothing leaves it. */
  readonly packet: Packet | undefined;
  /** What follows: nodes, the server's iptables, its proxy, its application. */
  readonly hops: readonly Hop[];
  /** As the sending proxy's own client sees it. */
  readonly outcome: Outcome;
  /** For the sending proxy's log. */
  readonly log: Pick<ProxyLog, 'cluster' | 'status' | 'flags' | 'details' | 'tlsToUpstream'>;
}

/** From a proxy's cluster to the answer: cluster, endpoint, TLS, the server's side, retries and timeouts (TR-8..TR-12). */
export function forward(_mesh: MeshSnapshot, _proxy: Proxy, send: Send): readonly ForwardBranch[] {
  return [
    {
      share: 1,
      label: '',
      decisions: [],
      packet: undefined,
      hops: [],
      outcome: { result: 'unknown', because: 'clusters are not followed yet' },
      log: { cluster: send.cluster },
    },
  ];
}
