import { defineRefusalRule } from './refusals.js';

/** A load balancer that contradicts itself. */
export default defineRefusalRule({
  id: 'destinationrule-loadbalancer-invalid',
  group: 'validation',
  severity: 'error',
  title: 'Load-balancer block is invalid',
  why: "Istio's webhook refuses the whole DestinationRule: its subsets, TLS mode and limits do not exist.",
  remedy: 'Keep one of the settings that exclude each other; weights of distribute add up to 100.',
  alsoKnownAs: ['IST0106'],
});
