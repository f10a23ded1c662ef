import { defineRefusalRule } from './refusals.js';

/** A fault or CORS block that cannot be. */
export default defineRefusalRule({
  id: 'virtualservice-bad-fault-or-cors',
  group: 'validation',
  severity: 'error',
  title: 'Fault or CORS block is invalid',
  why: "Istio's webhook refuses the whole VirtualService, so its hosts lose all of their routes.",
  remedy: 'Give a fault a delay or an abort with one status; write CORS methods and header names as HTTP knows them.',
  alsoKnownAs: ['IST0106', 'IST0133'],
});
