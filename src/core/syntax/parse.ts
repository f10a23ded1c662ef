import type { SyntaxProblem } from './problem.js';
import { readFast } from './read-fast.js';
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
  if (fast) {
    const template = looksLikeTemplate(text, fast.root, false);
    return template ? templateOf(text) : { text, root: fast.root, problems: fast.problems, broken: false, template };
  }
  if (looksLikeTemplate(text, undefined, true)) return templateOf(text);
  const { root, problems } = readPatient(text);
  const broken = problems.some((it) => it.kind === 'syntax');
  return { text, root, problems, broken, template: false };
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
