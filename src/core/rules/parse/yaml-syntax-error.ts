import { definePlainRule } from '../rule.js';

/** The text of a document is not YAML. */
export default definePlainRule({
  id: 'yaml-syntax-error',
  group: 'parse',
  severity: 'error',
  title: 'Not YAML',
  why: 'kubectl refuses the whole file. Until it parses, other files are checked against what the document said before.',
  remedy: 'Mend the place that is marked: indent with spaces, close quotes and brackets, put a blank after each colon.',
});
