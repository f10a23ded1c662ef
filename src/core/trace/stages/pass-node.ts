import type { MeshPod } from '../../mesh/pods.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import type { Hop } from '../path.js';

/** Where a connection that no proxy steers ends up. */
export type NodePassage =
  | {
      readonly kind: 'reaches';
      /** Pods or other addresses behind it, each equally likely. */
      readonly endpoints: readonly NodeEndpoint[];
      /** kube-proxy's hop; `undefined` when the address is no Service's. */
      readonly hop: Hop | undefined;
    }
  | { readonly kind: 'refused' | 'dropped'; readonly because: string; readonly hop: Hop | undefined };

export interface NodeEndpoint {
  readonly ip: string;
  readonly port: number;
  readonly pod: MeshPod | undefined;
  /** `ns/workload:port`, `ns/pod:port`, `host:port` or `ip:port`. */
  readonly id: string;
}

/** A connection to `ip:port` as the client's node passes it on (INJ-4, KP-1..KP-9). */
export function throughNode(_mesh: MeshSnapshot, _client: MeshPod | undefined, ip: string, port: number): NodePassage {
  return { kind: 'reaches', endpoints: [{ ip, port, pod: undefined, id: `${ip}:${port}` }], hop: undefined };
}
