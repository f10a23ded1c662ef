import { defineRefusalRule } from './refusals.js';

/** A VirtualService without any route. */
export default defineRefusalRule({
  id: 'virtualservice-no-routes',
  group: 'validation',
  severity: 'error',
  title: 'VirtualService has no http, tls or tcp rule',
  why: "Istio's webhook refuses the whole VirtualService, so its hosts lose all of their routes.",
  remedy: 'Add an http rule with a destination, or delete the object.',
  alsoKnownAs: ['IST0106'],
});
