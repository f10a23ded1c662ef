import type { PathNormalization } from '../model/mesh-config.js';

/**
 * The path that routes and policies see and that is forwarded (GEN-9). The query and fragment are kept as sent.
 */
export function normalizePath(path: string, mode: PathNormalization): string {
  if (mode === 'NONE' || !path.startsWith('/')) return path;
  const end = path.search(/[?#]/);
  const before = end < 0 ? path : path.slice(0, end);
  const rest = end < 0 ? '' : path.slice(end);
  const slashed = mode === 'DECODE_AND_MERGE_SLASHES' ? before.replace(/%2f/gi, '/').replace(/%5c/gi, '\\') : before;
  const resolved = resolveDots(slashed.replaceAll('\\', '/'));
  return (mode === 'BASE' ? resolved : mergeSlashes(resolved)) + rest;
}

/** Takes out `.` and `..`, in the manner of RFC 3986 5.2.4; what stays has its needless escapes taken off. */
function resolveDots(path: string): string {
  const segments = path.split('/').slice(1);
  const kept: string[] = [];
  segments.forEach((segment, index) => {
    const plain = decodeUnreserved(segment);
    const dots = plain === '.' || plain === '..' ? plain : withoutParameters(segment);
    if (dots === '..') kept.pop();
    else if (dots !== '.') {
      kept.push(plain);
      return;
    }
    if (index === segments.length - 1) kept.push('');
  });
  return `/${kept.join('/')}`;
}

/** `..;x=1` counts as `..` when its dots are not escaped. */
function withoutParameters(segment: string): string {
  return /^(\.{1,2});/.exec(segment)?.[1] ?? segment;
}

/** Escapes of letters, digits, `-`, `.`, `_` and `~` say the same as the character itself. */
function decodeUnreserved(segment: string): string {
  return segment.replace(/%([0-9a-f]{2})/gi, (escape, hex: string) => {
    const character = String.fromCharCode(parseInt(hex, 16));
    return /[A-Za-z0-9\-._~]/.test(character) ? character : escape;
  });
}

/** Slashes at both ends are kept each for itself: of slashes alone, two stay. */
function mergeSlashes(path: string): string {
  if (!path.includes('//')) return path;
  const kept = path.split('/').filter((it) => it !== '');
  return `/${kept.join('/')}${path.endsWith('/') ? '/' : ''}`;
}
