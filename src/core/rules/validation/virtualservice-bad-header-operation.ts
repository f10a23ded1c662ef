import { defineRefusalRule } from './refusals.js';

/** A header that cannot be set or removed. */
export default defineRefusalRule({
  id: 'virtualservice-bad-header-operation',
  group: 'validation',
  severity: 'error',
  title: 'Header cannot be set or removed there',
  why: "Istio's webhook refuses the whole VirtualService, so its hosts lose all of their routes.",
  remedy:
    'Change the authority by rewrite.authority only, leave other pseudo headers alone, and double each percent sign.',
  alsoKnownAs: ['IST0106'],
});
