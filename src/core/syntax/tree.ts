/** What a plain scalar may mean to Kubernetes. */
export type ScalarValue = string | number | boolean | null;

export type YamlNode = ScalarNode | MapNode | SeqNode;

/**
 * One scalar; `text` is its content as a string whatever its type. `start..end` lies within the quotes, or covers them when
 * nothing is between them.
 */
export class ScalarNode {
  readonly kind = 'scalar';
  constructor(
    readonly start: number,
    readonly end: number,
    readonly value: ScalarValue,
    readonly text: string,
    /** Written without quotes, so that its type was guessed from its look. */
    readonly plain: boolean,
  ) {}
}

export interface MapEntry {
  readonly key: ScalarNode;
  readonly value: YamlNode;
}

/** A mapping in source order; when a key is repeated, the last one counts, as for kubectl. */
export class MapNode {
  readonly kind = 'map';
  constructor(
    readonly start: number,
    readonly end: number,
    readonly entries: readonly MapEntry[],
  ) {}

  entry(key: string): MapEntry | undefined {
    for (let i = this.entries.length - 1; i >= 0; i--) if (this.entries[i]!.key.text === key) return this.entries[i];
    return undefined;
  }

  get(key: string): YamlNode | undefined {
    return this.entry(key)?.value;
  }
}

export class SeqNode {
  readonly kind = 'seq';
  constructor(
    readonly start: number,
    readonly end: number,
    readonly items: readonly YamlNode[],
  ) {}
}

/** The plain JavaScript value of a node, for code that wants no ranges. Aliases may share objects. */
export function toPlain(node: YamlNode | undefined): unknown {
  if (!node) return undefined;
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'seq':
      return node.items.map(toPlain);
    case 'map':
      return Object.fromEntries(node.entries.map((it) => [it.key.text, toPlain(it.value)]));
  }
}
