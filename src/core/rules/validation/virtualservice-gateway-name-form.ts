import { defineRefusalRule } from './refusals.js';

/** A gateway's name that cannot be one. */
export default defineRefusalRule({
  id: 'virtualservice-gateway-name-form',
  group: 'validation',
  severity: 'error',
  title: "Gateway's name is malformed",
  why: "Istio's webhook refuses the whole VirtualService, so its hosts lose all of their routes.",
  remedy: 'Write name, namespace/name or mesh.',
  alsoKnownAs: ['IST0133', 'KIA1108'],
});
