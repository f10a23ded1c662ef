import { defineRefusalRule } from './refusals.js';

/** A host that a VirtualService cannot have. */
export default defineRefusalRule({
  id: 'virtualservice-bad-host',
  group: 'validation',
  severity: 'error',
  title: 'Host is not usable here',
  why: "Istio's webhook refuses the whole VirtualService, so its hosts lose all of their routes.",
  remedy: 'Write DNS names, with a star at most in front; each once, and no star alone for the mesh.',
  alsoKnownAs: ['IST0106'],
});
