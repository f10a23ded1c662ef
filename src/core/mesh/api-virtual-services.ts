import type { Rejected } from '../base/explained.js';
import { addTo, compareText } from '../base/lists.js';
import { sourced, type Location, type Sourced } from '../base/location.js';
import type { GRPCRoute, GatewayApiRoute, HTTPRoute, TCPRoute, TLSRoute } from '../model/gateway-routes.js';
import type { HttpRoute, L4Route } from '../model/virtual-service.js';
import { attachmentsOf, leftTo, type Attachment } from './api-attachment.js';
import { l4Routes, withPort } from './api-l4.js';
import { byPrecedence, convertRoute } from './api-rules.js';
import { anyMatch } from './made-up-routes.js';
import { isSubsetOf } from './hosts.js';
import { resolveExportTo } from './services.js';
import type { MeshSnapshot } from './snapshot.js';
import type { EffectiveVirtualService } from './virtual-services.js';

/** Gateway API routes as the VirtualServices that istiod makes of them: one for each parent and hostname (HR-1, TLS-1, TCP-1). */
export function apiVirtualServices(mesh: MeshSnapshot): readonly EffectiveVirtualService[] {
  return [...httpVirtualServices(mesh), ...l4VirtualServices(mesh)];
}

/** Routes that would serve a listener (`ns/name` of its Istio Gateway) and do not, with the reasons of each (GAPI-15, HR-9). */
export function unusedRoutes(mesh: MeshSnapshot, listener: string): readonly Rejected[] {
  return [...mesh.of('HTTPRoute'), ...mesh.of('GRPCRoute')].flatMap((route) => {
    const name = `${route.kind} ${route.namespace}/${route.name}`;
    const { accepted, refused } = attachmentsOf(mesh, route);
    const turnedAway = refused.filter((it) => it.listener === listener);
    const { error } = convertRoute(mesh, route, false);
    const attached = accepted.some((it) => it.kind === 'listener' && it.listener.id === listener);
    return [
      ...turnedAway.map(({ because, evidence }) => ({ name, because, evidence })),
      ...(error && attached
        ? [{ name, because: `none of its rules counts: ${error.because}`, evidence: [error.at] }]
        : []),
    ];
  });
}

/** What one route says for one parent and hostname. */
interface Share {
  readonly route: HTTPRoute | GRPCRoute;
  readonly host: Sourced<string>;
  readonly gateway: string;
  readonly entries: readonly HttpRoute[];
  readonly notes: readonly Rejected[];
}

/** Routes of any namespace with the same parent and hostname are one list, sorted by precedence (HR-1, HR-2, MESH-10). */
function httpVirtualServices(mesh: MeshSnapshot): EffectiveVirtualService[] {
  const byKey = new Map<string, Share[]>();
  // shares are told apart by number: those of a GRPCRoute make way for an HTTPRoute of the same name and namespace
  const taken = new Set<string>();
  for (const route of [...mesh.of('HTTPRoute'), ...mesh.of('GRPCRoute')]) {
    sharesOf(mesh, route).forEach(({ key, share }, index) => {
      const name = `${route.namespace}/${route.name}~${index}`;
      if (taken.has(name)) return;
      taken.add(name);
      addTo(byKey, key, share);
    });
  }
  return [...byKey].map(([key, shares]) => merged(mesh, key, shares));
}

function sharesOf(mesh: MeshSnapshot, route: HTTPRoute | GRPCRoute): { readonly key: string; readonly share: Share }[] {
  return [...attachmentsOf(mesh, route).accepted].sort(byParentName).flatMap((attachment) => {
    const { entries, missing } = convertRoute(mesh, route, attachment.kind === 'service');
    if (entries.length === 0) return [];
    const place = placeOf(attachment, route);
    return hostnamesOf(attachment, route).map((host) => ({
      key: `${place.key}/${host.value}`,
      share: { route, host, gateway: place.gateway, entries: place.narrow(entries), notes: missing },
    }));
  });
}

interface SharePlace {
  readonly key: string;
  readonly gateway: string;
  readonly narrow: (entries: readonly HttpRoute[]) => readonly HttpRoute[];
}

function placeOf(attachment: Attachment, route: GatewayApiRoute): SharePlace {
  const sorted = (entries: readonly HttpRoute[]): HttpRoute[] => [...entries].sort(byPrecedence);
  if (attachment.kind === 'listener')
    return { key: attachment.listener.id, gateway: attachment.listener.id, narrow: sorted };
  const { port } = attachment.ref;
  if (!port) return { key: route.namespace, gateway: 'mesh', narrow: sorted };
  const narrow = (entries: readonly HttpRoute[]): HttpRoute[] => sorted(entries).map((it) => onPort(it, port));
  return { key: `${route.namespace}/${port.value}`, gateway: 'mesh', narrow };
}

/** MESH-6 */
function onPort(entry: HttpRoute, port: Sourced<number>): HttpRoute {
  const matches = entry.matches.length > 0 ? entry.matches : [anyMatch(entry.at)];
  return { ...entry, matches: matches.map((it) => ({ ...it, port })) };
}

/** The hostnames that a parent serves of a route. */
function hostnamesOf(attachment: Attachment, route: HTTPRoute | GRPCRoute): readonly Sourced<string>[] {
  if (attachment.kind === 'service') return attachment.hosts.map((it) => sourced(it, attachment.ref.name.at));
  const wanted = route.hostnames.length > 0 ? route.hostnames : [sourced('*', route.nameAt)];
  return wanted.filter((it) => leftTo(attachment.listener, attachment.siblings, it.value) === undefined);
}

