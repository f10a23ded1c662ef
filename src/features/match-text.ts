import type { StringMatch } from '../core/model/resource.js';
import type { HttpMatch } from '../core/model/virtual-service.js';

/** One match in words: `header end-user = jason, prefix /api`; `every request` for one without conditions. */
export function matchText(match: HttpMatch): string {
  const parts = [
    ...condition('', match.method),
    ...condition('path', match.uri),
    ...condition('host', match.authority),
    ...condition('scheme', match.scheme),
    ...[...match.headers].flatMap(([name, it]) => condition(`header ${name}`, it)),
    ...[...match.withoutHeaders].flatMap(([name, it]) => condition(`not header ${name}`, it)),
    ...[...match.queryParams].flatMap(([name, it]) => condition(`query ${name}`, it)),
    ...(match.port ? [`port ${match.port.value}`] : []),
    ...[...match.sourceLabels].map(([key, value]) => `from pods ${key}=${value.value}`),
    ...(match.sourceNamespace ? [`from namespace ${match.sourceNamespace.value}`] : []),
  ];
  return parts.length > 0 ? parts.join(', ') : 'every request';
}

function condition(what: string, match: StringMatch | undefined): string[] {
  if (!match) return [];
  if (match.type === 'present') return what === '' ? [] : [`${what} is there`];
  const value = match.type === 'exact' ? match.value : match.type === 'prefix' ? `${match.value}*` : `~ ${match.value}`;
  if (what === '') return [value];
  if (what === 'path') return [match.type === 'exact' ? `path = ${value}` : `path ${value}`];
  return [match.type === 'exact' ? `${what} = ${value}` : `${what} ${value}`];
}
