import { CST, Parser } from 'yaml';
import { buildMap } from './build.js';
import type { SyntaxProblem } from './problem.js';
import { plainScalar } from './scalars.js';
import { MapNode, ScalarNode, SeqNode, type MapEntry, type YamlNode } from './tree.js';

/**
 * Reads any text: what can be understood of it around its breaks. It works on tokens, of which every text has some; where
 * the text breaks is for the quick reader to say.
 */
export function readPatient(text: string): YamlNode | undefined {
  try {
    for (const token of new Parser().parse(text)) {
      if (token.type === 'document' && token.value) return new TokenReader(text).read(token.value, token.start);
    }
  } catch (error) {
    // deep nesting exhausts the stack; nothing can be made of such text
    if (!(error instanceof RangeError)) throw error;
  }
  return undefined;
}

class TokenReader {
  private readonly anchors = new Map<string, YamlNode>();
  private readonly problems: SyntaxProblem[] = [];

  constructor(private readonly text: string) {}

  /** `properties` are the tokens before a value: its anchor and tag, if any. */
  read(token: CST.Token, properties: readonly CST.SourceToken[]): YamlNode | undefined {
    const node = this.value(token, properties);
    const anchor = properties.find((it) => it.type === 'anchor');
    if (node && anchor) this.anchors.set(anchor.source.slice(1), node);
    return node;
  }

  private value(token: CST.Token, properties: readonly CST.SourceToken[]): YamlNode | undefined {
    switch (token.type) {
      case 'alias':
        return this.anchors.get(token.source.slice(1));
      case 'scalar':
      case 'single-quoted-scalar':
      case 'double-quoted-scalar':
      case 'block-scalar':
        return this.scalar(
          token,
          properties.some((it) => it.type === 'tag'),
        );
      case 'block-map':
        return this.map(token.offset, token.items);
      case 'block-seq':
        return this.sequence(token.offset, token.items);
      case 'flow-collection': {
        const end = token.end.at(-1)?.offset;
        const read =
          token.start.source === '{' ? this.map(token.offset, token.items) : this.sequence(token.offset, token.items);
        return end === undefined ? read : closedAt(read, end + 1);
      }
      default:
        return undefined;
    }
  }

  private scalar(token: CST.FlowScalar | CST.BlockScalar, tagged: boolean): ScalarNode {
    // an unclosed quote or a bad escape is no reason to give up here
    const { value, range } = CST.resolveAsScalar(token, false, () => undefined);
    const [start, end] = range;
    if (token.type === 'scalar' && !tagged) return new ScalarNode(start, end, plainScalar(value), value, true);
    // the text of a block starts below its header
    if (token.type === 'block-scalar')
      return new ScalarNode(this.text.indexOf('\n', start) + 1, end, value, value, false);
    const quoted = token.type.endsWith('quoted-scalar') && end - start > 2;
    return new ScalarNode(quoted ? start + 1 : start, quoted ? end - 1 : end, value, value, false);
  }

  private map(start: number, items: readonly CST.CollectionItem[]): MapNode {
    const pairs = items.flatMap((it) => this.pair(it) ?? []);
    const end = pairs.at(-1)?.value.end ?? start;
    return buildMap(start, end, pairs, this.problems);
  }

  private pair({ start, key, sep, value }: CST.CollectionItem): MapEntry | undefined {
    const name = key && this.read(key, start);
    if (name?.kind !== 'scalar') return undefined;
    const at = sep?.at(-1);
    const end = at ? at.offset + at.source.length : name.end;
    const read = value && this.read(value, sep ?? []);
    return { key: name, value: read ?? new ScalarNode(end, end, null, '', true) };
  }

  private sequence(start: number, items: readonly CST.CollectionItem[]): SeqNode {
    const nodes = items.flatMap((it) => {
      // `[a: b]` is a list of one mapping
      if (it.key) return [this.map(it.key.offset, [it])];
      return (it.value && this.read(it.value, it.start)) ?? [];
    });
    return new SeqNode(start, nodes.at(-1)?.end ?? start, nodes);
  }
}

function closedAt(node: MapNode | SeqNode, end: number): YamlNode {
  return node.kind === 'map' ? new MapNode(node.start, end, node.entries) : new SeqNode(node.start, end, node.items);
}