function merged(mesh: MeshSnapshot, key: string, shares: readonly Share[]): EffectiveVirtualService {
  const ordered = shares.length === 1 ? shares : [...shares].sort(byAgeAndNamespace);
  const first = ordered[0]!;
  const http = ordered.flatMap((it) => it.entries);
  return {
    ...made(mesh, first.route, key.replaceAll('/', '~'), first.host, first.gateway),
    http: shares.length === 1 ? http : http.sort(byPrecedence),
    dropped: ordered.flatMap((it) => it.notes),
  };
}

/** META-2 */
function byAgeAndNamespace(a: Share, b: Share): number {
  const text = (it: Share): string => `${it.route.namespace}\n${it.route.name}`;
  return (a.route.created ?? 0) - (b.route.created ?? 0) || compareText(text(a), text(b));
}

function made(
  mesh: MeshSnapshot,
  route: GatewayApiRoute,
  name: string,
  host: Sourced<string>,
  gateway: string,
): Omit<EffectiveVirtualService, 'http' | 'dropped'> {
  return {
    config: { kind: route.kind, namespace: route.namespace, name: route.name },
    namespace: route.namespace,
    name,
    nameAt: route.nameAt,
    created: route.created,
    semantics: 'gateway-api',
    hosts: [host],
    gateways: [gateway],
    tls: [],
    tcp: [],
    exportTo: resolveExportTo(mesh.config.defaultVirtualServiceExportTo, route.namespace),
    exportAt: route.nameAt,
    source: undefined,
  };
}

/** TLSRoutes and TCPRoutes are not merged: of several the first one counts (TLS-1, TCP-1). */
function l4VirtualServices(mesh: MeshSnapshot): EffectiveVirtualService[] {
  return [...mesh.of('TLSRoute'), ...mesh.of('TCPRoute')].flatMap((route) => {
    const converted = new Map<boolean, ReturnType<typeof l4Routes>>();
    const accepted = [...attachmentsOf(mesh, route).accepted].sort(byParentName);
    const made = accepted.flatMap((attachment) => {
      const inMesh = attachment.kind === 'service';
      const { routes, missing } = converted.get(inMesh) ?? l4Routes(mesh, route, inMesh);
      converted.set(inMesh, { routes, missing });
      return l4HostsOf(attachment, route).map((host) => ({
        attachment,
        host,
        routes: narrowed(routes, attachment, route, host.value),
        missing,
      }));
    });
    return made.map(({ attachment, host, routes, missing }, index) => {
      const kind = route.kind === 'TLSRoute' ? 'tls' : 'tcp';
      const gateway = attachment.kind === 'listener' ? attachment.listener.id : 'mesh';
      const base = {
        ...makeL4(mesh, route, `${route.name}~${kind}~${index}~istio-autogenerated-k8s-gateway`, host, gateway),
        dropped: missing,
      };
      return kind === 'tls' ? { ...base, tls: routes } : { ...base, tcp: routes };
    });
  });
}

function makeL4(mesh: MeshSnapshot, route: TLSRoute | TCPRoute, name: string, host: Sourced<string>, gateway: string) {
  return { ...made(mesh, route, name, host, gateway), http: [] };
}

/** The order in which istiod numbers what it makes of a route. */
function byParentName(a: Attachment, b: Attachment): number {
  const name = (it: Attachment): string => (it.kind === 'listener' ? it.listener.id : 'mesh');
  const written = ({ ref }: Attachment): string =>
    `${ref.group}/${ref.kind}/${ref.name.value}/${ref.sectionName?.value ?? ''}/${ref.port?.value ?? 0}.${ref.namespace?.value ?? ''}`;
  return compareText(name(a), name(b)) || compareText(written(a), written(b));
}

function l4HostsOf(attachment: Attachment, route: TLSRoute | TCPRoute): readonly Sourced<string>[] {
  if (attachment.kind === 'service') return attachment.hosts.map((it) => sourced(it, attachment.ref.name.at));
  const any = sourced('*', route.nameAt);
  if (route.kind === 'TCPRoute') return [any];
  const wanted = route.hostnames.length > 0 ? route.hostnames : [any];
  const own = attachment.listener.listener.hostname;
  return own ? narrowedTo(wanted, own.value, own.at) : wanted;
}

/** For each name that meets the listener's, the more specific of the two. */
function narrowedTo(names: readonly Sourced<string>[], listener: string, at: Location): Sourced<string>[] {
  const result = new Map<string, Sourced<string>>();
  for (const it of names) {
    if (isSubsetOf(it.value, listener)) result.set(it.value, it);
    else if (isSubsetOf(listener, it.value)) result.set(listener, sourced(listener, at));
  }
  return [...result.values()];
}

function narrowed(
  routes: readonly L4Route[],
  attachment: Attachment,
  route: TLSRoute | TCPRoute,
  host: string,
): readonly L4Route[] {
  if (attachment.kind === 'service')
    return withPort(routes, attachment.ref.port, route.kind === 'TLSRoute' ? attachment.hosts : undefined, host);
  const own = attachment.listener.listener.hostname;
  if (!own || route.kind === 'TCPRoute') return routes;
  const cut = routes.map((it) => ({
    ...it,
    matches: it.matches.map((match) => ({ ...match, sniHosts: narrowedTo(match.sniHosts, own.value, own.at) })),
  }));
  return cut.filter((it) => it.matches.length === 0 || it.matches.some((match) => match.sniHosts.length > 0));
}
