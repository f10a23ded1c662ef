import type { FieldProblem } from '../../model/fields.js';
import type { Resource } from '../../model/resources.js';
import { defineRuleOfAll, type Fix } from '../rule.js';
import { isLabelValue } from './label-value.js';
import { nodeAt } from './node-at.js';

/** A field has a value of another type than its schema asks for. */
export default defineRuleOfAll({
  id: 'wrong-value-type',
  group: 'schema',
  severity: 'error',
  title: 'Value has the wrong type',
  why: 'The API server refuses the object, so the mesh goes on without it.',
  remedy: 'Write the value as the message says: text in quotes, numbers without, lists with a dash for each element.',
  alsoKnownAs: ['IST0106'],
  *check(object) {
    if (object.kind === 'Other' || object.kind === 'MeshConfig') return;
    for (const problem of object.problems) {
      if (isLabelValue(object, problem)) continue;
      const { at, expected, found, text } = problem;
      const what = text === undefined ? '' : `: ${text}`;
      yield {
        at,
        message: `${called(found)} where ${wanted(expected)} is expected${what}`,
        fixes: fixesFor(object, problem),
      };
    }
  },
});

function wanted(expected: string): string {
  if (expected.startsWith('a list')) return 'a list';
  return expected === 'a string' ? 'text' : expected;
}

function called(found: string): string {
  if (found === 'text' || found === 'string') return 'Text';
  return `A ${found.replace(/^an? /, '')}`;
}

function fixesFor(object: Resource, { at, expected, text }: FieldProblem): Fix[] {
  const node = nodeAt(object.body.node, at)?.node;
  if (text === undefined || node?.kind !== 'scalar') return [];
  if (expected === 'a string' && node.plain) {
    return [{ title: `Put quotes around ${text}`, edits: [{ at, text: JSON.stringify(text) }] }];
  }
  if (expected === 'a number' && !node.plain && /^\d+$/.test(text) && at.end - at.start === text.length) {
    const quoted = { ...at, start: at.start - 1, end: at.end + 1 };
    return [{ title: `Take the quotes off ${text}`, edits: [{ at: quoted, text }] }];
  }
  if (expected.startsWith('a list') && node.plain) {
    return [{ title: `Make it the list [${text}]`, edits: [{ at, text: `[${text}]` }] }];
  }
  return [];
}
