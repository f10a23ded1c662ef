import type { Location } from '../base/location.js';
import type { RetryPolicy } from '../xds/config.js';
import type { Fate, FateLanding } from './fates.js';
import { retryCondition } from './stages/retry.js';

/** One try of a request, or several in a row that fared alike. */
export interface Try {
  readonly fate: Fate;
  /** Number of the first and the last of them, from 1. */
  readonly first: number;
  readonly last: number;
  /** Which of them a limit ended: the first, or a later one (ACT-5). */
  readonly cut: 'first' | 'later' | undefined;
}

/** How a request ended after one or more tries. */
export interface Ending {
  readonly share: number;
  /** In order; the last one is the end. Never empty. */
  readonly tries: readonly Try[];
  /** Seconds from the first try to the end. */
  readonly elapsed: number;
  /** By the last try's result, by the limit of a try, or by that of the whole request (ACT-5). */
  readonly by: 'result' | 'try-limit' | 'limit';
  /** It would have been tried again, had there been tries left. */
  readonly exhausted: boolean;
  /** The condition by which the last try but one was made again. */
  readonly condition: string | undefined;
  readonly rules: TryRules;
}

export interface TryRules {
  readonly retries: RetryPolicy | undefined;
  /** Of the whole request, in seconds. */
  readonly limit: number | undefined;
  readonly limitAt: Location | undefined;
  /** How long a connection that nobody takes is waited for. */
  readonly connectTimeout: number;
  /** Where a retry goes: to a host that was not tried yet if there is one, to the same host again, or to any (ACT-6). */
  readonly again: 'others' | 'same' | 'any';
}

/** The try that a request ended with. */
export function lastTry(ending: Ending): Try {
  return ending.tries.at(-1)!;
}

/** More tries than this make no difference that anybody could see. */
const MOST_TRIES = 12;
/** Ways to get to the next try that are kept apart; beyond, only where it stands counts. */
const MOST_WAYS = 24;

interface State {
  readonly share: number;
  readonly elapsed: number;
  readonly tries: readonly Try[];
  readonly tried: ReadonlyMap<Fate, number>;
  readonly condition: string | undefined;
}

/** Plays a request through: each try may go to any fate, those that can be tried again lead to further tries. */
export function playTries(fates: readonly Fate[], rules: TryRules): readonly Ending[] {
  const endings = new Map<string, Ending>();
  const end = (it: Ending): void => {
    const key = `${wayOf(fates, it.tries)} ${it.by} ${it.exhausted} ${it.elapsed} ${landingOf(lastTry(it)).result.kind}`;
    const same = endings.get(key);
    endings.set(key, same ? { ...same, share: same.share + it.share } : it);
  };
  let states: readonly State[] = [{ share: 1, elapsed: 0, tries: [], tried: new Map(), condition: undefined }];
  for (let attempt = 1; states.length > 0; attempt++) {
    const next = states.flatMap((it) => step(fates, rules, it, attempt, end));
    states = next.length > MOST_WAYS ? merged(fates, next, false) : merged(fates, next, true);
  }
  // those that took more tries first: they are the rarer ones, and among equals the more telling
  return [...endings.values()].sort((a, b) => lastTry(b).last - lastTry(a).last);
}

/** One more try from a state; what ends is given to `end`, what is tried again comes back. */
function step(
  fates: readonly Fate[],
  rules: TryRules,
  state: State,
  attempt: number,
  end: (ending: Ending) => void,
): State[] {
  const { retries, limit } = rules;
  const perTry = perTryLimit(rules);
  return chances(fates, state, rules.again).flatMap(({ fate, chance }): State[] => {
    const { result } = fate.landing(attempt);
    const takes = durationOf(result, rules);
    const tooSlow = perTry !== undefined && takes >= perTry;
    const until = state.elapsed + (tooSlow ? perTry : takes);
    const late = limit !== undefined && until >= limit;
    const tries = withTry(state.tries, {
      fate,
      first: attempt,
      last: attempt,
      cut: tooSlow || late ? 'first' : undefined,
    });
    const common = { share: state.share * chance, tries, condition: state.condition };
    if (late) {
      end({ ...common, elapsed: limit, by: 'limit', exhausted: false, rules });
      return [];
    }
    const again = retries && retryCondition(retries, tooSlow ? { kind: 'too-slow' } : result);
    if (again !== undefined && attempt <= Math.min(retries!.attempts, MOST_TRIES)) {
      const tried = new Map(state.tried).set(fate, (state.tried.get(fate) ?? 0) + 1);
      return [{ ...common, elapsed: until, tried, condition: again }];
    }
    const exhausted = again !== undefined && retries!.attempts > 0;
    end({ ...common, elapsed: until, by: tooSlow ? 'try-limit' : 'result', exhausted, rules });
    return [];
  });
}

