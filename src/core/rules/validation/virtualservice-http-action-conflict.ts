import { defineRefusalRule } from './refusals.js';

/** An http rule has no action, or two that exclude each other. */
export default defineRefusalRule({
  id: 'virtualservice-http-action-conflict',
  group: 'validation',
  severity: 'error',
  title: 'HTTP rule has no action or conflicting ones',
  why: "Istio's webhook refuses the whole VirtualService, so its hosts lose all of their routes.",
  remedy: 'Leave one of route, redirect, directResponse and delegate.',
  alsoKnownAs: ['IST0106'],
});
