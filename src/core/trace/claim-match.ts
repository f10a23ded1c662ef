/** Claims that are lists of words in one text. */
const LISTS = new Set(['scope', 'permission']);

/** The values of a claim: one, those of a list, or none. Only text counts. */
export function claimValues(
  claims: Readonly<Record<string, unknown>> | undefined,
  path: readonly string[],
): readonly string[] {
  let value: unknown = claims;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return [];
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  if (typeof value === 'string') return path.length === 1 && LISTS.has(path[0]!) ? value.split(' ') : [value];
  return Array.isArray(value) ? value.filter((it): it is string => typeof it === 'string') : [];
}
