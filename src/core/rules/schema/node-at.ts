import type { Location } from '../../base/location.js';
import type { YamlNode } from '../../syntax/tree.js';

/** A node with the names that lead to it, list positions left out. */
export interface FoundNode {
  readonly node: YamlNode;
  readonly path: readonly string[];
}

/** The node of a tree that has a place exactly. */
export function nodeAt(root: YamlNode | undefined, at: Location, path: readonly string[] = []): FoundNode | undefined {
  if (!root) return undefined;
  if (root.start === at.start && root.end === at.end) return { node: root, path };
  if (root.kind === 'seq') return firstOf(root.items, (it) => nodeAt(it, at, path));
  if (root.kind === 'map') return firstOf(root.entries, ({ key, value }) => nodeAt(value, at, [...path, key.text]));
  return undefined;
}

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const it of items) {
    const found = find(it);
    if (found !== undefined) return found;
  }
  return undefined;
}
