import { spiffeId } from '../../mesh/trust-domains.js';
import type { Routed } from '../../mesh/routed.js';
import { gatewayPods, routeClientsOf } from '../../mesh/route-clients.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import type { HttpMatch, Rewrite } from '../../model/virtual-service.js';

/** Text of which all, or only the beginning, is known. */
export type Known = { readonly type: 'exact' | 'prefix'; readonly value: string } | undefined;

/** All requests that a route sends to a server, as far as a policy there can tell them apart. */
export interface RequestClass {
  /** SPIFFE ids of everybody who may send them; `undefined` when anybody may. */
  readonly identities: readonly string[] | undefined;
  /** As the server sees it: rewritten. */
  readonly path: Known;
  readonly method: Known;
  /** The pod's own. */
  readonly port: number;
  /** What the server's proxy takes the port for. */
  readonly protocol: 'HTTP' | 'TCP' | 'AUTO';
}

/** The classes of requests that a destination gets, one for each match of its rule. */
export function classesOf(
  mesh: MeshSnapshot,
  routed: Routed,
  server: Pick<RequestClass, 'port' | 'protocol'>,
): RequestClass[] {
  const identities = identitiesOf(mesh, routed);
  const { http } = routed;
  if (!http) return [{ identities, path: undefined, method: undefined, ...server }];
  const matches: readonly (HttpMatch | undefined)[] = http.matches.length > 0 ? http.matches : [undefined];
  return matches.map((it) => ({ identities, path: rewritten(it, http.rewrite), method: methodOf(it), ...server }));
}

/** A route of gateways alone is followed by nobody else; in the mesh anybody may follow it. */
function identitiesOf(mesh: MeshSnapshot, { vs }: Routed): readonly string[] | undefined {
  const clients = routeClientsOf(mesh, vs);
  if (clients.length === 0 || clients.some((it) => it.type !== 'gateway')) return undefined;
  const accounts = new Set(clients.map((it) => it.title));
  const pods = gatewayPods(mesh).filter((it) => accounts.has(`gateway ${it.workload}`));
  return [...new Set(pods.map((it) => spiffeId(mesh.config, it.namespace, it.serviceAccount)))];
}

function methodOf(it: HttpMatch | undefined): Known {
  return it?.method?.type === 'exact' ? { type: 'exact', value: it.method.value } : undefined;
}

/** ACT-4 */
function rewritten(it: HttpMatch | undefined, rewrite: Rewrite | undefined): Known {
  const uri = it?.uri;
  if (rewrite?.uriRegex || it?.ignoreUriCase) return undefined;
  const target = rewrite?.uri?.value;
  if (target !== undefined) {
    if (uri?.type === 'exact' || uri?.type === 'regex') return { type: 'exact', value: target };
    return { type: 'prefix', value: target };
  }
  if (uri?.type === 'exact') return { type: 'exact', value: uri.value };
  return uri?.type === 'prefix' && uri.value !== '' ? { type: 'prefix', value: uri.value } : undefined;
}
