import type { HttpMatch } from '../../model/virtual-service.js';
import { entriesOf } from '../entries.js';
import { defineObjectRule } from '../rule.js';

/** A rewrite leaves a slash too many, or one too few. */
export default defineObjectRule({
  id: 'virtualservice-rewrite-double-slash',
  group: 'routing',
  severity: 'warning',
  title: 'Rewrite produces a wrong path',
  why: 'Envoy puts the new text exactly in place of the matched prefix; the application is asked for a path that it does not know.',
  remedy: 'Let prefix and rewrite both end with a slash, or neither; or use uriRegexRewrite.',
  kinds: ['VirtualService'],
  *check(it) {
    for (const { http } of entriesOf(it)) {
      const uri = http?.rewrite?.uri;
      if (!http || !uri || uri.value.includes('?')) continue;
      for (const match of http.matches) {
        const example = exampleOf(match, uri.value, http.matches);
        if (!example) continue;
        yield {
          at: uri.at,
          message: `Path ${example.before} becomes ${example.after}`,
          related: [{ at: match.uri!.at, message: `prefix ${example.prefix} is replaced by ${uri.value}` }],
        };
      }
    }
  },
});

/** A path that goes wrong; the form without a slash is fine where it is there for the bare path, beside one with it. */
function exampleOf({ uri }: HttpMatch, target: string, all: readonly HttpMatch[]) {
  if (uri?.type !== 'prefix' || uri.value === '' || uri.value === '/') return undefined;
  const prefix = uri.value;
  const [from, to] = [prefix.endsWith('/'), target.endsWith('/')];
  if (from === to) return undefined;
  if (from) return { prefix, before: `${prefix}x`, after: `${target}x` };
  const twin = all.some((it) => it.uri?.type === 'prefix' && it.uri.value === `${prefix}/`);
  return twin ? undefined : { prefix, before: `${prefix}/x`, after: `${target}/x` };
}
