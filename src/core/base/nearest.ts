/** The candidate that a writer most likely meant: a slip or two away from the word; `undefined` when none is that close. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const most = word.length <= 3 ? 1 : word.length <= 8 ? 2 : 3;
  let best: string | undefined;
  let least = most + 1;
  for (const it of candidates) {
    if (it === word || Math.abs(it.length - word.length) >= least || withoutDigits(it) === withoutDigits(word))
      continue;
    const distance = distanceOf(word, it, least);
    if (distance < least || (distance === least && best !== undefined && it < best)) {
      least = distance;
      best = it;
    }
  }
  return best;
}

/** Two versions are not a slip apart. */
function withoutDigits(word: string): string {
  return word.replace(/\d+/g, '#');
}

/** Insertions, deletions, substitutions and swaps of neighbours that make `b` of `a`; `limit` or more are not told apart. */
function distanceOf(a: string, b: string, limit: number): number {
  let older: number[] = [];
  let old = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(old[j]! + 1, row[j - 1]! + 1, old[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, older[j - 2]! + 1);
      row.push(cost);
    }
    if (Math.min(...row) >= limit) return limit;
    older = old;
    old = row;
  }
  return old[b.length]!;
}
