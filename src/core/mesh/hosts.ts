import { compareText } from '../base/lists.js';

/*
 * Names that may begin with `*`; comparisons follow Istio's host.Name (GEN-4).
 */

export function isWildcard(host: string): boolean {
  return host.startsWith('*');
}

/** Whether there is a name that both stand for; symmetric. */
export function hostsMatch(a: string, b: string): boolean {
  const wildA = isWildcard(a);
  const wildB = isWildcard(b);
  if (wildA && wildB) {
    return a.length < b.length ? b.slice(1).endsWith(a.slice(1)) : a.slice(1).endsWith(b.slice(1));
  }
  if (wildA) return b.endsWith(a.slice(1));
  if (wildB) return a.endsWith(b.slice(1));
  return a === b;
}

/** Whether everything that `a` stands for, `b` stands for too. */
export function isSubsetOf(a: string, b: string): boolean {
  const wildA = isWildcard(a);
  const wildB = isWildcard(b);
  if (wildA && wildB) return a.length < b.length ? false : a.slice(1).endsWith(b.slice(1));
  if (wildA) return false;
  if (wildB) return a.endsWith(b.slice(1));
  return a === b;
}

/** Sorts the more specific host first: exact before wildcard, then longer, then by the alphabet. */
export function bySpecificity(a: string, b: string): number {
  const wildA = isWildcard(a);
  const wildB = isWildcard(b);
  if (wildA !== wildB) return wildA ? 1 : -1;
  if (a.length !== b.length) return b.length - a.length;
  return compareText(a, b);
}

/** The most specific of `table`'s hosts that covers `host`. */
export function mostSpecific<T>(host: string, table: ReadonlyMap<string, T>): { host: string; value: T } | undefined {
  const exact = table.get(host);
  if (exact !== undefined) return { host, value: exact };
  let best: string | undefined;
  for (const key of table.keys()) {
    if (!isWildcard(key) || !isSubsetOf(host, key)) continue;
    if (best === undefined || bySpecificity(key, best) < 0) best = key;
  }
  return best === undefined ? undefined : { host: best, value: table.get(best)! };
}

/** A host without any dot belongs to the namespace of the resource that names it (GEN-5). */
export function expandHost(host: string, namespace: string, domain: string): string {
  return host.includes('.') || host === '*' || host === '' ? host : `${host}.${namespace}.svc.${domain}`;
}

/** `svc.ns` of a name of the form `svc.ns.svc.<domain>`. */
export function clusterName(host: string, domain: string): { name: string; namespace: string } | undefined {
  const suffix = `.svc.${domain}`;
  if (!host.endsWith(suffix)) return undefined;
  const parts = host.slice(0, -suffix.length).split('.');
  return parts.length === 2 ? { name: parts[0]!, namespace: parts[1]! } : undefined;
}
