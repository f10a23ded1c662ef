import { defineRefusalRule } from './refusals.js';

/** A destination whose host or subset is no name. */
export default defineRefusalRule({
  id: 'destination-host-form-invalid',
  group: 'validation',
  severity: 'error',
  title: 'Destination host or subset name is malformed',
  why: "Istio's webhook refuses the whole VirtualService, so its hosts lose all of their routes.",
  remedy: 'Write a DNS name without a star; subsets are named by letters, digits and dashes.',
  alsoKnownAs: ['IST0106'],
});
