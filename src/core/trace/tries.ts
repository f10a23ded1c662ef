import type { RetryPolicy } from '../xds/config.js';
import type { Fate } from './fates.js';
import { retryCondition } from './stages/retry.js';

/** How a request ended after one or more tries. */
export interface Ending {
  readonly share: number;
  /** Where the last try went. */
  readonly fate: Fate;
  /** Its number, from 1. */
  readonly attempt: number;
  /** Seconds from the first try to the end. */
  readonly elapsed: number;
  /** By the last try's result, by the limit of a try, or by that of the whole request (ACT-5). */
  readonly by: 'result' | 'try-limit' | 'limit';
  /** It would have been tried again, had there been tries left. */
  readonly exhausted: boolean;
  /** The condition by which earlier tries were made again. */
  readonly condition: string | undefined;
  readonly rules: TryRules;
}

export interface TryRules {
  readonly retries: RetryPolicy | undefined;
  /** Of the whole request, in seconds. */
  readonly limit: number | undefined;
  /** How long a connection that nobody takes is waited for. */
  readonly connectTimeout: number;
  /** A retry goes to a host that was not tried yet, if there is one; not so with a consistent hash (ACT-6). */
  readonly prefersOthers: boolean;
}

/** More tries than this make no difference that anybody could see. */
const MOST_TRIES = 12;

/** Plays a request through: each try may go to any fate, those that can be tried again lead to further tries. */
export function playTries(fates: readonly Fate[], rules: TryRules): readonly Ending[] {
  const endings = new Map<string, Ending>();
  const add = (it: Ending): void => {
    const key = `${fates.indexOf(it.fate)} ${it.by} ${it.exhausted} ${it.elapsed} ${it.fate.landing(it.attempt).result.kind}`;
    const same = endings.get(key);
    endings.set(key, same ? { ...same, share: same.share + it.share } : it);
  };
  play({ fates, rules, add }, 1, 1, 0, new Map(), undefined);
  return [...endings.values()];
}

interface Game {
  readonly fates: readonly Fate[];
  readonly rules: TryRules;
  readonly add: (ending: Ending) => void;
}

function play(
  game: Game,
  attempt: number,
  share: number,
  elapsed: number,
  tried: ReadonlyMap<Fate, number>,
  condition: string | undefined,
): void {
  const { fates, rules, add } = game;
  const { retries, limit } = rules;
  const perTry = perTryLimit(rules);
  for (const { fate, chance } of chances(fates, tried, rules.prefersOthers)) {
    const { result } = fate.landing(attempt);
    const takes = durationOf(result, rules);
    const cut = perTry !== undefined && takes >= perTry;
    const until = elapsed + (cut ? perTry : takes);
    const end = { share: share * chance, fate, attempt, condition, rules };
    if (limit !== undefined && until >= limit) {
      add({ ...end, elapsed: limit, by: 'limit', exhausted: false });
      continue;
    }
    const again = retries && retryCondition(retries, cut ? { kind: 'too-slow' } : result);
    if (again !== undefined && attempt <= Math.min(retries!.attempts, MOST_TRIES)) {
      const more = new Map(tried).set(fate, (tried.get(fate) ?? 0) + 1);
      play(game, attempt + 1, end.share, until, more, again);
    } else {
      add({
        ...end,
        elapsed: until,
        by: cut ? 'try-limit' : 'result',
        exhausted: again !== undefined && retries!.attempts > 0,
      });
    }
  }
}

/** A limit of a try that is no shorter than the whole one is none. */
function perTryLimit({ retries, limit }: TryRules): number | undefined {
  const perTry = retries?.perTryTimeout;
  return perTry === undefined || (limit !== undefined && perTry >= limit) ? undefined : perTry;
}

function durationOf(result: ReturnType<Fate['landing']>['result'], rules: TryRules): number {
  if (result.kind === 'answered') return result.delaySeconds;
  return result.kind === 'dropped' ? rules.connectTimeout : 0;
}

/** The chance of each fate for the next try. */
function chances(
  fates: readonly Fate[],
  tried: ReadonlyMap<Fate, number>,
  prefersOthers: boolean,
): readonly { readonly fate: Fate; readonly chance: number }[] {
  const untried = (fate: Fate): number => Math.max(0, 1 - (tried.get(fate) ?? 0) / fate.targets.length);
  const weigh = (fresh: boolean): { fate: Fate; chance: number }[] =>
    fates.map((fate) => ({ fate, chance: fate.share * (fresh ? untried(fate) : 1) })).filter((it) => it.chance > 1e-6);
  const fresh = prefersOthers ? weigh(true) : [];
  const all = fresh.length > 0 ? fresh : weigh(false);
  const total = all.reduce((sum, it) => sum + it.chance, 0);
  return all.map((it) => ({ ...it, chance: it.chance / total }));
}
