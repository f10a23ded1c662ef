import { defineRefusalRule } from './refusals.js';

/** A server of a Gateway that cannot be. */
export default defineRefusalRule({
  id: 'gateway-server-invalid',
  group: 'validation',
  severity: 'error',
  title: 'Gateway server is invalid',
  why: "Istio's webhook refuses the whole Gateway: none of its servers is opened.",
  remedy: 'Each server needs hosts, and a port with a number, a protocol and a name of its own.',
  alsoKnownAs: ['IST0106'],
});
