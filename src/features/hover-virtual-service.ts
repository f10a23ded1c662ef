import type { HttpMatch, HttpRoute, RouteDestination, VirtualService } from '../core/model/virtual-service.js';
import type { TraceRequest } from '../core/trace/request.js';
import { branchRows, type BranchRow } from './branch-rows.js';
import { percent } from './diagram.js';
import type { NoDoor } from './doors.js';
import type { HoverContent, HoverContext } from './hover.js';
import { matchText } from './match-text.js';
import { describeOutcome } from './outcome-text.js';
import { pathLine } from './path-line.js';
import { plainWitness, wentBy, witnessOfRoute, type Witness } from './witness.js';

/** What of a VirtualService the cursor is on. */
interface Focus {
  readonly host?: string;
  readonly gateway?: string;
  readonly route?: HttpRoute;
  readonly match?: HttpMatch;
  readonly destination?: RouteDestination;
  /** Under `tls` or `tcp`. */
  readonly traffic: 'http' | 'tls' | 'tcp';
}

/** The branches of a VirtualService, or those of the host, gateway, route, match or destination under the cursor. */
export function hoverVirtualService({ session, keys }: HoverContext, it: VirtualService): HoverContent | undefined {
  const focus = focusOf(it, keys);
  const answered =
    focus.traffic === 'http' && it.http.length > 0 ? httpRows(session, it, focus) : plainRows(session, it, focus);
  const { rows, witness, problem } = answered;
  const shown = witness && mostTelling(witness, rows);
  return {
    title: focus.host ?? it.hosts.map((host) => host.value).join(', '),
    note: witness ? requestNote(witness.request) : '',
    rows,
    facts: problem === undefined ? [] : [problem],
    path: shown ? pathLine(shown) : [],
    request: witness?.request,
  };
}

/** `http :9080, from inside the mesh` */
export function requestNote({ from, to }: TraceRequest): string {
  const where = 'gateway' in from ? `through ${from.gateway}` : 'from inside the mesh';
  return `${to.scheme ?? 'http'} :${to.port ?? 80}, ${where}`;
}

/** Of a witness's paths the broken one if there is any: that is what one wants to see first. */
export function mostTelling(witness: Witness, rows: readonly BranchRow[]) {
  const paths = witness.paths.length > 0 ? witness.paths : witness.trace.paths;
  const likeliest = [...paths].sort((a, b) => b.share - a.share)[0];
  if (rows.length > 1) return likeliest;
  return paths.find((it) => describeOutcome(it.outcome).state === 'broken') ?? likeliest;
}

interface Rows {
  readonly rows: readonly BranchRow[];
  /** Of the first row that has one. */
  readonly witness: Witness | undefined;
  readonly problem: string | undefined;
}

function httpRows(session: HoverContext['session'], it: VirtualService, focus: Focus): Rows {
  const rows: BranchRow[] = [];
  let witness: Witness | undefined;
  let problem: string | undefined;
  for (const [index, route] of it.http.entries()) {
    if (focus.route && focus.route !== route) continue;
    const matches =
      focus.route && !focus.match ? route.matches : focus.match ? [focus.match] : route.matches.slice(0, 1);
    for (const match of matches.length > 0 ? matches : [undefined]) {
      const query = {
        virtualService: it,
        route,
        match,
        ...(focus.host ? { host: focus.host } : {}),
        ...(focus.gateway ? { gateway: focus.gateway } : {}),
      };
      const found = witnessOfRoute(session, query);
      if ('because' in found) {
        problem ??= found.because;
        continue;
      }
      const first = { number: String(index + 1), condition: conditionText(it, route, match, focus) };
      const added = rowsOf(session, found, first, focus.destination);
      rows.push(...added);
      if (!witness || (witness.paths.length === 0 && found.paths.length > 0)) witness = found;
    }
  }
  return { rows, witness, problem: rows.length > 0 ? undefined : problem };
}

function rowsOf(
  session: HoverContext['session'],
  witness: Witness,
  first: { readonly number: string; readonly condition: string },
  destination: RouteDestination | undefined,
): BranchRow[] {
  if (witness.paths.length === 0) {
    const taker = witness.trace.paths[0]?.hops
      .flatMap((hop) => hop.decisions)
      .find((it) => it.stage === 'match route')?.chose;
    const target = taker ? `never reached: such a request takes ${taker}` : 'no request gets here';
    return [{ ...first, share: '', target, state: 'warning', code: '', at: undefined }];
  }
  const wanted = destination && witness.paths.filter((it) => wentBy(it, destination.at));
  if (!wanted || wanted.length === 0) return branchRows(session.snapshot, witness.paths, first);
  const all = witness.paths.reduce((sum, it) => sum + it.share, 0);
  const share = wanted.reduce((sum, it) => sum + it.share, 0) / all;
  const rows = branchRows(session.snapshot, wanted, first);
  return share > 0.999 ? rows : rows.map((it) => (rows.length === 1 ? { ...it, share: percent(share) } : it));
}

function conditionText(it: VirtualService, route: HttpRoute, match: HttpMatch | undefined, focus: Focus): string {
  if (!match) return it.http.length > 1 ? 'otherwise' : 'every request';
  const more = focus.route ? 0 : route.matches.length - 1;
  return more > 0 ? `${matchText(match)} (or ${more} more)` : matchText(match);
}

/** For `tls` and `tcp` routes, and where there are no http routes: what becomes of the plainest request. */
function plainRows(session: HoverContext['session'], it: VirtualService, focus: Focus): Rows {
  const traffic =
    focus.traffic !== 'http' ? focus.traffic : it.tls.length > 0 ? 'tls' : it.tcp.length > 0 ? 'tcp' : 'http';
  const match = traffic === 'tls' ? it.tls[0]?.matches[0] : traffic === 'tcp' ? it.tcp[0]?.matches[0] : undefined;
  const found: Witness | NoDoor = plainWitness(session, {
    virtualService: it,
    traffic,
    match,
    ...(focus.host ? { host: focus.host } : {}),
    ...(focus.gateway ? { gateway: focus.gateway } : {}),
  });
  if ('because' in found) return { rows: [], witness: undefined, problem: found.because };
  return {
    rows: branchRows(session.snapshot, found.paths, { number: '', condition: '' }),
    witness: found,
    problem: undefined,
  };
}

function focusOf(it: VirtualService, keys: readonly (string | number)[]): Focus {
  const [top, section, index, part, inner] = keys;
  if (top !== 'spec') return { traffic: 'http' };
  if (section === 'hosts' && typeof index === 'number') {
    const host = it.hosts[index]?.value;
    return host === undefined ? { traffic: 'http' } : { host, traffic: 'http' };
  }
  if (section === 'gateways' && typeof index === 'number') {
    const gateway = it.gateways[index]?.value;
    return gateway === undefined ? { traffic: 'http' } : { gateway, traffic: 'http' };
  }
  if (section === 'tls' || section === 'tcp') return { traffic: section };
  const route = section === 'http' && typeof index === 'number' ? it.http[index] : undefined;
  if (!route) return { traffic: 'http' };
  const match = part === 'match' && typeof inner === 'number' ? route.matches[inner] : undefined;
  const destination = part === 'route' && typeof inner === 'number' ? route.route[inner] : undefined;
  return { traffic: 'http', route, ...(match ? { match } : {}), ...(destination ? { destination } : {}) };
}
