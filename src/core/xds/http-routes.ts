import type { Rejected } from '../base/explained.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { EffectiveVirtualService } from '../mesh/virtual-services.js';
import type { Route } from './config.js';
import type { Proxy } from './proxy.js';

/** Where routes are wanted: what decides which entries stay and what their destinations are called. */
export interface RoutePlace {
  /** What `match.port`, `FROM_REQUEST_PORT` and destinations without port mean: the listener's port on sidecars, the server's at gateways. */
  readonly port: number;
  /** Gateways in force: `mesh`, or `ns/name` of those that the server belongs to. */
  readonly gateways: ReadonlySet<string>;
  /** Whether the listener takes off TLS, which makes https the scheme of redirects that name none. */
  readonly tls: boolean;
  /**
   * The service that a destination's host names here, as far as it decides the cluster (DST-1, DST-2, GWR-11): the ports
   * among which a single one is the default, and what an ExternalName stands for.
   */
  readonly lookup: (
    host: string,
  ) => { readonly ports: readonly number[]; readonly aliasOf?: string | undefined } | undefined;
}

export interface HttpRoutes {
  /** In the order in which Envoy tries them, up to the first that takes everything (RT-1). */
  readonly routes: readonly Route[];
  /** Entries that are not sent to this proxy, and why (RT-1, RT-3). */
  readonly pruned: readonly Rejected[];
}

/** The http entries of a VirtualService as routes of one proxy (section 5 of the semantics). */
export function httpRoutesOf(
  _mesh: MeshSnapshot,
  _proxy: Proxy,
  _virtualService: EffectiveVirtualService,
  _place: RoutePlace,
): HttpRoutes {
  return { routes: [], pruned: [] };
}
