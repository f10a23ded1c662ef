import { defineRefusalRule } from './refusals.js';

/** A RequestAuthentication that cannot be. */
export default defineRefusalRule({
  id: 'requestauthentication-invalid',
  group: 'validation',
  severity: 'error',
  title: 'RequestAuthentication is structurally invalid',
  why: "Istio's webhook refuses it: no token is looked at.",
  remedy: 'Give each rule an issuer and a jwksUri with http or https.',
  alsoKnownAs: ['IST0106', 'IST0133'],
});
