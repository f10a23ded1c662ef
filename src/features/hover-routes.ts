import type { Location } from '../core/base/location.js';
import type { GRPCRoute, HTTPRoute, TCPRoute, TLSRoute } from '../core/model/gateway-routes.js';
import type { Ingress } from '../core/model/ingress.js';
import type { HttpMatch, HttpRoute, L4Route, RouteDestination, VirtualService } from '../core/model/virtual-service.js';
import { effectiveVirtualServices, type EffectiveVirtualService } from '../core/mesh/virtual-services.js';
import type { TraceRequest } from '../core/trace/request.js';
import { branchRows, isWithin, join, type BranchRow } from './branch-rows.js';
import { percent } from './diagram.js';
import type { HoverContent, HoverContext } from './hover.js';
import { EVERY_REQUEST, l4MatchText, matchText } from './match-text.js';
import { describeOutcome } from './outcome-text.js';
import { pathLine } from './path-line.js';
import type { Session } from './session.js';
import { plainWitness, wentBy, witnessOfRoute, type Witness } from './witness.js';

export type RouteResource = VirtualService | HTTPRoute | GRPCRoute | TLSRoute | TCPRoute | Ingress;

/** What of an object with routes the cursor is on. */
interface Focus {
  /** As written. */
  readonly host: string | undefined;
  /** `mesh` or `ns/name` */
  readonly gateway: string | undefined;
  readonly isOn: (at: Location) => boolean;
  /** Some route is under the cursor. */
  readonly onRoute: boolean;
}

/** The branches of an object with routes, or those of the host, gateway, route, match or destination under the cursor. */
export function hoverRoutes(context: HoverContext, it: RouteResource): HoverContent | undefined {
  const { session } = context;
  const tables = tablesOf(session, it);
  const focus = focusOf(context, it, tables);
  const rows: BranchRow[] = [];
  const witnesses: Witness[] = [];
  let problem = tables.length > 0 ? undefined : nobodyFollows(it);
  let destination: RouteDestination | undefined;
  for (const entry of entriesOf(session, it, tables, focus)) {
    if ('because' in entry.witness) {
      problem ??= entry.witness.because;
      continue;
    }
    destination = entry.route?.route.find((one) => focus.isOn(one.at));
    witnesses.push(entry.witness);
    rows.push(...rowsOf(session, it, entry.witness, { ...entry, destination }));
  }
  const telling = mostTelling(witnesses);
  return {
    title: focus.host ?? titleOf(it),
    note: telling ? requestNote(telling.request) : '',
    rows,
    facts: problem === undefined || rows.length > 0 ? [] : [problem],
    path: telling ? shownPath(telling, destination?.at) : [],
    request: telling?.request,
  };
}

/** `http :9080, from inside the mesh` */
export function requestNote({ from, to }: TraceRequest): string {
  const where = 'gateway' in from ? `through ${from.gateway}` : 'from inside the mesh';
  return `${to.scheme ?? 'http'} :${to.port ?? 80}, ${where}`;
}

/** The likeliest path of a witness (of those that a place decided), place by place. */
export function shownPath(witness: Witness, place?: Location): string[] {
  const deciding = place ? witness.paths.filter((it) => wentBy(it, place)) : [];
  const path = [...deciding, ...witness.paths, ...witness.trace.paths][0];
  return path ? pathLine(path) : [];
}

interface Entry {
  /** Of the route, from 1. */
  readonly number: string;
  readonly condition: string;
  readonly route: HttpRoute | L4Route | undefined;
  readonly witness: ReturnType<typeof witnessOfRoute>;
}

