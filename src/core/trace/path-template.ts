/** Characters of one segment; Envoy's templates leave out what has a meaning in them. */
const SEGMENT = "[A-Za-z0-9\\-._~%!$&'()+,;:@=]";

/**
 * A path with `{*}` (one segment, not empty) or `{**}` (the rest, maybe empty) as a pattern for whole paths (AZ-8);
 * `undefined` for a path that has neither.
 */
export function pathTemplate(path: string): RegExp | undefined {
  if (!path.includes('{*}') && !path.includes('{**}')) return undefined;
  const parts = path.split(/(\{\*\*?\})/).map((it) => {
    if (it === '{*}') return `${SEGMENT}+`;
    if (it === '{**}') return `(?:${SEGMENT}|/)*`;
    return it.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
}
