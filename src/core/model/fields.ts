import { sourced, type DocumentId, type Location, type Sourced } from '../base/location.js';
import type { MapNode, ScalarNode, YamlNode } from '../syntax/tree.js';

/** A field whose value has not the type that its schema asks for. */
export interface FieldProblem {
  readonly at: Location;
  readonly expected: string;
  readonly found: string;
  /** The value as written, when it is a single one. */
  readonly text: string | undefined;
}

/**
 * Reads the fields of one YAML mapping. A field that is absent, null or of the wrong type reads as `undefined` (or an empty
 * list); the wrong type is noted in `problems`, if there are any, which all readers of one resource share.
 */
export class Fields {
  constructor(
    private readonly doc: DocumentId,
    readonly node: YamlNode | undefined,
    private readonly problems?: FieldProblem[],
    /** Where text that holds YAML stands: offsets in it are none of the document, so all of it stands for each of its parts. */
    private readonly within?: Location,
  ) {}

  /** The whole mapping. */
  get at(): Location {
    return this.locate(this.node);
  }

  /** The value of a field, or the mapping that lacks it. */
  valueAt(key: string): Location {
    return this.locate(this.raw(key) ?? this.node);
  }

  /** The name of a field, or the mapping that lacks it. */
  keyAt(key: string): Location {
    return this.locate(this.map?.entry(key)?.key ?? this.node);
  }

  has(key: string): boolean {
    return this.map?.entry(key) !== undefined;
  }

  keys(): string[] {
    return this.map?.entries.map((it) => it.key.text) ?? [];
  }

  /** The names of the fields, with their places. */
  keyNames(): Sourced<string>[] {
    return this.map?.entries.map((it) => sourced(it.key.text, this.locate(it.key))) ?? [];
  }

  string(key: string): Sourced<string> | undefined {
    const node = this.scalar(key, 'string');
    if (!node) return undefined;
    if (node.plain && typeof node.value !== 'string') this.wrong(node, 'a string', typeof node.value);
    return sourced(node.text, this.locate(node));
  }

  /** A whole or broken number; a quoted one is a wrong type. */
  number(key: string): Sourced<number> | undefined {
    const node = this.scalar(key, 'number');
    if (!node) return undefined;
    if (typeof node.value === 'number') return sourced(node.value, this.locate(node));
    this.wrong(node, 'a number', 'text');
    return undefined;
  }

  boolean(key: string): Sourced<boolean> | undefined {
    const node = this.scalar(key, 'boolean');
    if (!node) return undefined;
    if (typeof node.value === 'boolean') return sourced(node.value, this.locate(node));
    this.wrong(node, 'true or false', typeof node.value);
    return undefined;
  }

  /** Kubernetes' IntOrString. */
  numberOrString(key: string): Sourced<number | string> | undefined {
    const node = this.scalar(key, 'number or string');
    if (!node) return undefined;
    const value = typeof node.value === 'number' ? node.value : node.text;
    return sourced(value, this.locate(node));
  }

  /** A nested mapping; `undefined` when absent or null, present when `{}`. */
  fields(key: string): Fields | undefined {
    const node = this.raw(key);
    if (!node || isNull(node)) return undefined;
    if (node.kind !== 'map') {
      this.wrong(node, 'a mapping', node.kind === 'seq' ? 'a list' : 'a single value');
      return undefined;
    }
    return this.inner(node);
  }

  /** As {@link fields}, but an absent mapping reads as an empty one. */
  fieldsOrEmpty(key: string): Fields {
    return this.fields(key) ?? this.inner(undefined);
  }

  /** The mappings of a list. */
  list(key: string): Fields[] {
    return this.items(key, 'a mapping').flatMap((it) => {
      if (it.kind === 'map' || isNull(it)) return [this.inner(it)];
      this.wrong(it, 'a mapping', it.kind === 'seq' ? 'a list' : 'a single value');
      return [];
    });
  }

  strings(key: string): Sourced<string>[] {
    return this.items(key, 'a string').flatMap((it) => {
      if (it.kind === 'scalar') {
        if (it.plain && typeof it.value !== 'string') this.wrong(it, 'a string', typeof it.value);
        return [sourced(it.text, this.locate(it))];
      }
      this.wrong(it, 'a string', it.kind === 'seq' ? 'a list' : 'a mapping');
      return [];
    });
  }

  numbers(key: string): Sourced<number>[] {
    return this.items(key, 'a number').flatMap((it) => {
      if (it.kind === 'scalar' && typeof it.value === 'number') return [sourced(it.value, this.locate(it))];
      this.wrong(it, 'a number', it.kind);
      return [];
    });
  }

  /** A mapping of strings, such as labels. */
  stringMap(key: string): StringMap {
    const inner = this.fields(key);
    if (!inner) return NO_STRINGS;
    const result = new Map<string, Sourced<string>>();
    for (const name of inner.keys()) {
      const value = inner.string(name);
      if (value) result.set(name, value);
      else result.set(name, sourced('', inner.valueAt(name)));
    }
    return result;
  }

  raw(key: string): YamlNode | undefined {
    return this.map?.get(key);
  }

  private inner(node: YamlNode | undefined): Fields {
    return new Fields(this.doc, node, this.problems, this.within);
  }

  private get map(): MapNode | undefined {
    return this.node?.kind === 'map' ? this.node : undefined;
  }

  private scalar(key: string, expected: string): ScalarNode | undefined {
    const node = this.raw(key);
    if (!node || isNull(node)) return undefined;
    if (node.kind === 'scalar') return node;
    this.wrong(node, `a ${expected}`, node.kind === 'seq' ? 'a list' : 'a mapping');
    return undefined;
  }

  private items(key: string, expected: string): readonly YamlNode[] {
    const node = this.raw(key);
    if (!node || isNull(node)) return [];
    if (node.kind === 'seq') return node.items;
    this.wrong(node, `a list of which each is ${expected}`, node.kind === 'map' ? 'a mapping' : 'a single value');
    return [];
  }

  private wrong(node: YamlNode, expected: string, found: string): void {
    const text = node.kind === 'scalar' ? node.text : undefined;
    this.problems?.push({ at: this.locate(node), expected, found, text });
  }

  private locate(node: YamlNode | undefined): Location {
    return this.within ?? { doc: this.doc, start: node?.start ?? 0, end: node?.end ?? 0 };
  }
}

/** Label-like data with the place of every value. */
export type StringMap = ReadonlyMap<string, Sourced<string>>;
export const NO_STRINGS: StringMap = new Map();

/** Whether `all` has every pair of `wanted`; an empty `wanted` is contained in anything. */
export function containsLabels(all: StringMap, wanted: StringMap): boolean {
  for (const [key, value] of wanted) if (all.get(key)?.value !== value.value) return false;
  return true;
}

function isNull(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.value === null && node.plain;
}
