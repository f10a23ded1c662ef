const PREFIX = '@request.auth.claims';

/**
 * The path into a token's claims that a header condition of that name asks for (RT-9): `@request.auth.claims.group.id`, or with
 * brackets where names have dots. `undefined` for every other name.
 */
export function claimHeader(name: string): readonly string[] | undefined {
  if (!name.toLowerCase().startsWith(PREFIX)) return undefined;
  const rest = name.slice(PREFIX.length);
  if (rest.startsWith('.') && rest.length > 1) return rest.slice(1).split('.');
  if (rest.startsWith('[') && rest.endsWith(']') && rest.length > 2) return rest.slice(1, -1).split('][');
  return undefined;
}
