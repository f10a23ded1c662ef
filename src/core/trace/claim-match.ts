const PREFIX = '@request.auth.claims';

/** Claims that are lists of words in one text. */
const LISTS = new Set(['scope', 'permission']);

/**
 * The path into a token's claims that a header condition of that name asks for (RT-9): `@request.auth.claims.group.id`, or with
 * brackets where names have dots. `undefined` for every other name.
 */
export function claimPath(name: string): readonly string[] | undefined {
  if (!name.toLowerCase().startsWith(PREFIX)) return undefined;
  const rest = name.slice(PREFIX.length);
  if (rest.startsWith('.') && rest.length > 1) return rest.slice(1).split('.');
  if (rest.startsWith('[') && rest.endsWith(']') && rest.length > 2) return rest.slice(1, -1).split('][');
  return undefined;
}

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
