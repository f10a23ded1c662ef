import { defineRefusalRule } from './refusals.js';

/** A retry policy that cannot be. */
export default defineRefusalRule({
  id: 'virtualservice-retry-invalid',
  group: 'validation',
  severity: 'error',
  title: 'Retry policy is invalid',
  why: "Istio's webhook refuses the whole VirtualService, so its hosts lose all of their routes.",
  remedy: 'Separate conditions by commas without blanks; with attempts: 0 nothing else may stand.',
  alsoKnownAs: ['IST0106'],
});
