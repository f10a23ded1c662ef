import type { SyntaxProblem } from './problem.js';
import { readFast, type Break } from './read-fast.js';
import { readPatient } from './read-patient.js';
import { splitDocuments, type Slice } from './split.js';
import { looksLikeTemplate } from './template.js';
import type { YamlNode } from './tree.js';

/** What one document of a file says, and what is wrong with its text. */
export interface ParsedText {
  readonly text: string;
  /** What was understood; of a broken document, the part before and around the break. */
  readonly root: YamlNode | undefined;
  readonly problems: readonly SyntaxProblem[];
  /** The text is not YAML: `root` may lack or misread parts. */
  readonly broken: boolean;
  readonly template: boolean;
}

/** Parses the text of a single document. Never throws. */
export function parseText(text: string): ParsedText {
  const fast = readFast(text);
  if ('root' in fast) {
    const template = looksLikeTemplate(text, fast.root, false);
    return template ? templateOf(text) : { text, root: fast.root, problems: fast.problems, broken: false, template };
  }
  if (looksLikeTemplate(text, undefined, true)) return templateOf(text);
  return { text, root: readPatient(text), problems: [problemAt(text, fast)], broken: true, template: false };
}

/** One problem per broken document: what follows the first break is guesswork. */
function problemAt(text: string, { reason, position }: Break): SyntaxProblem {
  // a break that shows only at the end of the text or of a line is pointed at where the last word stands
  const start = /[^ \r\n]/.test(text[position] ?? '')
    ? position
    : Math.max(0, text.slice(0, position).trimEnd().length - 1);
  const word = /^(?:\t+|\S+)/.exec(text.slice(start))?.[0].length ?? 1;
  return { kind: 'syntax', message: explain(reason), start, end: Math.min(text.length, start + word) };
}

/** The reader's words, with what to do about it where people stumble most. */
function explain(reason: string): string {
  if (/tab characters/.test(reason)) return 'Tabs cannot indent YAML: use spaces';
  if (/deficient indentation/.test(reason))
    return 'Something is still open here: close the bracket or quote, or indent what belongs to it';
  if (/missed comma/.test(reason)) return 'A comma or a closing bracket is missing before this';
  if (/bad indentation/.test(reason))
    return 'This does not fit the indentation or the key above it: align it, or quote a text that holds a colon';
  if (/end of the stream or a document separator/.test(reason))
    return 'Another value is not expected here: it is indented less or otherwise than what it should belong to';
  return `Not YAML: ${reason}`;
}

export { splitDocuments, type Slice };

function templateOf(text: string): ParsedText {
  const start = Math.max(0, text.indexOf('{{'));
  const problem: SyntaxProblem = {
    kind: 'template',
    message: 'This document is a template; it is read once rendered (helm template, kustomize build)',
    start,
    end: Math.min(text.length, start + 2),
  };
  return { text, root: undefined, problems: [problem], broken: false, template: true };
}
