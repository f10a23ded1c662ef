import { defineRefusalRule } from './refusals.js';

/** A redirect or rewrite that is not complete, or says two things. */
export default defineRefusalRule({
  id: 'virtualservice-bad-redirect-or-rewrite',
  group: 'validation',
  severity: 'error',
  title: 'Redirect or rewrite is incomplete',
  why: "Istio's webhook refuses the whole VirtualService, so its hosts lose all of their routes.",
  remedy: 'Give a redirect one of uri and prefixRewrite, and a rewrite one of uri and uriRegexRewrite.',
  alsoKnownAs: ['IST0106'],
});
