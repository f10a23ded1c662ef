import { defineRefusalRule } from './refusals.js';

/** A DestinationRule that cannot be. */
export default defineRefusalRule({
  id: 'destinationrule-invalid',
  group: 'validation',
  severity: 'error',
  title: 'DestinationRule is structurally invalid',
  why: "Istio's webhook refuses the whole DestinationRule: its subsets, TLS mode and limits do not exist.",
  remedy: 'Name each subset once, and leave no block empty.',
  alsoKnownAs: ['IST0106'],
});
