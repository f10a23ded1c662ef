import { defineRefusalRule } from './refusals.js';

/** A tls rule without fitting SNI hosts. */
export default defineRefusalRule({
  id: 'virtualservice-tls-match-invalid',
  group: 'validation',
  severity: 'error',
  title: 'TLS match is invalid',
  why: "Istio's webhook refuses the whole VirtualService, so its hosts lose all of their routes.",
  remedy: "Give each tls rule a match whose sniHosts lie within the VirtualService's hosts.",
  alsoKnownAs: ['IST0106', 'IST0133'],
});
