import { defineRefusalRule } from './refusals.js';

/** A condition of a match that says nothing, or too much. */
export default defineRefusalRule({
  id: 'virtualservice-bad-string-match',
  group: 'validation',
  severity: 'error',
  title: 'Empty or invalid string match',
  why: "Istio's webhook refuses the whole VirtualService, so its hosts lose all of their routes.",
  remedy: 'Give each condition exactly one of exact, prefix and regex, with a value.',
  alsoKnownAs: ['IST0106'],
});
