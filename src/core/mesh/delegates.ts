import type { Rejected } from '../base/explained.js';
import { sourced, type Location, type Sourced } from '../base/location.js';
import type { StringMap } from '../model/fields.js';
import type { StringMatch } from '../model/resource.js';
import type { HttpMatch, HttpRoute } from '../model/virtual-service.js';

/** What is left of a delegate's entries under one root entry. */
export interface MergedEntries {
  readonly http: readonly HttpRoute[];
  readonly dropped: readonly Rejected[];
}

/** The delegate's entries as they stand in for the root's (VS-7). */
export function mergeDelegate(root: HttpRoute, delegate: readonly HttpRoute[], delegateName: string): MergedEntries {
  const http: HttpRoute[] = [];
  const dropped: Rejected[] = [];
  delegate.forEach((entry, index) => {
    const matches = mergeMatches(root.matches, entry.matches);
    if ('conflict' in matches) {
      const { at, because } = matches.conflict;
      dropped.push({ name: `entry #${index + 1} of ${delegateName}`, because, evidence: [at, root.at] });
    } else http.push(mergeEntry(root, entry, matches.merged));
  });
  return { http, dropped };
}

function mergeEntry(root: HttpRoute, entry: HttpRoute, matches: readonly HttpMatch[]): HttpRoute {
  return {
    ...entry,
    matches,
    name: joinNames(root.name, entry.name),
    delegate: undefined,
    rewrite: entry.rewrite ?? root.rewrite,
    directResponse: entry.directResponse ?? root.directResponse,
    timeout: entry.timeout ?? root.timeout,
    retries: entry.retries ?? root.retries,
    fault: entry.fault ?? root.fault,
    mirror: {
      destination: entry.mirror.destination ?? root.mirror.destination,
      percentage: entry.mirror.percentage ?? root.mirror.percentage,
    },
    mirrors: entry.mirrors.length > 0 ? entry.mirrors : root.mirrors,
    cors: entry.cors ?? root.cors,
    headers: entry.headers ?? root.headers,
  };
}

type Matches = { readonly merged: readonly HttpMatch[] } | { readonly conflict: Conflict };

interface Conflict {
  readonly at: Location;
  readonly because: string;
}

/** Every pair that can both be true, the delegate's order first; a delegate's match that fits no root match ends the entry. */
function mergeMatches(root: readonly HttpMatch[], leaf: readonly HttpMatch[]): Matches {
  if (root.length === 0) return { merged: leaf };
  if (leaf.length === 0) return { merged: root };
  const merged: HttpMatch[] = [];
  for (const own of leaf) {
    let conflict: Conflict | undefined;
    const before = merged.length;
    for (const outer of root) {
      const found = conflictOf(outer, own);
      if (found) conflict ??= found;
      else merged.push(mergeMatch(outer, own));
    }
    if (merged.length === before) return { conflict: conflict! };
  }
  return { merged };
}

function mergeMatch(root: HttpMatch, leaf: HttpMatch): HttpMatch {
  return {
    ...leaf,
    name: joinNames(root.name, leaf.name),
    uri: leaf.uri ?? root.uri,
    scheme: leaf.scheme ?? root.scheme,
    method: leaf.method ?? root.method,
    authority: leaf.authority ?? root.authority,
    headers: new Map([...root.headers, ...leaf.headers]),
    withoutHeaders: new Map([...root.withoutHeaders, ...leaf.withoutHeaders]),
    queryParams: new Map([...root.queryParams, ...leaf.queryParams]),
    port: leaf.port ?? root.port,
    sourceLabels: new Map([...root.sourceLabels, ...leaf.sourceLabels]),
    sourceNamespace: leaf.sourceNamespace ?? root.sourceNamespace,
    gateways: leaf.gateways.length > 0 ? leaf.gateways : root.gateways,
  };
}

function joinNames(root: Sourced<string> | undefined, leaf: Sourced<string> | undefined): Sourced<string> | undefined {
  if (!leaf?.value) return root;
  return root?.value ? sourced(`${root.value}-${leaf.value}`, leaf.at) : leaf;
}

function conflictOf(root: HttpMatch, leaf: HttpMatch): Conflict | undefined {
  for (const field of ['uri', 'scheme', 'method', 'authority'] as const) {
    if (disagree(root[field], leaf[field]))
      return { at: leaf[field]!.at, because: `its ${field} is not within the root's` };
  }
  for (const field of ['headers', 'withoutHeaders', 'queryParams'] as const) {
    for (const [name, match] of leaf[field]) {
      if (disagree(root[field].get(name), match)) {
        return { at: match.at, because: `its ${field} ${name} is not within the root's` };
      }
    }
  }
  if (root.ignoreUriCase !== leaf.ignoreUriCase)
    return { at: leaf.at, because: 'its ignoreUriCase differs from the root’s' };
  if (root.port && leaf.port && root.port.value !== leaf.port.value) {
    return { at: leaf.port.at, because: `its port ${leaf.port.value} is not the root's ${root.port.value}` };
  }
  if (root.sourceNamespace && leaf.sourceNamespace?.value !== root.sourceNamespace.value) {
    return {
      at: leaf.sourceNamespace?.at ?? leaf.at,
      because: `its sourceNamespace is not the root's ${root.sourceNamespace.value}`,
    };
  }
  return labelConflict(root.sourceLabels, leaf.sourceLabels) ?? gatewayConflict(root, leaf);
}

function labelConflict(root: StringMap, leaf: StringMap): Conflict | undefined {
  for (const [key, value] of leaf) {
    const other = root.get(key);
    if (other && other.value !== value.value) {
      return { at: value.at, because: `its source label ${key} is ${value.value}, the root's ${other.value}` };
    }
  }
  return undefined;
}

function gatewayConflict(root: HttpMatch, leaf: HttpMatch): Conflict | undefined {
  if (root.gateways.length === 0 || leaf.gateways.length === 0) return undefined;
  const known = new Set(root.gateways.map((it) => it.value));
  const foreign = leaf.gateways.find((it) => !known.has(it.value));
  if (foreign) return { at: foreign.at, because: `gateway ${foreign.value} is not among the root's` };
  // istiod compares the lengths of the lists, too
  return leaf.gateways.length > root.gateways.length
    ? { at: leaf.at, because: 'it names more gateways than the root' }
    : undefined;
}

/** Whether two conditions of one field cannot be joined: the delegate's has to lie within the root's. */
function disagree(root: StringMatch | undefined, leaf: StringMatch | undefined): boolean {
  if (!root || !leaf) return false;
  const outer = valueOf(root);
  const inner = valueOf(leaf);
  if (outer?.type === 'regex' || inner?.type === 'regex') return true;
  if (outer?.type === 'exact') return inner?.type !== 'exact' || inner.value !== outer.value;
  if (outer?.type === 'prefix') return inner === undefined || !inner.value.startsWith(outer.value);
  return true; // «present» and empty conditions agree with nothing, not even with themselves
}

/** istiod takes an empty condition for none. */
function valueOf(it: StringMatch): Exclude<StringMatch, { type: 'present' }> | undefined {
  return it.type === 'present' || it.value === '' ? undefined : it;
}
