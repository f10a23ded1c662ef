import { defineRefusalRule } from '../validation/refusals.js';

/** A name that the kind does not allow. */
export default defineRefusalRule({
  id: 'metadata-name-invalid',
  group: 'schema',
  severity: 'error',
  title: 'Name is not valid',
  why: "Istio's webhook refuses the whole Gateway: none of its servers is opened.",
  remedy: 'Write small letters, digits and dashes.',
  alsoKnownAs: [],
});
