import {
  EVENT_ID,
  SCALAR_STYLE,
  COLLECTION_STYLE,
  YAMLException,
  getScalarValue,
  parseEvents,
  type Event,
} from 'js-yaml';
import { buildMap } from './build.js';
import type { SyntaxProblem } from './problem.js';
import { plainScalar } from './scalars.js';
import { ScalarNode, SeqNode, type MapEntry, type YamlNode } from './tree.js';

/** What the quick reader made of a document. */
export interface FastRead {
  readonly root: YamlNode | undefined;
  readonly problems: readonly SyntaxProblem[];
}

/** Where the text stops being YAML; the patient reader makes the best of the rest. */
export interface Break {
  readonly reason: string;
  /** Offset in the document. */
  readonly position: number;
}

interface Open {
  readonly type: number;
  readonly start: number;
  readonly flow: boolean;
  readonly anchor: string | undefined;
  readonly children: YamlNode[];
}

/** Reads correct YAML; of other text it says where it breaks first. test/core/syntax holds it against the patient reader. */
export function readFast(text: string): FastRead | Break {
  try {
    return new TreeBuilder(text).build(parseEvents(text, {}));
  } catch (error) {
    if (error instanceof YAMLException) return { reason: error.reason, position: error.mark?.position ?? 0 };
    if (error instanceof BreakError) return error.at;
    if (error instanceof RangeError) return { reason: 'nested too deeply', position: 0 };
    throw error;
  }
}

/** Text that is YAML and that Kubernetes cannot read all the same. */
class BreakError extends Error {
  constructor(readonly at: Break) {
    super(at.reason);
  }
}

class TreeBuilder {
  private readonly problems: SyntaxProblem[] = [];
  private readonly anchors = new Map<string, YamlNode>();
  private readonly open: Open[] = [];
  private root: YamlNode | undefined;
  private position = 0;

  constructor(private readonly text: string) {}

  build(events: readonly Event[]): FastRead {
    let documents = 0;
    for (const event of events) {
      switch (event.type) {
        case EVENT_ID.DOCUMENT:
          if (++documents > 1) throw this.breaks('a document must start with --- on a line of its own');
          this.open.push({ type: event.type, start: 0, flow: false, anchor: undefined, children: [] });
          break;
        case EVENT_ID.SEQUENCE:
        case EVENT_ID.MAPPING:
          this.position = Math.max(this.position, event.start);
          this.open.push({
            type: event.type,
            start: event.start,
            flow: event.style === COLLECTION_STYLE.FLOW,
            anchor: this.slice(event.anchorStart, event.anchorEnd),
            children: [],
          });
          break;
        case EVENT_ID.SCALAR: {
          const absent = event.valueStart < 0;
          const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
          const empty = quoted && event.valueStart === event.valueEnd;
          const start = absent ? this.position : event.valueStart - (empty ? 1 : 0);
          const end = absent ? this.position : event.valueEnd + (empty ? 1 : 0);
          const content = absent ? '' : getScalarValue(this.text, event);
          const tag = this.slice(event.tagStart, event.tagEnd);
          const plain = event.style === SCALAR_STYLE.PLAIN && tag === undefined;
          const node = new ScalarNode(start, end, plain ? plainScalar(content) : content, content, plain);
          this.position = Math.max(this.position, absent ? end : event.valueEnd + (quoted ? 1 : 0));
          this.add(node, this.slice(event.anchorStart, event.anchorEnd));
          break;
        }
        case EVENT_ID.ALIAS: {
          const name = this.text.slice(event.anchorStart, event.anchorEnd);
          const target = this.anchors.get(name);
          if (!target) throw this.breaks(`alias *${name} names no anchor above it`, event.anchorStart);
          this.position = event.anchorEnd;
          this.add(target, undefined);
          break;
        }
        case EVENT_ID.POP: {
          const closed = this.open.pop()!;
          if (closed.type === EVENT_ID.DOCUMENT) {
            this.root = closed.children[0];
            break;
          }
          this.add(this.close(closed), closed.anchor);
          break;
        }
      }
    }
    return { root: this.root, problems: this.problems };
  }

  private breaks(reason: string, position = this.position): BreakError {
    return new BreakError({ reason, position });
  }

  private add(node: YamlNode, anchor: string | undefined): void {
    if (anchor !== undefined) this.anchors.set(anchor, node);
    this.open.at(-1)?.children.push(node);
  }

  private close(it: Open): YamlNode {
    if (it.flow) this.position = this.endOfFlow(it.type === EVENT_ID.MAPPING ? '}' : ']');
    const end = Math.max(this.position, it.start);
    if (it.type === EVENT_ID.SEQUENCE) return new SeqNode(it.start, end, it.children);
    const pairs: MapEntry[] = [];
    for (let i = 0; i + 1 < it.children.length; i += 2) {
      const key = it.children[i]!;
      // only templates that are read as YAML write that
      if (key.kind !== 'scalar') throw this.breaks('a key must be a single value', key.start);
      pairs.push({ key, value: it.children[i + 1]! });
    }
    return buildMap(it.start, end, pairs, this.problems);
  }

  private endOfFlow(closer: string): number {
    for (let i = this.position; i < this.text.length; i++) {
      if (this.text[i] === '#') {
        const newline = this.text.indexOf('\n', i);
        if (newline < 0) break;
        i = newline;
      } else if (this.text[i] === closer) return i + 1;
    }
    return this.position;
  }

  private slice(start: number, end: number): string | undefined {
    return start < 0 ? undefined : this.text.slice(start, end);
  }
}
