import { RE2JS, RE2JSSyntaxException } from 're2js';
import { isRe2 } from '../../base/re2.js';

/** What RE2 has against a pattern, and the piece that it does not take; `undefined` for a good one. */
export function re2Error(pattern: string): { readonly because: string; readonly piece: string } | undefined {
  if (isRe2(pattern)) return undefined;
  try {
    RE2JS.compile(pattern);
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) {
      return { because: error.getDescription(), piece: error.getPattern() ?? pattern };
    }
  }
  return { because: 'it cannot be compiled', piece: pattern };
}
