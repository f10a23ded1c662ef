import { xxHash64 } from '../base/xxhash64.js';

/** A host of a ring, by the address that is hashed; weights of one ring sum to one. */
export interface RingHost {
  readonly address: string;
  readonly weight: number;
}

/** The place of the host that a key falls to, in the order of the list. */
export type HashChoice = (key: bigint) => number;

/** Envoy's ring: hosts stand on it as often as they weigh, and a key goes to the next one. */
export function ringOf(hosts: readonly RingHost[], leastSize: number): HashChoice {
  const least = Math.min(...hosts.map((it) => it.weight));
  const scale = Math.ceil(least * leastSize) / least;
  const points: { readonly hash: bigint; readonly index: number }[] = [];
  let target = 0;
  let current = 0;
  hosts.forEach(({ address, weight }, index) => {
    target += scale * weight;
    for (let i = 0; current < target; i++, current++) points.push({ hash: xxHash64(`${address}_${i}`), index });
  });
  points.sort((a, b) => (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0));
  return (key) => {
    let low = 0;
    let high = points.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (points[middle]!.hash < key) low = middle + 1;
      else high = middle;
    }
    return points[low === points.length ? 0 : low]!.index;
  };
}

/** Envoy's Maglev table: hosts take turns in taking the next free place of their own order. */
export function maglevOf(hosts: readonly RingHost[], tableSize: number): HashChoice {
  const size = BigInt(tableSize);
  const most = Math.max(...hosts.map((it) => it.weight));
  const entries = hosts.map(({ address, weight }) => ({
    offset: Number(xxHash64(address) % size),
    skip: Number((xxHash64(address, 1) % (size - 1n)) + 1n),
    weight,
    target: 0,
    next: 0,
  }));
  const table = new Int32Array(tableSize).fill(-1);
  for (let filled = 0, turn = 1; filled < tableSize; turn++) {
    for (let index = 0; index < entries.length && filled < tableSize; index++) {
      const entry = entries[index]!;
      // lighter hosts sit turns out
      if (turn * entry.weight < entry.target) continue;
      entry.target += most;
      let place: number;
      do place = (entry.offset + entry.skip * entry.next++) % tableSize;
      while (table[place]! >= 0);
      table[place] = index;
      filled++;
    }
  }
  return (key) => table[Number(key % size)]!;
}
