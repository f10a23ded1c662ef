import { defineRefusalRule } from './refusals.js';

/** A Sidecar that cannot be. */
export default defineRefusalRule({
  id: 'sidecar-invalid',
  group: 'validation',
  severity: 'error',
  title: 'Sidecar is invalid',
  why: "Istio's webhook refuses it: its workloads fall back to another Sidecar, or see everything.",
  remedy: 'Write hosts as namespace/name, give each port once, and put a listener without port last.',
  alsoKnownAs: ['IST0106', 'IST0133'],
});
