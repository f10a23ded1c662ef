import { nearest } from '../../base/nearest.js';
import type { Resource } from '../../model/resources.js';
import type { ScalarNode, YamlNode } from '../../syntax/tree.js';
import { defineRuleOfAll, type Report } from '../rule.js';
import { fieldsOfSpec, type FieldTree } from './istio-fields.js';

/** A key in the spec of one of Istio's objects that its kind does not have there. */
export default defineRuleOfAll({
  id: 'unknown-field',
  group: 'schema',
  severity: 'error',
  title: 'Field does not exist',
  why: 'A strict apply refuses the object; another drops the field without a word, and what is written in it never happens.',
  remedy: 'Write the name that the message proposes, or move the field to where it belongs.',
  *check(object) {
    const fields = fieldsOfSpec(object.kind);
    const spec = fields && object.body.raw('spec');
    if (spec) yield* unknownIn(object, spec, [fields], []);
  },
});

/** The wrong keys of a mapping, or of each in a list; `trees` are the known fields from the outermost to those of here. */
function* unknownIn(
  object: Resource,
  node: YamlNode,
  trees: readonly FieldTree[],
  path: readonly string[],
): Generator<Report> {
  if (node.kind === 'seq') {
    for (const it of node.items) yield* unknownIn(object, it, trees, path);
    return;
  }
  if (node.kind !== 'map') return;
  const here = trees.at(-1)!;
  for (const { key, value } of node.entries) {
    const name = key.text;
    if (here.has(name) || here.has('*')) {
      const inner = here.get(here.has(name) ? name : '*');
      if (inner) yield* unknownIn(object, value, [...trees, inner], [...path, name]);
    } else yield reportOf(object, key, trees, path);
  }
}

function reportOf(object: Resource, key: ScalarNode, trees: readonly FieldTree[], path: readonly string[]): Report {
  const name = key.text;
  const at = { doc: object.at.doc, start: key.start, end: key.end };
  const place = path.length === 0 ? 'spec' : path.at(-1)!;
  const known = [...trees.at(-1)!.keys()];
  const meant = known.find((it) => plain(it) === plain(name)) ?? nearest(name, known);
  if (meant) {
    const fixes =
      at.end - at.start === name.length ? [{ title: `Replace by ${meant}`, edits: [{ at, text: meant }] }] : [];
    return { at, message: `There is no field ${name} in ${place}; did you mean ${meant}?`, fixes };
  }
  const home = placesOf(name, trees, path);
  if (home) return { at, message: `There is no field ${name} in ${place}; it belongs into ${home}` };
  return { at, message: `There is no field ${name} in ${place}`, assuming: 'a newer Istio may know it' };
}

/** Where a field would be right: further out, else one step further in. */
function placesOf(name: string, trees: readonly FieldTree[], path: readonly string[]): string | undefined {
  for (let level = trees.length - 2; level >= 0; level--) {
    if (trees[level]!.has(name)) return level === 0 ? 'spec' : path[level - 1]!;
  }
  const inside = [...trees.at(-1)!].flatMap(([key, inner]) => (inner?.has(name) ? [key] : []));
  return inside.length > 0 && inside.length < 5 ? inside.join(' or ') : undefined;
}

/** `match_labels`, `matchlabels` and `matchLabels` are one name to whoever writes them. */
function plain(name: string): string {
  return name.replace(/[_-]/g, '').toLowerCase();
}
