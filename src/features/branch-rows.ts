import type { Location } from '../core/base/location.js';
import type { MeshSnapshot } from '../core/mesh/snapshot.js';
import type { Decision, Path } from '../core/trace/path.js';
import { clusterTitle } from './cluster-name.js';
import { percent } from './diagram.js';
import type { Badge } from './diagram-model.js';
import { clusterOfHop, destinationChoice } from './hop-cluster.js';
import { describeOutcome } from './outcome-text.js';

/** One line of an answer: what kind of request, where it goes, what the caller gets. */
export interface BranchRow {
  /** `1`, of the route in the YAML; empty for further lines of the same route. */
  readonly number: string;
  /** `header end-user = jason`; empty for further lines. */
  readonly condition: string;
  /** `90 %`, empty when all such requests go this way. */
  readonly share: string;
  /** `reviews v2 · 2 pods`, or why it ends. */
  readonly target: string;
  readonly state: Badge['state'];
  /** `200`, `503 UH`. */
  readonly code: string;
  /** For a broken branch: the place that breaks it. */
  readonly at: Location | undefined;
}

export interface RowsQuery {
  readonly number?: string;
  readonly condition?: string;
  /** A broken branch is shown at the line in here that led to it, rather than at what breaks it elsewhere. */
  readonly home?: Location;
}

/** The courses of one request as rows; those that differ in nothing a reader sees are one. */
export function branchRows(mesh: MeshSnapshot, paths: readonly Path[], query: RowsQuery = {}): BranchRow[] {
  const total = paths.reduce((sum, it) => sum + it.share, 0);
  const merged = new Map<string, { share: number; row: Omit<BranchRow, 'number' | 'condition' | 'share'> }>();
  for (const path of paths) {
    const { state, code } = describeOutcome(path.outcome);
    const row = { target: targetText(mesh, path), state, code, at: breakingPlace(path, query.home) };
    const key = `${row.target}|${code}`;
    const known = merged.get(key);
    if (known) known.share += path.share;
    else merged.set(key, { share: path.share, row });
  }
  const rows = [...merged.values()].sort((a, b) => b.share - a.share);
  return rows.map(({ share, row }, index) => ({
    number: index === 0 ? (query.number ?? '') : '',
    condition: index === 0 ? (query.condition ?? '') : '',
    share: rows.length > 1 ? percent(share / total) : '',
    ...row,
  }));
}

/** Where a path leads, in short, and for a broken one what is wrong there. */
function targetText(mesh: MeshSnapshot, path: Path): string {
  const { outcome } = path;
  const target = clusterOf(path) ?? '';
  const broken = breakingDecision(path);
  if (outcome.result === 'delivered') return join(target, reached(mesh, outcome.endpoints));
  if (outcome.result === 'status' && outcome.location !== undefined) return `redirect to ${outcome.location}`;
  if (broken?.stage === 'find cluster') return join(target, missingCluster(broken, target));
  return join(target, sentence(broken ? broken.because : describeOutcome(outcome).reason));
}

/** Why Envoy was sent no cluster: of a subset that nobody defines that much, else what the nearest candidate lacks. */
function missingCluster({ because, rejected }: Decision, target: string): string {
  const [first] = rejected;
  if (target.includes(' ') || !first) return target.includes(' ') ? 'no DestinationRule defines it' : sentence(because);
  return first.name.includes(' ') ? `${first.name}: ${first.because}` : first.because;
}

/** The decision that ended a path badly. */
function breakingDecision(path: Path): Decision | undefined {
  return path.hops
    .flatMap((it) => it.decisions)
    .filter((it) => it.state === 'broken')
    .at(-1);
}

/** The place to look at: in `home` the one that breaks it or led there last; elsewhere the last of those that break it. */
function breakingPlace(path: Path, home: Location | undefined): Location | undefined {
  const broken = breakingDecision(path);
  if (!broken) return undefined;
  const decisions = path.hops.flatMap((it) => it.decisions);
  // of a missing cluster nothing is wrong in the files that lack it, but in the route that names it
  const naming = broken.stage === 'find cluster' ? destinationChoice(decisions) : undefined;
  if (naming?.evidence[0]) return naming.evidence[0];
  if (!home) return broken.evidence.at(-1);
  const inHome = decisions.map((it) => it.evidence.filter((at) => isWithin(at, home))).filter((it) => it.length > 0);
  return inHome.at(-1)?.[0] ?? broken.evidence.at(-1);
}

/** Whether a place is part of another. */
export function isWithin(at: Location, whole: Location): boolean {
  return at.doc === whole.doc && at.start >= whole.start && at.end <= whole.end;
}

/** `reviews v2`: the last cluster that a client's proxy or a gateway chose on the way. */
function clusterOf({ hops }: Path): string | undefined {
  const cluster = hops.flatMap((it) => clusterOfHop(it) ?? []).at(-1);
  return cluster && clusterTitle(cluster, hops[0]?.place.pod?.split('/')[0]);
}

function reached(mesh: MeshSnapshot, endpoints: readonly string[]): string {
  let pods = 0;
  const others: string[] = [];
  for (const it of new Set(endpoints)) {
    const known = mesh
      .podsOf(it.slice(0, it.lastIndexOf(':')))
      .filter((pod) => pod.ready && !pod.terminating && !pod.finished);
    pods += known.length;
    if (known.length === 0) others.push(it);
  }
  return join(
    pods > 0 ? counted(pods, 'pod') : '',
    ...others.slice(0, 1),
    others.length > 1 ? `${others.length - 1} more` : '',
  );
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export function join(...parts: readonly string[]): string {
  return parts.filter((it) => it !== '').join(' · ');
}

/** Without the full stop, to stand among other parts. */
function sentence(text: string): string {
  return text.replace(/\.$/, '');
}
