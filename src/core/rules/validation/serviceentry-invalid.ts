import { defineRefusalRule } from './refusals.js';

/** Fields of a ServiceEntry that do not go together. */
export default defineRefusalRule({
  id: 'serviceentry-invalid',
  group: 'validation',
  severity: 'error',
  title: 'ServiceEntry fields contradict each other',
  why: "Istio's webhook refuses the whole ServiceEntry: its hosts are unknown to the mesh.",
  remedy: 'Choose the resolution that fits: NONE for wildcards, STATIC for addresses, DNS for names.',
  alsoKnownAs: ['IST0106', 'IST0133'],
});
