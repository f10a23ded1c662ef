import { defineRefusalRule } from './refusals.js';

/** An AuthorizationPolicy that cannot be. */
export default defineRefusalRule({
  id: 'authorizationpolicy-invalid',
  group: 'validation',
  severity: 'error',
  title: 'AuthorizationPolicy is structurally invalid',
  why: "Istio's webhook refuses the policy: what it was to deny is let in.",
  remedy: 'Leave no list and no source or operation empty, and write addresses, ports and keys as Istio knows them.',
  alsoKnownAs: ['IST0106'],
});
