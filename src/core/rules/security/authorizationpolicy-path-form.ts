import { defineObjectRule } from '../rule.js';

/** A path in a policy that no request has. */
export default defineObjectRule({
  id: 'authorizationpolicy-path-form',
  group: 'security',
  severity: 'warning',
  title: 'Path pattern can never match',
  why: 'Paths are compared without their query, as text with at most one star at an end; an ALLOW rule then matches nobody, a DENY rule is not enforced.',
  remedy: 'Begin with a slash, put a star at the end only, and use {*} for one segment and {**} for the rest.',
  kinds: ['AuthorizationPolicy'],
  *check(policy) {
    const fields = (policy.rules ?? []).flatMap((it) => it.to.flatMap((one) => [...one.fields]));
    for (const { value, at } of fields.flatMap((it) => (it.name === 'paths' ? [...it.values, ...it.notValues] : []))) {
      const because = problemOf(value);
      if (because) yield { at, message: `No path is like ${value}: ${because}` };
    }
  },
});

function problemOf(value: string): string | undefined {
  if (value === '' || value === '*') return undefined;
  if (/[?#]/.test(value)) return 'paths are compared without query and fragment';
  if (value.includes('{')) return undefined; // a template, which the webhook has looked at
  const inner = value.replace(/^\*/, '').replace(/\*$/, '');
  if (inner.includes('*')) return 'a star stands for anything at the beginning or end only';
  if (value.startsWith('*') && value.endsWith('*') && value.length > 1) return 'a star may stand at one end only';
  if (!/^[/*]/.test(value)) return 'every path begins with a slash';
  return undefined;
}
