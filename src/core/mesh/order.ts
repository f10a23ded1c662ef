import type { ResourceBase } from '../model/resource.js';

type Aged = Pick<ResourceBase, 'created' | 'name' | 'namespace'>;

/** Oldest first: time, then name, then namespace (GEN-3). Objects without a time tie with each other and come first. */
export function byAge(a: Aged, b: Aged): number {
  const time = seconds(a) - seconds(b);
  if (time !== 0) return time;
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.namespace < b.namespace ? -1 : a.namespace > b.namespace ? 1 : 0;
}

/** Whether the order of the two is only a matter of names, as it is for files that carry no times. */
export function agesTie(a: Aged, b: Aged): boolean {
  return seconds(a) === seconds(b);
}

function seconds(it: Aged): number {
  return it.created === undefined ? 0 : Math.floor(it.created / 1000);
}
