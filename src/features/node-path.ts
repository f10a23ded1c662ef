import type { YamlNode } from '../core/syntax/tree.js';

/** The way from a document's root to what stands at an offset. */
export interface NodePath {
  /** Keys and list positions, outermost first: `['spec', 'http', 0, 'match']`. */
  readonly keys: readonly (string | number)[];
  /** What the last key leads to; it may be a value not typed yet (null). */
  readonly node: YamlNode;
  /** The word under the cursor: the key itself when the cursor is on it, else the scalar; `undefined` between words. */
  readonly word: { readonly start: number; readonly end: number } | undefined;
}

/** What stands at an offset of a document, as deep as the text goes. */
export function pathAt(root: YamlNode, offset: number): NodePath {
  const keys: (string | number)[] = [];
  let node = root;
  for (;;) {
    const step = stepInto(node, offset);
    if (!step) {
      const word = node.kind === 'scalar' && touches(node, offset) ? { start: node.start, end: node.end } : undefined;
      return { keys, node, word };
    }
    keys.push(step.key);
    node = step.value;
    if (step.word) return { keys, node, word: step.word };
  }
}

interface Step {
  readonly key: string | number;
  readonly value: YamlNode;
  /** Set when the offset is on the key. */
  readonly word?: { readonly start: number; readonly end: number };
}

function stepInto(node: YamlNode, offset: number): Step | undefined {
  if (node.kind === 'map') {
    for (const { key, value } of node.entries) {
      if (touches(key, offset)) return { key: key.text, value, word: { start: key.start, end: key.end } };
      if (touches(value, offset) && value.end > value.start) return { key: key.text, value };
    }
  } else if (node.kind === 'seq') {
    const index = node.items.findIndex((it) => touches(it, offset));
    if (index >= 0) return { key: index, value: node.items[index]! };
  }
  return undefined;
}

function touches(it: { readonly start: number; readonly end: number }, offset: number): boolean {
  return it.start <= offset && offset <= it.end;
}
