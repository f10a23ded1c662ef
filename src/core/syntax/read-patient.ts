import { isAlias, isMap, isScalar, isSeq, parseDocument, type Document, type Node, type Pair, type Scalar } from 'yaml';
import { buildMap } from './build.js';
import type { SyntaxProblem } from './problem.js';
import { plainScalar } from './scalars.js';
import { ScalarNode, SeqNode, type MapEntry, type YamlNode } from './tree.js';

/** Reads any text: what it understood, and every place where it is not YAML. */
export function readPatient(text: string): { root: YamlNode | undefined; problems: SyntaxProblem[] } {
  let document: Document.Parsed;
  try {
    document = parseDocument(text, { strict: false, uniqueKeys: false, prettyErrors: false, logLevel: 'silent' });
  } catch (error) {
    const reason = error instanceof RangeError ? 'nested too deeply to be read' : String(error);
    return {
      root: undefined,
      problems: [{ kind: 'syntax', message: `Not readable: ${reason}`, start: 0, end: Math.min(1, text.length) }],
    };
  }
  const problems: SyntaxProblem[] = document.errors.map((it) => ({
    kind: 'syntax',
    message: explain(it.message),
    start: it.pos[0],
    end: Math.max(it.pos[1], it.pos[0] + 1),
  }));
  try {
    const root = document.contents ? convert(document.contents, document, problems, new Set()) : undefined;
    return { root, problems };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return {
      root: undefined,
      problems: [{ kind: 'syntax', message: 'Not readable: nested too deeply', start: 0, end: 1 }],
    };
  }
}

function convert(node: Node, document: Document, problems: SyntaxProblem[], open: Set<Node>): YamlNode {
  const [start, valueEnd] = node.range ?? [0, 0];
  if (isAlias(node)) {
    const target = node.resolve(document);
    if (!target || open.has(target)) return new ScalarNode(start, valueEnd, null, '', false);
    return convert(target, document, problems, open);
  }
  if (isScalar(node)) return scalar(node, start, valueEnd);
  open.add(node);
  let result: YamlNode;
  if (isSeq(node)) {
    const items = node.items.map((it) => convert(it as Node, document, problems, open));
    result = new SeqNode(start, valueEnd, items);
  } else if (isMap(node)) {
    const pairs: MapEntry[] = [];
    for (const { key, value } of node.items as Pair<Node, Node | null>[]) {
      const name = key && convert(key, document, problems, open);
      if (name?.kind !== 'scalar') continue;
      const at = name.end;
      pairs.push({
        key: name,
        value: value ? convert(value, document, problems, open) : new ScalarNode(at, at, null, '', true),
      });
    }
    result = buildMap(start, valueEnd, pairs, problems);
  } else {
    result = new ScalarNode(start, valueEnd, null, '', false);
  }
  open.delete(node);
  return result;
}

function scalar(node: Scalar, start: number, end: number): ScalarNode {
  const plain = (node.type === 'PLAIN' || node.type === undefined) && node.tag === undefined;
  const source = node.source ?? (node.value === null ? '' : String(node.value));
  if (plain) return new ScalarNode(start, end, plainScalar(source), source, true);
  const quoted = (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE') && end - start > 2;
  const content = typeof node.value === 'string' ? node.value : source;
  return new ScalarNode(quoted ? start + 1 : start, quoted ? end - 1 : end, content, content, false);
}

/** The parser's words, made to say what to do where people stumble most. */
function explain(message: string): string {
  if (/tab/i.test(message)) return `${message}. Indent with spaces`;
  return message;
}
