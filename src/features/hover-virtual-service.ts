import type { Location } from '../core/base/location.js';
import type { HttpMatch, HttpRoute, L4Match, RouteDestination, VirtualService } from '../core/model/virtual-service.js';
import type { TraceRequest } from '../core/trace/request.js';
import { branchRows, isWithin, join, type BranchRow } from './branch-rows.js';
import { percent } from './diagram.js';
import type { HoverContent, HoverContext } from './hover.js';
import { l4MatchText, matchText } from './match-text.js';
import { describeOutcome } from './outcome-text.js';
import { pathLine } from './path-line.js';
import { plainWitness, wentBy, witnessOfRoute, type Witness } from './witness.js';

/** What of a VirtualService the cursor is on. */
interface Focus {
  readonly host?: string | undefined;
  readonly gateway?: string | undefined;
  /** One of `http`, `tls` or `tcp`, all of which can be there. */
  readonly section?: 'http' | 'tls' | 'tcp' | undefined;
  /** Positions in the section, and in its entry's `match` and `route`. */
  readonly route?: number | undefined;
  readonly match?: number | undefined;
  readonly destination?: RouteDestination | undefined;
}

/** The branches of a VirtualService, or those of the host, gateway, route, match or destination under the cursor. */
export function hoverVirtualService({ session, keys }: HoverContext, it: VirtualService): HoverContent | undefined {
  const focus = focusOf(it, keys);
  const rows: BranchRow[] = [];
  const witnesses: Witness[] = [];
  let problem: string | undefined;
  for (const { number, condition, witness } of entriesOf(session, it, focus)) {
    if ('because' in witness) {
      problem ??= witness.because;
      continue;
    }
    witnesses.push(witness);
    rows.push(...rowsOf(session, it, witness, { number, condition, destination: focus.destination }));
  }
  const telling = mostTelling(witnesses);
  return {
    title: focus.host ?? it.hosts.map((host) => host.value).join(', '),
    note: telling ? requestNote(telling.request) : '',
    rows,
    facts: problem === undefined || rows.length > 0 ? [] : [problem],
    path: telling ? shownPath(telling, focus.destination?.at) : [],
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
  readonly witness: ReturnType<typeof witnessOfRoute>;
}

/** A request for each route, or for each match of the route that is spoken of. */
function* entriesOf(session: HoverContext['session'], it: VirtualService, focus: Focus): Generator<Entry> {
  const query = { virtualService: it, host: focus.host, gateway: focus.gateway };
  const wanted = (section: 'http' | 'tls' | 'tcp', route: number): boolean =>
    (focus.section ?? section) === section && (focus.route ?? route) === route;
  for (const [index, route] of it.http.entries()) {
    if (!wanted('http', index)) continue;
    for (const match of spokenOf(route.matches, focus)) {
      const condition = httpCondition(it, route, match, focus);
      yield { number: String(index + 1), condition, witness: witnessOfRoute(session, { ...query, route, match }) };
    }
  }
  for (const traffic of ['tls', 'tcp'] as const) {
    for (const [index, route] of it[traffic].entries()) {
      if (!wanted(traffic, index)) continue;
      for (const match of spokenOf<L4Match>(route.matches, focus)) {
        const condition = `${traffic} ${l4MatchText(match)}`.trim();
        yield { number: String(index + 1), condition, witness: plainWitness(session, { ...query, traffic, match }) };
      }
    }
  }
  if (it.http.length + it.tls.length + it.tcp.length === 0) {
    yield { number: '', condition: '', witness: plainWitness(session, { ...query, traffic: 'http' }) };
  }
}

/** Of a whole VirtualService the first match of each route stands for all; an absent one takes every request. */
function spokenOf<T>(matches: readonly T[], focus: Focus): readonly (T | undefined)[] {
  if (matches.length === 0) return [undefined];
  if (focus.route === undefined) return matches.slice(0, 1);
  const focused = focus.match === undefined ? undefined : matches[focus.match];
  return focused ? [focused] : matches;
}

function httpCondition(it: VirtualService, route: HttpRoute, match: HttpMatch | undefined, focus: Focus): string {
  if (!match) return it.http.length > 1 ? 'otherwise' : 'every request';
  const more = focus.route === undefined ? route.matches.length - 1 : 0;
  return more > 0 ? `${matchText(match)} (or ${more} more)` : matchText(match);
}

interface RowText {
  readonly number: string;
  readonly condition: string;
  readonly destination: RouteDestination | undefined;
}

function rowsOf(
  { snapshot }: HoverContext['session'],
  it: VirtualService,
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
function nameIn(it: VirtualService, at: Location): Location {
  const routes = [...it.http, ...it.tls, ...it.tcp].flatMap((route) => route.route);
  const found = routes.find((route) => isWithin(at, route.at))?.destination;
  return (found?.subset ?? found?.host)?.at ?? at;
}

/** Which route takes a request instead of the one that it was made for. */
function whyNotTaken(it: VirtualService, { trace }: Witness): string {
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

function focusOf(it: VirtualService, [top, section, index, part, inner]: readonly (string | number)[]): Focus {
  if (top !== 'spec' || typeof index !== 'number') return {};
  switch (section) {
    case 'hosts':
      return { host: it.hosts[index]?.value };
    case 'gateways':
      return { gateway: it.gateways[index]?.value };
    case 'http':
    case 'tls':
    case 'tcp': {
      const position = typeof inner === 'number' ? inner : undefined;
      const destination = part === 'route' && position !== undefined ? it[section][index]?.route[position] : undefined;
      return { section, route: index, match: part === 'match' ? position : undefined, destination };
    }
    default:
      return {};
  }
}
