import { defineRuleOfAll } from '../rule.js';
import { isLabelValue } from './label-value.js';

/** A label, annotation or selector value is a number or a boolean by its look. */
export default defineRuleOfAll({
  id: 'label-or-annotation-value-not-string',
  group: 'schema',
  severity: 'error',
  title: 'Label or annotation value is not text',
  why: 'The API server refuses the object, so the mesh goes on without it. Without quotes 1.10 would also become 1.1.',
  remedy: 'Put the value into quotes.',
  *check(object) {
    for (const problem of object.problems) {
      if (!isLabelValue(object, problem)) continue;
      const { at, found, text } = problem;
      if (text === undefined) yield { at, message: `The value is ${found} and has to be text` };
      else {
        const message = `The value ${text} is a ${found} and has to be text: "${text}"`;
        yield {
          at,
          message,
          fixes: [{ title: `Put quotes around ${text}`, edits: [{ at, text: JSON.stringify(text) }] }],
        };
      }
    }
  },
});
