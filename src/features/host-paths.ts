import type { Location } from '../core/base/location.js';
import { expandHost } from '../core/mesh/hosts.js';
import { effectiveVirtualServices, type EffectiveVirtualService } from '../core/mesh/virtual-services.js';
import type { HttpMatch, HttpRoute } from '../core/model/virtual-service.js';
import type { Path } from '../core/trace/path.js';
import type { TraceRequest } from '../core/trace/request.js';
import { routeTitle } from '../core/xds/route-titles.js';
import { doorsToService } from './doors.js';
import { badgeLine, badgeOf, MARKS } from './outcome-text.js';
import type { Session } from './session.js';
import { bestOfDoors, witnessOfRoute } from './witness.js';

/** One branch that requests to a host can take, with a request that takes it and what becomes of that. */
export interface HostBranch {
  /** What has the branch: `VirtualService shop/reviews`, `Service shop/cart`. */
  readonly resource: string;
  /** `route #2 (prefix /api)`; `any request` of a Service without routes. */
  readonly title: string;
  readonly at: Location;
  readonly host: string;
  /** The witness; `undefined` when none was found. */
  readonly request: TraceRequest | undefined;
  readonly paths: readonly Path[];
  /** Why no witness was found; for a route behind one that takes everything, that no request takes it. */
  readonly dead: { readonly because: string; readonly by: Location | undefined } | undefined;
}

export interface PathsQuery {
  /** A host as routes or clients name it; all hosts when not given. */
  readonly host?: string | undefined;
  /** `kind/namespace/name` of a VirtualService or Service. */
  readonly resource?: string | undefined;
}

/** Every branch that requests can take: matches × weights × faults × policies, each with its witness. */
export function hostPaths(session: Session, query: PathsQuery = {}): HostBranch[] {
  return [...routedBranches(session, query), ...plainBranches(session, query)];
}

function routedBranches(session: Session, query: PathsQuery): HostBranch[] {
  return effectiveVirtualServices(session.snapshot)
    .filter((it) => isWanted(session, it, query))
    .flatMap((it) =>
      it.http.flatMap((route, index) => {
        const matches: readonly (HttpMatch | undefined)[] = route.matches.length > 0 ? route.matches : [undefined];
        return matches.map((match) => branchOf(session, it, route, match, index));
      }),
    );
}

function branchOf(
  session: Session,
  it: EffectiveVirtualService,
  route: HttpRoute,
  match: HttpMatch | undefined,
  index: number,
): HostBranch {
  const common = {
    resource: `${it.config.kind} ${it.config.namespace}/${it.config.name}`,
    title: routeTitle(index + 1, match),
    at: match?.at ?? route.at,
    host: it.hosts[0]?.value ?? '',
  };
  const witness = witnessOfRoute(session, { routes: it, route, match });
  if ('because' in witness)
    return { ...common, request: undefined, paths: [], dead: { because: witness.because, by: undefined } };
  if (witness.paths.length > 0) return { ...common, request: witness.request, paths: witness.paths, dead: undefined };
  const taken = witness.trace.paths[0]?.hops.flatMap((hop) => hop.decisions).find((one) => one.stage === 'match route');
  const because = `no request was found that reaches it${taken ? `; the best one goes by ${taken.chose}` : ''}`;
  return { ...common, request: undefined, paths: [], dead: { because, by: taken?.evidence[0] } };
}

/** Services that no VirtualService governs have the one branch that all requests take. */
function plainBranches(session: Session, query: PathsQuery): HostBranch[] {
  const { snapshot } = session;
  const governed = new Set(
    effectiveVirtualServices(snapshot).flatMap((it) => it.hosts.map((host) => host.value.toLowerCase())),
  );
  return snapshot.services.flatMap((service): HostBranch[] => {
    if (service.hostAt.doc === '' || governed.has(service.host.toLowerCase())) return [];
    const name = `service/${service.namespace}/${service.name}`;
    if (query.resource !== undefined && query.resource.toLowerCase() !== name) return [];
    if (
      query.host !== undefined &&
      !namesHost(query.host, service.host, service.namespace, snapshot.config.clusterDomain)
    )
      return [];
    const witness = bestOfDoors(session, doorsToService(snapshot, service));
    const common = { resource: service.title, title: 'any request', at: service.hostAt, host: service.host };
    if (!witness)
      return [{ ...common, request: undefined, paths: [], dead: { because: 'nobody can ask', by: undefined } }];
    return [{ ...common, request: witness.request, paths: witness.paths, dead: undefined }];
  });
}

function isWanted(session: Session, it: EffectiveVirtualService, { host, resource }: PathsQuery): boolean {
  const { kind, namespace, name } = it.config;
  if (resource !== undefined && resource.toLowerCase() !== `${kind}/${namespace}/${name}`.toLowerCase()) return false;
  if (host === undefined) return true;
  const domain = session.snapshot.config.clusterDomain;
  return it.hosts.some((own) => namesHost(host, own.value, it.namespace, domain));
}

/** Whether what a person types stands for a host: in full, `name.namespace`, or the name alone. */
function namesHost(typed: string, host: string, namespace: string, domain: string): boolean {
  const full = expandHost(host, namespace, domain).toLowerCase();
  const wanted = typed.toLowerCase();
  return [full, host.toLowerCase(), full.replace(`.svc.${domain}`, ''), full.split('.')[0]].includes(wanted);
}

/** The outcomes of a branch in one line each: `90 % ✓ 200 · shop/reviews-v1:9080`. */
export function branchOutcomes({ paths }: HostBranch): string[] {
  const total = paths.reduce((sum, it) => sum + it.share, 0);
  return paths.map((it) => {
    const badge = badgeOf(it);
    const share = paths.length > 1 ? `${Math.round((it.share / total) * 1000) / 10} % ` : '';
    return `${share}${MARKS[badge.state]} ${badgeLine(badge)}`;
  });
}
