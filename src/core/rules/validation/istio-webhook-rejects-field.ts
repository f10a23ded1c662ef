import { defineRefusalRule, GENERAL_REFUSAL } from './refusals.js';

/** A value that Istio's webhook or the API server does not take. */
export default defineRefusalRule({
  id: GENERAL_REFUSAL,
  group: 'validation',
  severity: 'error',
  title: 'Value outside of what Istio takes',
  why: 'The webhook refuses the object, and the mesh goes on without all of it.',
  remedy: 'Write a value within the range that the message names.',
  alsoKnownAs: ['IST0106'],
});
