import { uniqueLocations, type Location } from '../base/location.js';
import type { AuthorizationPolicy, PolicyField, PolicyRule } from '../model/security.js';
import { attributeOf, isPolicyField, type PolicyFacts } from './policy-attributes.js';

/** What a rule says to a request. */
export type RuleResult =
  | {
      readonly kind: 'matches';
      readonly evidence: readonly Location[];
      readonly unseen: boolean;
      /** Conditions were left out, since a TCP chain cannot tell (AZ-10). */
      readonly bare: boolean;
    }
  | { readonly kind: 'differs'; readonly because: string; readonly evidence: readonly Location[] }
  /** istiod leaves the rule out: it asks for something that a TCP chain (or Envoy) cannot tell (AZ-10). */
  | { readonly kind: 'dropped'; readonly because: string; readonly evidence: readonly Location[] };

interface Group {
  readonly fields: readonly PolicyField[];
  readonly at: Location;
}

/**
 * AZ-4: any `from`, and any `to`, and every `when`; inside an entry every field. What cannot be told on this chain takes an ALLOW
 * rule out whole, and is left out of the rules of every other action, which then match more (AZ-10).
 */
export function applyRule(policy: AuthorizationPolicy, rule: PolicyRule, facts: PolicyFacts): RuleResult {
  const from = rule.from.map(readable);
  const to = rule.to.map(readable);
  const when = { fields: rule.when, at: rule.at };
  const groups = [...from, ...to, when];
  const whole = groups.flatMap((it) => it.fields).map((it) => ({ field: it, judged: judge(it, policy, facts) }));
  const unknown = whole.find((it) => it.judged.unknownKey);
  if (unknown)
    return { kind: 'dropped', because: `istiod does not know ${unknown.field.name}`, evidence: [unknown.field.at] };
  const impossible = whole.find((it) => it.judged.dropped);
  if (impossible && policy.action === 'ALLOW') {
    return { kind: 'dropped', because: impossible.judged.dropped!, evidence: [impossible.field.at] };
  }
  const judged = new Map(whole.map((it) => [it.field, it.judged]));
  const parts = [anyOf(from, judged), anyOf(to, judged), allOf(when, judged)];
  const miss = parts.find((it) => it.differs !== undefined);
  if (miss) return { kind: 'differs', because: miss.differs!, evidence: miss.evidence };
  const evidence = uniqueLocations([...parts.flatMap((it) => it.evidence)]);
  return {
    kind: 'matches',
    evidence: evidence.length > 0 ? evidence : [rule.at],
    unseen: parts.some((it) => it.unseen),
    bare: whole.some((it) => it.judged.needsHttp),
  };
}

function readable({ fields, at }: Group): Group {
  return { fields: fields.filter((it) => isPolicyField(it.name)), at };
}

interface Judged {
  /** Why it does not hold; `undefined` when it does. */
  readonly differs?: string;
  readonly dropped?: string;
  /** It is dropped because there is no HTTP. */
  readonly needsHttp?: true;
  readonly unknownKey?: true;
  readonly unseen?: true;
}

interface Part {
  readonly differs: string | undefined;
  readonly evidence: readonly Location[];
  readonly unseen: boolean;
}

/** An omitted list is no condition (AZ-3). */
function anyOf(groups: readonly Group[], judged: ReadonlyMap<PolicyField, Judged>): Part {
  if (groups.length === 0) return { differs: undefined, evidence: [], unseen: false };
  const parts = groups.map((it) => allOf(it, judged));
  const fitting = parts.find((it) => it.differs === undefined);
  return (
    fitting ?? {
      ...parts[0]!,
      differs: parts.map((it) => it.differs).join('; '),
      evidence: parts.flatMap((it) => it.evidence),
    }
  );
}

function allOf(group: Group, judged: ReadonlyMap<PolicyField, Judged>): Part {
  const miss = group.fields.find((it) => judged.get(it)?.differs !== undefined);
  const unseen = group.fields.some((it) => judged.get(it)?.unseen);
  if (miss) return { differs: judged.get(miss)!.differs, evidence: [miss.at], unseen };
  return { differs: undefined, evidence: group.fields.map((it) => it.at), unseen };
}

function judge(field: PolicyField, policy: AuthorizationPolicy, facts: PolicyFacts): Judged {
  const attribute = attributeOf(field.name, policy.namespace, facts);
  if (!attribute) return { unknownKey: true };
  if (attribute.httpOnly && !facts.http)
    return { dropped: `${field.name} means nothing on a TCP chain`, needsHttp: true };
  const unseen = attribute.unseen ? ({ unseen: true } as const) : {};
  const wanted = compare(field.values, attribute.has);
  const unwanted = compare(field.notValues, attribute.has);
  const senseless = [...wanted.senseless, ...unwanted.senseless][0];
  const dropped =
    senseless === undefined ? {} : { dropped: `${field.name} ${senseless} says nothing that Envoy understands` };
  if (wanted.asked && !wanted.hit) {
    return { ...dropped, ...unseen, differs: `${field.name} is ${attribute.actual}, not ${listed(field.values)}` };
  }
  if (unwanted.asked && unwanted.hit) {
    return { ...dropped, ...unseen, differs: `${field.name} is ${attribute.actual}, which is excluded` };
  }
  return { ...dropped, ...unseen };
}

function compare(values: readonly { readonly value: string }[], has: (value: string) => boolean | undefined) {
  const senseless = values.filter((it) => has(it.value) === undefined).map((it) => it.value);
  const sensible = values.filter((it) => !senseless.includes(it.value));
  return { asked: sensible.length > 0, hit: sensible.some((it) => has(it.value)), senseless };
}

function listed(values: readonly { readonly value: string }[]): string {
  const texts = values.map((it) => it.value);
  return texts.length > 3 ? `${texts.slice(0, 3).join(', ')} ...` : texts.join(' or ');
}
