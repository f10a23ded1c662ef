import type { ScalarValue } from './tree.js';

const TRUE = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']);
const FALSE = new Set(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']);
const NULL = new Set(['', '~', 'null', 'Null', 'NULL']);
const INTEGER = /^[-+]?(0|[1-9][0-9_]*)$/;
const BASED = /^([-+]?)(0x[0-9a-fA-F_]+|0o?[0-7_]+|0b[01_]+)$/;
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const SPECIAL_FLOAT = /^([-+]?)\.(inf|Inf|INF|nan|NaN|NAN)$/;

/**
 * The value of a plain scalar as Kubernetes' YAML reader types it: YAML 1.1 booleans (`on`, `no`, `y` too), octal `017`,
 * but neither base-60 numbers nor timestamps, which stay text.
 */
export function plainScalar(text: string): ScalarValue {
  if (NULL.has(text)) return null;
  const first = text.charCodeAt(0);
  // digits, sign or dot start every number; anything else can only be a word
  if (!((first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46)) {
    if (text.length > 5) return text;
    if (TRUE.has(text)) return true;
    if (FALSE.has(text)) return false;
    return text;
  }
  if (INTEGER.test(text)) return Number(text.replaceAll('_', ''));
  const based = BASED.exec(text);
  if (based) {
    const digits = based[2]!.replaceAll('_', '').replace(/^0(?=[0-7])/, '0o');
    return (based[1] === '-' ? -1 : 1) * Number(digits);
  }
  if (FLOAT.test(text)) return Number(text);
  const special = SPECIAL_FLOAT.exec(text);
  if (special) return special[2]!.toLowerCase() === 'nan' ? NaN : special[1] === '-' ? -Infinity : Infinity;
  return text;
}
