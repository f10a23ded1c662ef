import { defineRefusalRule } from './refusals.js';

/** exportTo contradicts itself. */
export default defineRefusalRule({
  id: 'export-to-invalid',
  group: 'validation',
  severity: 'error',
  title: 'exportTo list is contradictory',
  why: "Istio's webhook refuses the object, and nobody sees any of it.",
  remedy: 'Write either * alone, or each namespace once; . stands for the own one.',
  alsoKnownAs: ['IST0106'],
});
