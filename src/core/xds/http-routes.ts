import type { Rejected } from '../base/explained.js';
import { uniqueLocations, type Location } from '../base/location.js';
import { containsLabels } from '../model/fields.js';
import {
  mirrorsOf,
  type Destination,
  type HttpMatch,
  type HttpRoute,
  type RouteDestination,
} from '../model/virtual-service.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { EffectiveVirtualService } from '../mesh/virtual-services.js';
import { outboundCluster } from './cluster-names.js';
import type { MirrorPolicy, Route, RouteAction, RouteMatch, WeightedCluster } from './config.js';
import type { Proxy } from './proxy.js';
import { retryPolicyOf } from './retry-policy.js';
import { routeTitle } from './route-titles.js';

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
  readonly lookup: (host: string) => DestinationService | undefined;
}

export interface DestinationService {
  readonly ports: readonly number[];
  readonly aliasOf?: string | undefined;
}

export interface HttpRoutes {
  /** In the order in which Envoy tries them, up to the first that takes everything (RT-1). */
  readonly routes: readonly Route[];
  /** Entries that are not sent to this proxy, and why (RT-1, RT-3). */
  readonly pruned: readonly Rejected[];
}

/** The http entries of a VirtualService as routes of one proxy (section 5 of the semantics). */
export function httpRoutesOf(
  mesh: MeshSnapshot,
  proxy: Proxy,
  virtualService: EffectiveVirtualService,
  place: RoutePlace,
): HttpRoutes {
  const routes: Route[] = [];
  const pruned: Rejected[] = [];
  let last: Route | undefined;
  virtualService.http.forEach((entry, index) => {
    const matches: readonly (HttpMatch | undefined)[] = entry.matches.length > 0 ? entry.matches : [undefined];
    for (const match of matches) {
      const title = routeTitle(index + 1, match);
      const mismatch = match && staticMismatch(match, proxy, place);
      if (mismatch) {
        pruned.push({ name: title, because: mismatch.because, evidence: [mismatch.at] });
      } else if (last) {
        const because = `${last.title} before it takes every request`;
        pruned.push({ name: title, because, evidence: [match?.at ?? entry.at, ...last.evidence] });
      } else {
        const route = translate(mesh, virtualService, entry, match, title, place);
        routes.push(route);
        if (isCatchAll(route.match)) last = route;
      }
    }
  });
  return { routes, pruned };
}

/** Whether every request takes such a route, as istiod sees it (RT-1); Envoy is not sent what comes after. */
export function isCatchAll(match: RouteMatch | undefined): boolean {
  if (!match) return true;
  const { uri, pathSegments, method, scheme, authority, headers, withoutHeaders, queryParams } = match;
  const anyPath =
    pathSegments === undefined
      ? !uri ||
        uri.type === 'present' ||
        (uri.type === 'prefix' && uri.value === '/') ||
        (uri.type === 'regex' && uri.value === '.*')
      : pathSegments === '/';
  const anyRest = !method && !scheme && !authority && headers.size + withoutHeaders.size + queryParams.size === 0;
  return anyPath && anyRest;
}

/** What istiod can tell beforehand of one proxy and port (RT-3, GWR-8, GWR-9). */
function staticMismatch(
  match: HttpMatch,
  proxy: Proxy,
  place: RoutePlace,
): { because: string; at: Location } | undefined {
  if (match.port && match.port.value !== 0 && match.port.value !== place.port) {
    return { because: `it is for port ${match.port.value}, this is ${place.port}`, at: match.port.at };
  }
  if (match.gateways.length > 0) {
    if (match.gateways.some((it) => place.gateways.has(it.value))) return undefined; // labels and namespace are not looked at
    const named = match.gateways.map((it) => it.value).join(', ');
    return { because: `it is for ${named} only`, at: match.gateways[0]!.at };
  }
  if (!containsLabels(proxy.labels, match.sourceLabels)) {
    const [key, value] = [...match.sourceLabels].find(([name, it]) => proxy.labels.get(name)?.value !== it.value)!;
    return { because: `it is for callers with the label ${key}=${value.value}`, at: value.at };
  }
  const namespace = match.sourceNamespace;
  if (namespace && namespace.value !== '' && namespace.value !== proxy.namespace) {
    return { because: `it is for callers in namespace ${namespace.value}`, at: namespace.at };
  }
  return undefined;
}

function translate(
  mesh: MeshSnapshot,
  virtualService: EffectiveVirtualService,
  entry: HttpRoute,
  match: HttpMatch | undefined,
  title: string,
  place: RoutePlace,
): Route {
  const name = [entry.name?.value ?? '', match?.name?.value ?? ''];
  const action = actionOf(virtualService, entry, place);
  return {
    name: name[1] === '' ? name[0]! : name.join('.'),
    match,
    action,
    timeout: entry.timeout && { seconds: entry.timeout.value, at: entry.timeout.at },
    retries: retryPolicyOf(entry.retries, mesh.config),
    fault: entry.fault,
    cors: entry.cors,
    headers: entry.headers,
    title,
    config: virtualService.config,
    evidence: [match?.at ?? entry.at],
    rejected: [],
    rules: match ? ['RT-1', 'RT-2'] : ['RT-1'],
    assumptions: [],
  };
}

function actionOf(virtualService: EffectiveVirtualService, entry: HttpRoute, place: RoutePlace): RouteAction {
  if (entry.redirect) return { kind: 'redirect', redirect: entry.redirect, listenerPort: place.port, tls: place.tls };
  if (entry.directResponse) return { kind: 'direct', response: entry.directResponse };
  return {
    kind: 'clusters',
    clusters: clustersOf(entry.route, place),
    weighted: entry.route.length !== 1,
    rewrite: entry.rewrite,
    mirrors: mirrorsOf(entry).flatMap((it): MirrorPolicy[] => {
      const share = it.percentage?.value ?? 1;
      return share > 0 ? [{ cluster: clusterOf(it.destination, place), share: Math.min(share, 1), at: it.at }] : [];
    }),
    clusterNotFoundStatus: virtualService.semantics === 'gateway-api' ? 500 : 503,
  };
}

/** DST-6: a lone destination takes everything; of several, those without weight are left out. */
function clustersOf(destinations: readonly RouteDestination[], place: RoutePlace): WeightedCluster[] {
  const parts =
    destinations.length === 1
      ? destinations.map((it) => ({ it, weight: 1 }))
      : destinations.map((it) => ({ it, weight: it.weight?.value ?? 0 })).filter(({ weight }) => weight > 0);
  const sum = parts.reduce((total, { weight }) => total + weight, 0);
  return parts.map(({ it, weight }) => ({
    cluster: clusterOf(it.destination, place),
    weight: weight / sum,
    headers: it.headers,
    evidence: uniqueLocations([it.destination.at, destinations.length > 1 ? it.weight?.at : undefined]),
    rejected: [],
    rules: destinations.length > 1 ? ['DST-1', 'DST-6'] : ['DST-1'],
    assumptions: [],
  }));
}

/** The cluster of a destination (DST-1, DST-2, GWR-11); it need not exist. */
export function clusterOf(to: Destination, place: Pick<RoutePlace, 'port' | 'lookup'>): string {
  if (to.host.value === '') return 'UnknownService';
  const service = place.lookup(to.host.value);
  const single = service?.ports.length === 1 ? service.ports[0] : undefined;
  const port = to.port?.value ?? single ?? place.port;
  return outboundCluster(port, to.subset?.value ?? '', service?.aliasOf ?? to.host.value);
}
