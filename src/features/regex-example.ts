/**
 * A short text that a regular expression (RE2's syntax) takes as a whole; `undefined` when none is found. Made for the
 * conditions that people write into routes: alternatives, classes, repetitions, groups.
 */
export function regexExample(pattern: string): string | undefined {
  try {
    const { flags, source } = splitFlags(pattern);
    const text = new Reader(source).alternatives();
    return new RegExp(`^(?:${source})$`, flags).test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

/** RE2 writes flags as `(?i)` in front. */
function splitFlags(pattern: string): { flags: string; source: string } {
  const found = /^\(\?([ims]+)\)/.exec(pattern);
  return found ? { flags: found[1]!, source: pattern.slice(found[0].length) } : { flags: '', source: pattern };
}

class Reader {
  private at = 0;
  constructor(private readonly source: string) {}

  alternatives(): string {
    const first = this.sequence();
    // the first alternative is as good as any; an empty one makes odd requests
    let chosen = first;
    while (this.source[this.at] === '|') {
      this.at++;
      const next = this.sequence();
      if (chosen === '') chosen = next;
    }
    return chosen;
  }

  private sequence(): string {
    let text = '';
    while (this.at < this.source.length && this.source[this.at] !== '|' && this.source[this.at] !== ')') {
      const one = this.atom();
      text += one.repeat(this.times());
    }
    return text;
  }

  private atom(): string {
    const char = this.source[this.at++]!;
    if (char === '^' || char === '$') return '';
    if (char === '.') return 'x';
    if (char === '[') return this.set();
    if (char === '\\') return escaped(this.source[this.at++] ?? '');
    if (char !== '(') return char;
    const opening = /^\?(?::|P?<[^>]*>)/.exec(this.source.slice(this.at));
    if (opening) this.at += opening[0].length;
    const text = this.alternatives();
    this.at++; // ')'
    return text;
  }

  private set(): string {
    const end = this.source.indexOf(']', this.at + 1);
    const body = this.source.slice(this.at, end);
    this.at = end + 1;
    const test = new RegExp(`[${body}]`);
    for (const it of 'a1Ax-_/.@') if (test.test(it)) return it;
    const first = body.startsWith('^') ? undefined : body[0];
    return first ?? '~';
  }

  private times(): number {
    const found = /^(?:([*+?])|\{(\d+)(?:,\d*)?\})\??/.exec(this.source.slice(this.at));
    if (!found) return 1;
    this.at += found[0].length;
    return found[1] === '*' || found[1] === '?' ? 0 : found[2] === undefined ? 1 : Number(found[2]);
  }
}

function escaped(char: string): string {
  switch (char) {
    case 'd':
      return '1';
    case 'w':
      return 'a';
    case 's':
      return ' ';
    case 'b':
      return '';
    default:
      return char;
  }
}
