import { RE2JS } from 're2js';

const compiled = new Map<string, RE2JS | undefined>();
const MOST_KEPT = 2000;

/** The expression as Envoy compiles it; `undefined` when RE2 does not take it. Kept, since routes are asked again and again. */
export function re2(pattern: string): RE2JS | undefined {
  if (compiled.has(pattern)) return compiled.get(pattern);
  if (compiled.size >= MOST_KEPT) compiled.clear();
  const result = compile(pattern);
  compiled.set(pattern, result);
  return result;
}

export function isRe2(pattern: string): boolean {
  return re2(pattern) !== undefined;
}

/** Whether the whole text matches; an expression that RE2 does not take matches nothing. */
export function matchesWhole(pattern: string, text: string): boolean {
  return re2(pattern)?.matches(text) ?? false;
}

/** Every match replaced; `\1` stands for the first group, as in RE2. */
export function replaceAll(pattern: string, text: string, replacement: string): string {
  const expression = re2(pattern);
  if (!expression) return text;
  const matcher = expression.matcher(text);
  let result = '';
  let from = 0;
  while (matcher.find()) {
    // an empty match right after another one does not count
    if (from > 0 && matcher.start() === from && matcher.end() === from) continue;
    result +=
      text.slice(from, matcher.start()) +
      filled(replacement, (group) => matcher.group(group) ?? '', matcher.groupCount());
    from = matcher.end();
  }
  return result + text.slice(from);
}

function filled(replacement: string, group: (index: number) => string, groups: number): string {
  return replacement.replace(/\\(\d|\\)/g, (escape, what: string) => {
    if (what === '\\') return '\\';
    return Number(what) <= groups ? group(Number(what)) : escape;
  });
}

function compile(pattern: string): RE2JS | undefined {
  try {
    return RE2JS.compile(pattern);
  } catch {
    return undefined;
  }
}
