import type { Rejected } from '../base/explained.js';
import type { Location, Sourced } from '../base/location.js';
import type { HttpRoute, L4Route, VirtualService } from '../model/virtual-service.js';
import type { MeshSnapshot } from './snapshot.js';

/** Whose rules a set of routes follows: VirtualServices, Gateway API routes and Ingresses differ in places. */
export type RouteSemantics = 'virtual-service' | 'gateway-api' | 'ingress';

/** A VirtualService as istiod applies it: short names completed, delegates merged. Also what Gateway API routes become. */
export interface EffectiveVirtualService {
  /** The object that it is made of, as Envoy's metadata names it. */
  readonly config: { readonly kind: string; readonly namespace: string; readonly name: string };
  readonly namespace: string;
  readonly name: string;
  readonly nameAt: Location;
  readonly created: number | undefined;
  readonly semantics: RouteSemantics;
  /** Completed (GEN-5), as written otherwise: letters keep their case. */
  readonly hosts: readonly Sourced<string>[];
  /** `mesh` or `ns/name` (GWR-1); never empty. */
  readonly gateways: readonly string[];
  readonly http: readonly HttpRoute[];
  readonly tls: readonly L4Route[];
  readonly tcp: readonly L4Route[];
  /** Namespaces that see it: `*`, names, or `~` for nobody. */
  readonly exportTo: ReadonlySet<string>;
  readonly exportAt: Location;
  /** Entries that delegation dropped, and why (VS-7). */
  readonly dropped: readonly Rejected[];
  readonly source: VirtualService | undefined;
}

/**
 * Those that are bound to a gateway (`mesh`, or `ns/name`) and exported to a namespace, in the order in which they count
 * for proxies there (VS-2, GWR-4).
 */
export function virtualServicesFor(
  _mesh: MeshSnapshot,
  _namespace: string,
  _gateway: string,
): readonly EffectiveVirtualService[] {
  return [];
}
