import { definePlainRule } from '../rule.js';

/** A comment asks to ignore a rule that does not exist. */
export default definePlainRule({
  id: 'suppressed-code-unknown',
  group: 'meta',
  severity: 'information',
  title: 'Suppression names an unknown rule',
  why: 'It hides nothing, although somebody believes that it does.',
  remedy: 'Write the id that the Problems panel shows behind the message.',
});