/** A request for each route, or for each match of the route that is spoken of. */
function* entriesOf(
  session: Session,
  it: RouteResource,
  tables: readonly EffectiveVirtualService[],
  focus: Focus,
): Generator<Entry> {
  const seen = new Set<string>();
  const isSpokenOf = (route: HttpRoute | L4Route): boolean => !focus.onRoute || focus.isOn(route.at);
  for (const routes of tables) {
    if (focus.host !== undefined && !routes.hosts.some((host) => isHost(routes, host.value, focus.host!))) continue;
    const host =
      focus.host === undefined ? undefined : routes.hosts.find((one) => isHost(routes, one.value, focus.host!))?.value;
    const query = { routes, host, gateway: focus.gateway };
    // a delegate's entries stand in its roots' tables, and every table of an HTTPRoute has the same ones
    const isNew = (route: HttpRoute | L4Route): boolean =>
      (routes.source === it || isWithin(route.at, it.at)) && !seen.has(`${route.at.doc}:${route.at.start}`);
    const own = routes.http.filter(isNew);
    for (const [index, route] of own.entries()) {
      if (!isSpokenOf(route)) continue;
      for (const match of spokenOf(route.matches, focus)) {
        const condition = httpCondition(own, route, match, focus);
        yield {
          number: String(index + 1),
          condition,
          route,
          witness: witnessOfRoute(session, { ...query, route, match }),
        };
      }
    }
    for (const traffic of ['tls', 'tcp'] as const) {
      for (const [index, route] of routes[traffic].filter(isNew).entries()) {
        if (!isSpokenOf(route)) continue;
        for (const match of spokenOf(route.matches, focus)) {
          const condition = `${traffic} ${l4MatchText(match)}`.trim();
          yield {
            number: String(index + 1),
            condition,
            route,
            witness: plainWitness(session, { ...query, traffic, match }),
          };
        }
      }
    }
    for (const route of [...routes.http, ...routes.tls, ...routes.tcp]) seen.add(`${route.at.doc}:${route.at.start}`);
    if (routes.http.length + routes.tls.length + routes.tcp.length === 0) {
      const witness = plainWitness(session, { ...query, traffic: 'http' });
      yield { number: '', condition: '', route: undefined, witness };
    }
  }
}

/** Of a whole table the first match of each route stands for all; an absent one takes every request. */
function spokenOf<T extends { readonly at: Location }>(
  matches: readonly T[],
  focus: Focus,
): readonly (T | undefined)[] {
  if (matches.length === 0) return [undefined];
  if (!focus.onRoute) return matches.slice(0, 1);
  const focused = matches.filter((it) => focus.isOn(it.at));
  return focused.length > 0 ? focused : matches;
}

function httpCondition(
  all: readonly HttpRoute[],
  route: HttpRoute,
  match: HttpMatch | undefined,
  focus: Focus,
): string {
  const text = match && matchText(match);
  if (text === undefined || text === EVERY_REQUEST) return all.length > 1 ? 'otherwise' : EVERY_REQUEST;
  const more = focus.onRoute ? 0 : route.matches.length - 1;
  return more > 0 ? `${text} (or ${more} more)` : text;
}

/** The tables that istiod makes of an object: one for a VirtualService, those of its roots for a delegate, several for an HTTPRoute. */
function tablesOf({ snapshot }: Session, it: RouteResource): readonly EffectiveVirtualService[] {
  const all = effectiveVirtualServices(snapshot);
  if (it.kind === 'VirtualService' && it.hosts.length > 0) return all.filter((table) => table.source === it);
  const isPart = (route: HttpRoute | L4Route): boolean => isWithin(route.at, it.at);
  return all.filter((table) => [...table.http, ...table.tls, ...table.tcp].some(isPart));
}

function nobodyFollows(it: RouteResource): string {
  return it.kind === 'VirtualService'
    ? 'It names no host and no VirtualService delegates to it: nobody follows these routes'
    : 'No parent takes it: nobody follows these routes';
}

function titleOf(it: RouteResource): string {
  const hosts = it.kind === 'VirtualService' ? it.hosts : 'hostnames' in it ? it.hostnames : [];
  return hosts.length > 0 ? hosts.map((host) => host.value).join(', ') : `${it.kind} ${it.namespace}/${it.name}`;
}

