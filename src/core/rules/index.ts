import missingKind from './parse/document-missing-kind.js';
import fileNotRead from './parse/file-not-read.js';
import duplicateKey from './parse/yaml-duplicate-key.js';
import template from './parse/yaml-is-a-template.js';
import syntaxError from './parse/yaml-syntax-error.js';
import suppressedCodeUnknown from './meta/suppressed-code-unknown.js';
import suppressionNotNeeded from './meta/suppression-not-needed.js';
import labelValue from './schema/label-or-annotation-value-not-string.js';
import wrongValueType from './schema/wrong-value-type.js';
import regexNotRe2 from './validation/regex-not-re2.js';
import zeroTotalWeight from './validation/virtualservice-zero-total-weight.js';
import matchShadowed from './routing/virtualservice-match-shadowed.js';
import ruleAfterCatchAll from './routing/virtualservice-rule-after-catch-all.js';
import weightsNot100 from './routing/virtualservice-weights-not-100.js';
import type { Rule } from './rule.js';

/** All rules, by group; ids never change, and one that retires is kept in the list of retired ids. */
export const RULES: readonly Rule[] = [
  syntaxError,
  duplicateKey,
  template,
  fileNotRead,
  missingKind,
  labelValue,
  wrongValueType,
  regexNotRe2,
  zeroTotalWeight,
  ruleAfterCatchAll,
  matchShadowed,
  weightsNot100,
  suppressionNotNeeded,
  suppressedCodeUnknown,
];
