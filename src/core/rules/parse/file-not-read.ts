import { definePlainRule } from '../rule.js';

/** A file is too large to be read, or holds no text. */
export default definePlainRule({
  id: 'file-not-read',
  group: 'parse',
  severity: 'information',
  title: 'File is not read',
  why: 'What the file declares is unknown, so routes to it look broken and nothing in it is checked.',
  remedy: 'Split the file, or exclude it in the settings when it holds no part of the mesh.',
});
