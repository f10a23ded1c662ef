import type { MeshConfig } from '../../model/mesh-config.js';
import type { AuthorizationPolicy, PolicyField, PolicyRule } from '../../model/security.js';
import { attributeOf, isPolicyField, matchesString, type PolicyFacts } from '../../trace/policy-attributes.js';
import type { Known, RequestClass } from './request-class.js';

/** What a rule says to all requests of a class together. */
export type Verdict = 'all' | 'some' | { readonly none: PolicyField | undefined; readonly because: string };

/** Whether a rule of a policy takes all requests of a class, none of them, or perhaps some (AZ-4..AZ-10). */
export function verdictOn(
  config: MeshConfig,
  policy: AuthorizationPolicy,
  rule: PolicyRule,
  it: RequestClass,
): Verdict {
  const groups = [...rule.from, ...rule.to];
  const fields = [...groups.flatMap((one) => one.fields.filter((field) => isPolicyField(field.name))), ...rule.when];
  if (it.protocol === 'TCP') {
    const http = fields.find((field) => isHttpOnly(config, policy, field));
    if (http) {
      // an ALLOW rule is left out; of others only the condition, which is more than can be said here
      if (policy.action === 'ALLOW') return { none: http, because: `${http.name} means nothing on a TCP port` };
      return 'some';
    }
  }
  const parts = [
    anyOf(rule.from.map((one) => allOf(one.fields.map((field) => verdictOnField(config, policy, field, it))))),
    anyOf(rule.to.map((one) => allOf(one.fields.map((field) => verdictOnField(config, policy, field, it))))),
    allOf(rule.when.map((field) => verdictOnField(config, policy, field, it))),
  ];
  return allOf(parts);
}

/** Whether a condition means nothing on a TCP port (AZ-10). */
export function isHttpOnly(config: MeshConfig, policy: AuthorizationPolicy, { name }: PolicyField): boolean {
  return attributeOf(name, policy.namespace, nothingOf(config))?.httpOnly ?? false;
}

function allOf(parts: readonly Verdict[]): Verdict {
  const none = parts.find((it) => typeof it === 'object');
  return none ?? (parts.every((it) => it === 'all') ? 'all' : 'some');
}

/** An omitted list is no condition (AZ-3). */
function anyOf(parts: readonly Verdict[]): Verdict {
  if (parts.length === 0 || parts.includes('all')) return 'all';
  return parts.find((it) => it === 'some') ?? parts[0]!;
}

function verdictOnField(
  config: MeshConfig,
  policy: AuthorizationPolicy,
  field: PolicyField,
  it: RequestClass,
): Verdict {
  const wanted = field.values.length === 0 ? 'all' : hits(config, policy, field.name, field.values, it);
  const unwanted = field.notValues.length === 0 ? 'none' : hits(config, policy, field.name, field.notValues, it);
  const actual = actualOf(field.name, it);
  if (wanted === 'none')
    return { none: field, because: `${field.name} asks for ${listed(field.values)}, and ${actual}` };
  if (unwanted === 'all')
    return { none: field, because: `${field.name} excludes ${listed(field.notValues)}, and ${actual}` };
  return wanted === 'all' && unwanted === 'none' ? 'all' : 'some';
}

type Hits = 'all' | 'some' | 'none';
type Values = readonly { readonly value: string }[];

function hits(config: MeshConfig, policy: AuthorizationPolicy, name: string, values: Values, it: RequestClass): Hits {
  switch (name) {
    case 'paths':
      return together(values.map(({ value }) => hitsText(value, it.path)));
    case 'methods':
      return together(values.map(({ value }) => hitsText(value, it.method)));
    case 'ports':
    case 'destination.port':
      return values.some(({ value }) => Number(value) === it.port) ? 'all' : 'none';
    case 'principals':
    case 'source.principal':
    case 'namespaces':
    case 'source.namespace':
    case 'serviceAccounts':
    case 'source.serviceAccount':
    case 'trustDomains':
    case 'source.trustDomain':
      return hitsIdentities(config, policy, name, values, it.identities);
    default:
      return 'some';
  }
}

function together(parts: readonly Hits[]): Hits {
  if (parts.includes('all')) return 'all';
  return parts.includes('some') ? 'some' : 'none';
}

/** Which texts of a class a pattern takes: of one that only begins in a known way, some or all. */
function hitsText(pattern: string, known: Known): Hits {
  if (pattern === '*') return 'all';
  if (!known || pattern.includes('{')) return 'some';
  if (known.type === 'exact') return matchesString(pattern, known.value) ? 'all' : 'none';
  if (pattern.startsWith('*')) return 'some';
  const start = pattern.endsWith('*') ? pattern.slice(0, -1) : undefined;
  if (start !== undefined && known.value.startsWith(start)) return 'all';
  return (start ?? pattern).startsWith(known.value) ? 'some' : 'none';
}

function hitsIdentities(
  config: MeshConfig,
  policy: AuthorizationPolicy,
  name: string,
  values: Values,
  identities: readonly string[] | undefined,
): Hits {
  if (!identities || identities.length === 0) return 'some';
  const hit = identities.filter((identity) => {
    const attribute = attributeOf(name, policy.namespace, { ...nothingOf(config), identity });
    return values.some(({ value }) => attribute?.has(value) ?? false);
  });
  return hit.length === identities.length ? 'all' : hit.length === 0 ? 'none' : 'some';
}

function actualOf(name: string, it: RequestClass): string {
  const known = name === 'paths' ? it.path : name === 'methods' ? it.method : undefined;
  if (known) return known.type === 'exact' ? `it is ${known.value}` : `paths here begin with ${known.value}`;
  if (name === 'ports' || name === 'destination.port') return `the pod's port is ${it.port}`;
  return `the caller is ${(it.identities ?? []).map((one) => one.replace('spiffe://', '')).join(' or ')}`;
}

function listed(values: Values): string {
  const texts = values.map((it) => it.value);
  return texts.length > 3 ? `${texts.slice(0, 3).join(', ')} ...` : texts.join(' or ');
}

function nothingOf(config: MeshConfig): PolicyFacts {
  const nothing = { identity: undefined, sourceIp: '', remoteIp: '', destinationIp: '', port: 0, sni: undefined };
  return { config, ...nothing, http: undefined };
}