/** Tries in a row that fare alike are told once. */
function withTry(tries: readonly Try[], more: Try): readonly Try[] {
  const before = tries.at(-1);
  if (before?.fate !== more.fate) return [...tries, more];
  return [...tries.slice(0, -1), { ...before, last: more.last, cut: before.cut ?? (more.cut && 'later') }];
}

function merged(fates: readonly Fate[], states: readonly State[], byWay: boolean): readonly State[] {
  const result = new Map<string, State>();
  for (const it of states) {
    const tried = fates.map((fate) => it.tried.get(fate) ?? 0).join();
    const key = `${byWay ? wayOf(fates, it.tries) : ''} ${tried} ${it.elapsed}`;
    const same = result.get(key);
    result.set(key, same ? { ...same, share: same.share + it.share } : it);
  }
  return [...result.values()];
}

function wayOf(fates: readonly Fate[], tries: readonly Try[]): string {
  return tries.map((it) => `${fates.indexOf(it.fate)}${it.cut ?? ''}`).join('>');
}

/** What a try came to: of several alike the last one, or the first where a limit cut one of them short. */
export function landingOf({ fate, first, last, cut }: Try): FateLanding {
  return fate.landing(cut === undefined ? last : first);
}

/** A limit of a try that is no shorter than the whole one is none. */
function perTryLimit({ retries, limit }: TryRules): number | undefined {
  const perTry = retries?.perTryTimeout;
  return perTry === undefined || (limit !== undefined && perTry >= limit) ? undefined : perTry;
}

function durationOf(result: FateLanding['result'], rules: TryRules): number {
  if (result.kind === 'answered') return result.delaySeconds;
  return result.kind === 'dropped' ? rules.connectTimeout : 0;
}

/** Envoy looks this often for a host that was not tried yet, then takes what it has. */
const MOST_PICKS = 6;
/** Rarer courses than this are not told. */
const RARE = 1e-2;

interface Chance {
  readonly fate: Fate;
  readonly chance: number;
}

/** The chance of each fate for the next try of a course that has a share of all requests. */
function chances(fates: readonly Fate[], state: State, again: TryRules['again']): readonly Chance[] {
  const { tried, share } = state;
  const part = (fate: Fate): number => Math.min(1, (tried.get(fate) ?? 0) / fate.targets.length);
  if (tried.size === 0 || again === 'any') return weighed(fates, () => 1);
  if (again === 'same') return weighed(fates, (it) => (tried.has(it) ? 1 : 0));
  const others = weighed(fates, (it) => 1 - part(it));
  if (others.length === 0) return spare(fates, part);
  const total = fates.reduce((sum, it) => sum + it.share, 0);
  const inVain = (fates.reduce((sum, it) => sum + it.share * part(it), 0) / total) ** MOST_PICKS;
  if (inVain * share < RARE) return others;
  return [
    ...others.map((it) => ({ ...it, chance: it.chance * (1 - inVain) })),
    ...weighed(fates, part).map((it) => ({ ...it, chance: it.chance * inVain })),
  ];
}

/** Hosts to which a hash does not lead come into play when the one it leads to was tried; then all come again. */
function spare(fates: readonly Fate[], part: (fate: Fate) => number): readonly Chance[] {
  const unmet = fates.filter((it) => it.share === 0 && part(it) === 0);
  if (unmet.length === 0) return weighed(fates, () => 1);
  return unmet.map((fate) => ({ fate, chance: 1 / unmet.length }));
}

function weighed(fates: readonly Fate[], by: (fate: Fate) => number): readonly Chance[] {
  const all = fates.map((fate) => ({ fate, chance: fate.share * by(fate) })).filter((it) => it.chance > 1e-9);
  const total = all.reduce((sum, it) => sum + it.chance, 0);
  return all.map((it) => ({ ...it, chance: it.chance / total }));
}