/** Whether a completed host is what was written. */
function isHost({ namespace }: EffectiveVirtualService, completed: string, written: string): boolean {
  return completed === written || completed.startsWith(`${written}.${namespace}.svc.`);
}

interface RowText {
  readonly number: string;
  readonly condition: string;
  readonly destination: RouteDestination | undefined;
}

function rowsOf(
  { snapshot }: Session,
  it: RouteResource,
  witness: Witness,
  { number, condition, destination }: RowText,
): BranchRow[] {
  if (witness.paths.length === 0) {
    return [
      { number, condition, share: '', target: whyNotTaken(it, witness), state: 'warning', code: '', at: undefined },
    ];
  }
  const query = { number, condition, home: it.at };
  const toName = (row: BranchRow): BranchRow => ({ ...row, at: row.at && nameIn(it, row.at) });
  const wanted = destination ? witness.paths.filter((path) => wentBy(path, destination.at)) : [];
  if (wanted.length === 0) return branchRows(snapshot, witness.paths, query).map(toName);
  const share = sum(wanted) / sum(witness.paths);
  const rows = branchRows(snapshot, wanted, query).map(toName);
  return rows.length === 1 && share < 0.9995 ? [{ ...rows[0]!, share: percent(share) }] : rows;
}

/** Of a destination that breaks its narrowest name: the subset, else the host. */
function nameIn(it: RouteResource, at: Location): Location {
  if (it.kind !== 'VirtualService') return at;
  const routes = [...it.http, ...it.tls, ...it.tcp].flatMap((route) => route.route);
  const found = routes.find((route) => isWithin(at, route.at))?.destination;
  return (found?.subset ?? found?.host)?.at ?? at;
}

/** Which route takes a request instead of the one that it was made for. */
function whyNotTaken(it: RouteResource, { trace }: Witness): string {
  const decisions = trace.paths[0]?.hops.flatMap((hop) => hop.decisions) ?? [];
  const taker = decisions.find((one) => one.stage === 'match route');
  if (taker?.evidence.some((at) => isWithin(at, it.at))) return `never reached: ${taker.chose} takes such a request`;
  const outcome = trace.paths[0] && describeOutcome(trace.paths[0].outcome);
  return join('such a request does not come by here', outcome ? join(outcome.code, outcome.reason) : '');
}

/** The witness that links lead to: of several the first that breaks, else the first that is delivered. */
function mostTelling(witnesses: readonly Witness[]): Witness | undefined {
  const taken = witnesses.filter((it) => it.paths.length > 0);
  const breaks = taken.find((it) => it.paths.some((path) => describeOutcome(path.outcome).state === 'broken'));
  const delivered = taken.find((it) => it.paths.some((path) => path.outcome.result === 'delivered'));
  return breaks ?? delivered ?? taken[0] ?? witnesses[0];
}

function sum(paths: Witness['paths']): number {
  return paths.reduce((total, it) => total + it.share, 0);
}

function focusOf(context: HoverContext, it: RouteResource, tables: readonly EffectiveVirtualService[]): Focus {
  const [top, section, index] = context.keys;
  const isOn = (at: Location): boolean =>
    at.doc === context.doc && at.start <= context.offset && context.offset <= at.end;
  const onRoute = tables.some((table) => [...table.http, ...table.tls, ...table.tcp].some((route) => isOn(route.at)));
  const position = top === 'spec' && typeof index === 'number' ? index : -1;
  const hosts = it.kind === 'VirtualService' ? it.hosts : 'hostnames' in it ? it.hostnames : [];
  return {
    host: section === 'hosts' || section === 'hostnames' ? hosts[position]?.value : undefined,
    gateway: section === 'gateways' ? tables[0]?.gateways[position] : undefined,
    isOn,
    onRoute,
  };
}
