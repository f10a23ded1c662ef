import type { StringMatch } from '../core/model/resource.js';
import type { HttpMatch, L4Match } from '../core/model/virtual-service.js';

export const EVERY_REQUEST = 'every request';

/** One match in words: `header end-user = jason, prefix /api`; `every request` for one without conditions. */
export function matchText(match: HttpMatch): string {
  const parts = [
    ...condition('', match.method),
    ...pathCondition(match),
    ...condition('host', match.authority),
    ...condition('scheme', match.scheme),
    ...[...match.headers].flatMap(([name, it]) => condition(`header ${name}`, it)),
    ...[...match.withoutHeaders].map(([name, it]) => absence(name, it)),
    ...[...match.queryParams].flatMap(([name, it]) => condition(`query ${name}`, it)),
    ...(match.port ? [`port ${match.port.value}`] : []),
    ...[...match.sourceLabels].map(([key, value]) => `from pods ${key}=${value.value}`),
    ...(match.sourceNamespace ? [`from namespace ${match.sourceNamespace.value}`] : []),
  ];
  return parts.length > 0 ? parts.join(', ') : EVERY_REQUEST;
}

/** `SNI api.example.com, port 443`; empty for one without conditions. */
export function l4MatchText(match: L4Match | undefined): string {
  if (!match) return '';
  const parts = [
    ...(match.sniHosts.length > 0 ? [`SNI ${match.sniHosts.map((it) => it.value).join(' or ')}`] : []),
    ...(match.destinationSubnets.length > 0
      ? [`to ${match.destinationSubnets.map((it) => it.value).join(' or ')}`]
      : []),
    ...(match.port ? [`port ${match.port.value}`] : []),
  ];
  return parts.join(', ');
}

function pathCondition({ uri, pathSegments }: HttpMatch): string[] {
  if (pathSegments !== undefined) return pathSegments === '' ? [] : [`path under ${pathSegments}`];
  return uri?.type === 'prefix' && uri.value === '/' ? [] : condition('path', uri);
}

function absence(name: string, match: StringMatch): string {
  if (match.type === 'present') return `no header ${name}`;
  return `header ${name} not ${match.type === 'exact' ? match.value : match.type === 'prefix' ? `${match.value}*` : `~ ${match.value}`}`;
}

function condition(what: string, match: StringMatch | undefined): string[] {
  if (!match) return [];
  if (match.type === 'present') return what === '' ? [] : [`${what} is there`];
  const value = match.type === 'exact' ? match.value : match.type === 'prefix' ? `${match.value}*` : `~ ${match.value}`;
  if (what === '') return [value];
  if (what === 'path') return [match.type === 'exact' ? `path = ${value}` : `path ${value}`];
  return [match.type === 'exact' ? `${what} = ${value}` : `${what} ${value}`];
}
