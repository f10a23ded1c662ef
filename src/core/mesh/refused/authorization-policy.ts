import type { AuthorizationPolicy, PolicyField, PolicyRule } from '../../model/security.js';
import { isAddressOrBlock } from '../addresses.js';
import { checkWord, type Problem, type Problems } from './checks.js';
import { checkTarget, said } from './policy-parts.js';

/** What Istio's webhook would not take of an AuthorizationPolicy (GEN-10, META-4). */
export function* checkAuthorizationPolicy(it: AuthorizationPolicy): Problems {
  const spec = it.body.fieldsOrEmpty('spec');
  const { action } = it;
  const rules = it.rules ?? [];
  yield* checkWord(spec, 'action', ['ALLOW', 'DENY', 'AUDIT', 'CUSTOM']);
  yield* checkTarget(spec);
  if ((action === 'DENY' || action === 'CUSTOM') && rules.length === 0)
    yield said(it.nameAt, `${action} without rules would never act`, 'AZ-3');
  if (action === 'CUSTOM' && !it.provider?.value) yield said(it.nameAt, 'CUSTOM needs provider.name', 'AZ-14');
  if (action !== 'CUSTOM' && spec.has('provider'))
    yield said(spec.keyAt('provider'), `${action} has no provider`, 'AZ-14');
  if (it.dryRun && action !== 'ALLOW' && action !== 'DENY')
    yield said(it.annotations.get('istio.io/dry-run')!.at, `${action} cannot be on dry run`, 'AZ-13');
  for (const rule of rules) {
    const mistake = wrongRule(rule, action);
    if (mistake) yield mistake;
  }
}

const SOURCE_FIELDS = new Set([
  'principals',
  'requestPrincipals',
  'namespaces',
  'ipBlocks',
  'remoteIpBlocks',
  'serviceAccounts',
  'trustDomains',
]);
const OPERATION_FIELDS = new Set(['hosts', 'ports', 'methods', 'paths']);
const PROVEN_FIELDS = new Set(['principals', 'requestPrincipals', 'namespaces', 'serviceAccounts', 'trustDomains']);
const PROVEN_KEYS = new Set(['source.namespace', 'source.serviceAccount', 'source.trustDomain', 'source.principal']);

type Mistake = Problem | undefined;

function wrongRule(rule: PolicyRule, action: AuthorizationPolicy['action']): Mistake {
  const { from, to, when } = rule;
  const blank =
    from.find((it) => !it.fields.some((field) => SOURCE_FIELDS.has(field.name))) ??
    to.find((it) => !it.fields.some((field) => OPERATION_FIELDS.has(field.name)));
  if (blank) return said(blank.at, 'Says neither who nor what: a source or operation must have a field');
  const fields = [...from, ...to].flatMap((it) => it.fields);
  if (action === 'CUSTOM') {
    // the provider is asked before anybody is known
    const early = fields.find((it) => PROVEN_FIELDS.has(it.name)) ?? when.find((it) => isProven(it.name));
    if (early) return said(early.at, `CUSTOM cannot look at ${early.name}`, 'AZ-14');
  }
  const mixed = from.find((it) => {
    const names = it.fields.map((field) => field.name);
    return names.includes('serviceAccounts') && (names.includes('principals') || names.includes('namespaces'));
  });
  if (mixed) return said(mixed.at, 'serviceAccounts cannot stand beside principals or namespaces');
  return fields.map(wrongValues).find((it) => it) ?? when.map(wrongCondition).find((it) => it);
}

function isProven(key: string): boolean {
  return PROVEN_KEYS.has(key) || key.startsWith('request.auth.');
}

function wrongCondition(field: PolicyField): Mistake {
  const { name, values, notValues, at } = field;
  if (name === '') return said(at, 'A condition needs a key');
  if (values.length + notValues.length === 0) return said(at, `The condition on ${name} has no values`);
  if (!isKnownKey(name)) return said(at, `${name} is no attribute that policies can look at`, 'AZ-8');
  return wrongValues(field);
}

const PLAIN_KEYS = new Set([
  'source.ip',
  'remote.ip',
  'source.namespace',
  'source.serviceAccount',
  'source.principal',
  'source.trustDomain',
  'request.auth.principal',
  'request.auth.audiences',
  'request.auth.presenter',
  'destination.ip',
  'destination.port',
  'connection.sni',
]);

function isKnownKey(key: string): boolean {
  if (PLAIN_KEYS.has(key)) return true;
  const keyed = /^(request\.headers|request\.auth\.claims|experimental\.envoy\.filters\.)/.test(key);
  return keyed && /^[^[]+\[.+\]$/s.test(key);
}

/** The grammar of a field's values. */
function wrongValues({ name, values, notValues }: PolicyField): Mistake {
  const all = [...values, ...notValues];
  const wrong = (test: (value: string) => boolean, what: string): Mistake => {
    const found = all.find(({ value }) => test(value));
    return found && said(found.at, `${found.value === '' ? 'An empty text' : found.value} is no ${what}`);
  };
  const empty = wrong((value) => value === '', `value of ${name}`);
  if (empty) return empty;
  switch (name) {
    case 'ipBlocks':
    case 'remoteIpBlocks':
    case 'source.ip':
    case 'remote.ip':
    case 'destination.ip':
      return wrong((value) => !isAddressOrBlock(value), 'address or range');
    case 'ports':
    case 'destination.port':
      return wrong((value) => !/^\d+$/.test(value) || Number(value) > 65535, 'port');
    case 'serviceAccounts':
    case 'source.serviceAccount':
      return wrong((value) => !/^[^*/]+(\/[^*/]+)?$/.test(value), 'service account, or namespace/account');
    case 'trustDomains':
    case 'source.trustDomain':
      return wrong(
        (value) => !/^(\*|\*?[^*]+|[^*]+\*)$/.test(value) || (name === 'trustDomains' && value.includes('/')),
        'trust domain',
      );
    case 'paths':
      return wrong(
        (value) => !isPathPattern(value),
        'path: {*} and {**} stand for whole segments, {**} as the last of them',
      );
    default:
      return undefined;
  }
}

function isPathPattern(path: string): boolean {
  const template = path.includes('{*}') || path.includes('{**}');
  let rest = false;
  for (const segment of path.replace(/^\/+|\/+$/g, '').split('/')) {
    if (segment === '{*}' || segment === '{**}') {
      if (rest) return false;
      rest = segment === '{**}';
    } else if (/[{}]/.test(segment) || (template && !/^[a-zA-Z0-9\-._~%!$&'()+,;:@=]+$/.test(segment))) return false;
  }
  return true;
}
