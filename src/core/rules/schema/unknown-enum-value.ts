import { defineRefusalRule } from '../validation/refusals.js';

/** A field has a word that is none of its own. */
export default defineRefusalRule({
  id: 'unknown-enum-value',
  group: 'schema',
  severity: 'error',
  title: 'Value is not one of the allowed words',
  why: 'The API server refuses the object, and the mesh goes on without it.',
  remedy: 'Write one of the words, in capitals as they are.',
  alsoKnownAs: ['IST0106'],
});
