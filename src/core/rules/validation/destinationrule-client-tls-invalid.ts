import { defineRefusalRule } from './refusals.js';

/** Client TLS settings that lack something, or have too much. */
export default defineRefusalRule({
  id: 'destinationrule-client-tls-invalid',
  group: 'validation',
  severity: 'error',
  title: 'Client TLS block is invalid',
  why: "Istio's webhook refuses the whole DestinationRule: its subsets, TLS mode and limits do not exist.",
  remedy: 'MUTUAL needs a certificate and a key; files and credentialName exclude each other.',
  alsoKnownAs: ['IST0106'],
});
