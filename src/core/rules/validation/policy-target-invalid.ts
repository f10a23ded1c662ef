import { defineRefusalRule } from './refusals.js';

/** A policy selects in a way that policies cannot. */
export default defineRefusalRule({
  id: 'policy-target-invalid',
  group: 'validation',
  severity: 'error',
  title: 'Policy attaches to something it cannot attach to',
  why: "Istio's webhook refuses the policy: what it was to allow or deny stays as it was.",
  remedy: 'Use either a selector with plain labels, or targetRefs of this namespace.',
  alsoKnownAs: ['IST0106', 'IST0133'],
});
