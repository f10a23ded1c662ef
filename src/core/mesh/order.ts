import { compareText } from '../base/lists.js';
import type { ResourceBase } from '../model/resource.js';

type Aged = Pick<ResourceBase, 'created' | 'name' | 'namespace'>;

/** Oldest first: time, then name, then namespace (GEN-3). Objects without a time tie with each other and come first. */
export function byAge(a: Aged, b: Aged): number {
  const time = seconds(a) - seconds(b);
  return time || compareText(a.name, b.name) || compareText(a.namespace, b.namespace);
}

/** Whether the order of the two is only a matter of names, as it is for files that carry no times. */
export function agesTie(a: Aged, b: Aged): boolean {
  return seconds(a) === seconds(b);
}

function seconds(it: Aged): number {
  return it.created === undefined ? 0 : Math.floor(it.created / 1000);
}
