import type { Sourced } from '../base/location.js';
import { Fields } from '../model/fields.js';
import { parseText } from '../syntax/parse.js';

/** YAML inside a string of YAML; the whole string is the place of all that it says. */
export function embeddedFields({ value, at }: Sourced<string>): Fields {
  return new Fields(at.doc, parseText(value).root, undefined, at);
}
