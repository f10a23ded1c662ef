import type { PathNormalization } from '../model/mesh-config.js';

/**
 * The path that routes and policies see and that is forwarded (GEN-9). The query and fragment are kept as sent.
 */
export function normalizePath(path: string, mode: PathNormalization): string {
  if (mode === 'NONE') return path;
  const end = path.search(/[?#]/);
  const before = end < 0 ? path : path.slice(0, end);
  const rest = end < 0 ? '' : path.slice(end);
  let result = decodeUnreserved(before);
  if (mode === 'DECODE_AND_MERGE_SLASHES') result = result.replace(/%2f/gi, '/').replace(/%5c/gi, '\\');
  result = resolveDots(result.replaceAll('\\', '/'));
  if (mode !== 'BASE') result = result.replace(/\/{2,}/g, '/');
  return result + rest;
}

/** Escapes of letters, digits, `-`, `.`, `_` and `~` say the same as the character itself. */
function decodeUnreserved(path: string): string {
  return path.replace(/%([0-9a-f]{2})/gi, (escape, hex: string) => {
    const character = String.fromCharCode(parseInt(hex, 16));
    return /[A-Za-z0-9\-._~]/.test(character) ? character : escape;
  });
}

/** RFC 3986, 5.2.4. */
function resolveDots(path: string): string {
  if (!/\/\.{1,2}(\/|$)/.test(path)) return path;
  const segments = path.split('/').slice(1);
  const kept: string[] = [];
  segments.forEach((segment, index) => {
    const last = index === segments.length - 1;
    if (segment === '..') kept.pop();
    else if (segment !== '.') {
      kept.push(segment);
      return;
    }
    if (last) kept.push('');
  });
  return `/${kept.join('/')}`;
}
