import { defineRefusalRule } from './refusals.js';

/** TLS settings that do not fit the server's protocol or mode. */
export default defineRefusalRule({
  id: 'gateway-tls-settings-invalid',
  group: 'validation',
  severity: 'error',
  title: 'TLS block does not fit the protocol or mode',
  why: "Istio's webhook refuses the whole Gateway: none of its servers is opened.",
  remedy: 'HTTPS and TLS need tls with a credentialName; a plain HTTP port may have httpsRedirect only.',
  alsoKnownAs: ['IST0106', 'IST0133'],
});
