import { MapNode, type MapEntry, type YamlNode } from './tree.js';
import type { SyntaxProblem } from './problem.js';

/** Makes a mapping of its pairs: `<<` merges are put in place, keys that come twice are reported. */
export function buildMap(start: number, end: number, pairs: readonly MapEntry[], problems: SyntaxProblem[]): MapNode {
  if (pairs.length < 2 && pairs[0]?.key.text !== '<<') return new MapNode(start, end, pairs);
  const seen = new Map<string, MapEntry>();
  let merged: MapEntry[] | undefined;
  for (const pair of pairs) {
    const name = pair.key.text;
    if (name === '<<' && pair.key.plain) {
      merged = [...(merged ?? []), ...mergedEntries(pair.value)];
      continue;
    }
    const first = seen.get(name);
    if (first) {
      problems.push({
        kind: 'duplicate-key',
        message: `Key "${name}" stands twice in this mapping; the first block is lost`,
        start: pair.key.start,
        end: pair.key.end,
        first: { start: first.key.start, end: first.key.end },
      });
    }
    seen.set(name, pair);
  }
  if (!merged) return new MapNode(start, end, pairs);
  const own = pairs.filter((it) => !(it.key.text === '<<' && it.key.plain));
  const inherited = merged.filter((it) => !seen.has(it.key.text));
  return new MapNode(start, end, [...inherited, ...own]);
}

/** The entries that `<<: value` brings; of several merged mappings the earlier one wins (so it comes last). */
function mergedEntries(value: YamlNode): readonly MapEntry[] {
  if (value.kind === 'map') return value.entries;
  if (value.kind === 'seq') return [...value.items].reverse().flatMap(mergedEntries);
  return [];
}
