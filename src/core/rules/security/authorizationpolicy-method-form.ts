import { defineObjectRule } from '../rule.js';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE'];
/** Of WebDAV and the like; real ones, though seldom. */
const FURTHER = [
  'PROPFIND',
  'PROPPATCH',
  'MKCOL',
  'COPY',
  'MOVE',
  'LOCK',
  'UNLOCK',
  'PURGE',
  'REPORT',
  'SEARCH',
  'LINK',
  'UNLINK',
];

/** A method in a policy that no request has. */
export default defineObjectRule({
  id: 'authorizationpolicy-method-form',
  group: 'security',
  severity: 'warning',
  title: 'Not an HTTP method',
  why: 'Methods are compared letter by letter, so the rule never matches.',
  remedy: 'Write methods in capitals; calls of gRPC are all POST, and their names belong into paths.',
  alsoKnownAs: ['KIA0102'],
  kinds: ['AuthorizationPolicy'],
  *check(policy) {
    const fields = (policy.rules ?? []).flatMap((it) => it.to.flatMap((one) => [...one.fields]));
    for (const { value, at } of fields.flatMap((it) =>
      it.name === 'methods' ? [...it.values, ...it.notValues] : [],
    )) {
      if (matchesSome(value)) continue;
      const upper = value.toUpperCase();
      const fixes = matchesSome(upper) ? [{ title: `Replace by ${upper}`, edits: [{ at, text: upper }] }] : [];
      const hint = value.includes('/')
        ? '; names of gRPC calls belong into paths'
        : fixes.length > 0
          ? `; it is ${upper}`
          : '';
      yield { at, message: `No request has method ${value}${hint}`, fixes };
    }
  },
});

function matchesSome(pattern: string): boolean {
  const all = [...METHODS, ...FURTHER];
  if (pattern.endsWith('*')) return all.some((it) => it.startsWith(pattern.slice(0, -1)));
  if (pattern.startsWith('*')) return all.some((it) => it.endsWith(pattern.slice(1)));
  return all.includes(pattern);
}
