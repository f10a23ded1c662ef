import type { StringMatch } from '../model/resource.js';
import type { HttpMatch } from '../model/virtual-service.js';

/** `route #2 (prefix /api, header end-user = jason)`: how people find a route again in the YAML. */
export function routeTitle(position: number, match: HttpMatch | undefined): string {
  return `route #${position} (${matchTitle(match)})`;
}

/** The conditions of a match that a request can meet or not, in one line. */
export function matchTitle(match: HttpMatch | undefined): string {
  const parts = match ? conditions(match) : [];
  return parts.length > 0 ? parts.join(', ') : 'any request';
}

function conditions(match: HttpMatch): string[] {
  const parts: string[] = [];
  if (match.pathSegments !== undefined) parts.push(`path under ${match.pathSegments}`);
  else if (match.uri && match.uri.type !== 'present') parts.push(`${match.uri.type} ${match.uri.value}`);
  if (match.method) parts.push(`method ${valueTitle(match.method)}`);
  if (match.scheme) parts.push(`scheme ${valueTitle(match.scheme)}`);
  if (match.authority) parts.push(`authority ${valueTitle(match.authority)}`);
  for (const [name, value] of match.headers) parts.push(`header ${name} ${valueTitle(value)}`);
  for (const [name, value] of match.withoutHeaders) parts.push(`not header ${name} ${valueTitle(value)}`);
  for (const [name, value] of match.queryParams) parts.push(`query ${name} ${valueTitle(value)}`);
  return parts;
}

/** `= jason`, `~ ^v.*`, `starts with v`, `present`. */
export function valueTitle(match: StringMatch): string {
  switch (match.type) {
    case 'exact':
      return `= ${match.value}`;
    case 'prefix':
      return `starts with ${match.value}`;
    case 'regex':
      return `~ ${match.value}`;
    case 'present':
      return 'present';
  }
}
