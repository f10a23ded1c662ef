import { defineRefusalRule } from './refusals.js';

/** Modes of ports without a selector. */
export default defineRefusalRule({
  id: 'peerauthentication-port-without-selector',
  group: 'validation',
  severity: 'error',
  title: 'Port-level mTLS needs a selector',
  why: "Istio's webhook refuses the policy: the mode that was meant is not in force.",
  remedy: 'Add a selector, or use mtls.mode for the whole namespace.',
  alsoKnownAs: ['IST0106'],
});
