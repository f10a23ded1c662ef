import { defineRefusalRule } from './refusals.js';

/** A WorkloadEntry that cannot be. */
export default defineRefusalRule({
  id: 'workload-entry-or-group-invalid',
  group: 'validation',
  severity: 'error',
  title: 'WorkloadEntry is invalid',
  why: "Istio's webhook refuses it: the service loses this endpoint.",
  remedy: 'Give an IP address or a DNS name, and ports by valid names.',
  alsoKnownAs: ['IST0106'],
});
