/**
 * Whether a path below a workspace folder (`a/b.yaml`, with slashes) matches one of the globs that VS Code's `files.exclude`
 * takes: `*`, `**`, `?`, `{a,b}`, `[a-z]`. A glob that matches a folder takes all that is in it.
 */
export function globMatcher(globs: readonly string[]): (path: string) => boolean {
  const patterns = globs.flatMap((it) => toRegExp(it) ?? []);
  return (path) => patterns.some((it) => it.test(path));
}

function toRegExp(glob: string): RegExp | undefined {
  try {
    return new RegExp(`^${source(glob.replace(/^\/|\/$/g, ''))}(?:/.*)?$`, 'u');
  } catch {
    return undefined; // a half-typed setting must not stop the server
  }
}

function source(glob: string): string {
  let result = '';
  let depth = 0;
  for (let i = 0; i < glob.length; i++) {
    const char = glob[i]!;
    if (glob.startsWith('**/', i)) {
      result += '(?:[^/]+/)*';
      i += 2;
    } else if (glob.startsWith('**', i)) {
      result += '.*';
      i += 1;
    } else if (char === '*') result += '[^/]*';
    else if (char === '?') result += '[^/]';
    else if (char === '{') {
      result += '(?:';
      depth++;
    } else if (char === '}' && depth > 0) {
      result += ')';
      depth--;
    } else if (char === ',' && depth > 0) result += '|';
    else if (char === '[' && glob.indexOf(']', i) > i) {
      const end = glob.indexOf(']', i);
      result += `[${glob
        .slice(i + 1, end)
        .replace(/^!/, '^')
        .replace(/\\/g, '\\\\')}]`;
      i = end;
    } else result += char.replace(/[\\^$.*+?()[\]{}|/]/u, '\\$&');
  }
  return result + ')'.repeat(depth);
}
