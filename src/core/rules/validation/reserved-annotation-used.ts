import { defineRefusalRule } from './refusals.js';

/** An annotation that Istio keeps to itself. */
export default defineRefusalRule({
  id: 'reserved-annotation-used',
  group: 'validation',
  severity: 'error',
  title: 'Annotation is reserved for Istio',
  why: "Istio's webhook refuses the object, and the mesh goes on without it.",
  remedy: 'Take the annotation out.',
  alsoKnownAs: ['IST0106'],
});
