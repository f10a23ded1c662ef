import { definePlainRule } from '../rule.js';

/** A mapping has the same key twice. */
export default definePlainRule({
  id: 'yaml-duplicate-key',
  group: 'parse',
  severity: 'error',
  title: 'Same key twice in one mapping',
  why: 'kubectl keeps the last block and drops the first one without a word; a strict apply refuses the file.',
  remedy: 'Merge the two blocks into one, or delete the one that is not meant.',
});
