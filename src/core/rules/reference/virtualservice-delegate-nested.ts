import { defineRefusalRule } from '../validation/refusals.js';

/** A delegate hands over to another delegate. */
export default defineRefusalRule({
  id: 'virtualservice-delegate-nested',
  group: 'reference',
  severity: 'error',
  title: 'Delegates cannot delegate',
  why: "Istio's webhook refuses the whole delegate, so its ordinary routes vanish as well.",
  remedy: 'Take the rules of the inner delegate into the outer one.',
  alsoKnownAs: ['IST0106'],
});
