import { definePlainRule } from '../rule.js';

/** A comment asks to ignore a rule that finds nothing there. */
export default definePlainRule({
  id: 'suppression-not-needed',
  group: 'meta',
  severity: 'hint',
  title: 'Suppression hides nothing',
  why: 'It would hide the next mistake of this kind that somebody makes here.',
  remedy: 'Delete the comment.',
});
