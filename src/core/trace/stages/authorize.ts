import type { Rejected } from '../../base/explained.js';
import { uniqueLocations } from '../../base/location.js';
import { authorizationPoliciesFor } from '../../mesh/policies.js';
import type { MeshPod } from '../../mesh/pods.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import { describe } from '../../model/resource.js';
import type { AuthorizationPolicy, PolicyRule } from '../../model/security.js';
import { nameOf } from '../../xds/proxy.js';
import type { Verdict } from '../arrival.js';
import { decision, push } from '../decide.js';
import type { Decision } from '../path.js';
import type { PolicyFacts } from '../policy-attributes.js';
import { applyRule, type RuleResult } from '../policy-rule.js';

/** A rule with the name that Envoy knows it by; names order the rules (AZ-11). */
export interface NamedRule {
  readonly id: string;
  readonly policy: AuthorizationPolicy;
  readonly rule: PolicyRule;
  readonly result: RuleResult;
}

/**
 * AUDIT changes nothing, any matching DENY refuses; then, unless no ALLOW policy selects the workload, some ALLOW rule must match
 * (AZ-2). Policies on dry run are left out: an ALLOW among them does not close anything either (AZ-13).
 */
export function authorize(mesh: MeshSnapshot, pod: MeshPod, facts: PolicyFacts): Verdict {
  const all = authorizationPoliciesFor(mesh, pod).filter((it) => it.action !== 'CUSTOM');
  const enforced = all.filter((it) => !it.dryRun);
  const calls = [push('LDS', nameOf(pod), `RBAC filters of ${nameOf(pod)}`)];
  const deny = enforced.filter((it) => it.action === 'DENY');
  const allow = enforced.filter((it) => it.action === 'ALLOW');
  const denials = rulesOf(deny, facts);
  const denial = denials.find((it) => it.result.kind === 'matches');
  if (denial)
    return refuse(`ns[${denial.policy.namespace}]-policy[${denial.policy.name}]`, denial, denials, facts, calls);
  const rejected = [...rehearsals(all), ...differing(denials)];
  if (allow.length === 0) {
    const some = all.length > 0;
    const said =
      deny.length > 0
        ? 'No DENY rule matches, and no ALLOW policy selects the workload'
        : 'No policy selects the workload';
    return {
      decisions: [
        decision('authorize', {
          chose: 'allowed',
          because: some ? said : 'No AuthorizationPolicy selects the workload',
          rules: ['AZ-1', 'AZ-2'],
          evidence: deny.map((it) => it.nameAt),
          ...(deny.length > 0 ? {} : { byDefault: 'without an ALLOW policy everything is allowed' }),
          rejected,
          calls,
        }),
      ],
    };
  }
  const grants = rulesOf(allow, facts);
  const grant = grants.find((it) => it.result.kind === 'matches');
  if (grant) return { decisions: [granted(grant, [...rejected, ...differing(grants)], calls)] };
  const because = `No rule of ${allow.map(describe).join(' or ')} matches, and an ALLOW policy closes what it does not open`;
  const broken = decision('authorize', {
    chose: facts.http ? '403' : 'connection closed',
    because,
    rules: ['AZ-2', 'AZ-11', ...droppedRules(grants)],
    evidence: uniqueLocations([
      ...grants.flatMap(evidenceOf),
      ...allow.filter((it) => !it.rules?.length).map((it) => it.nameAt),
    ]),
    rejected: [...rejected, ...differing(grants)],
    calls,
    state: 'broken',
  });
  return { decisions: [broken], denied: { status: 403, details: deniedDetails('none'), because } };
}

/** The details that Envoy gives a denial. */
export function deniedDetails(id: string): string {
  return `rbac_access_denied_matched_policy[${id.replace(/\s/g, '_')}]`;
}

/** All rules of the policies with what they say, in Envoy's order. */
export function rulesOf(policies: readonly AuthorizationPolicy[], facts: PolicyFacts, prefix = ''): NamedRule[] {
  const all = policies.flatMap((policy) =>
    (policy.rules ?? []).map((rule, index) => ({
      id: `${prefix}ns[${policy.namespace}]-policy[${policy.name}]-rule[${index}]`,
      policy,
      rule,
      result: applyRule(policy, rule, facts),
    })),
  );
  return all.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

/** Why the rules did not match. */
export function differing(rules: readonly NamedRule[]): Rejected[] {
  return rules.flatMap((it) => {
    if (it.result.kind === 'matches') return [];
    return [{ name: titleOf(it), because: it.result.because, evidence: it.result.evidence }];
  });
}

function titleOf({ policy, rule }: NamedRule): string {
  return `${describe(policy)} rule ${(policy.rules ?? []).indexOf(rule)}`;
}

function refuse(
  policyId: string,
  it: NamedRule,
  all: readonly NamedRule[],
  facts: PolicyFacts,
  calls: Decision['calls'],
): Verdict {
  const index = (it.policy.rules ?? []).indexOf(it.rule);
  const because = facts.http
    ? `${titleOf(it)} denies it`
    : `${titleOf(it)} denies the connection${it.result.kind === 'matches' && it.result.bare ? '; what it asks of HTTP means nothing here and is left out' : ''}`;
  const broken = decision('authorize', {
    chose: facts.http ? '403' : 'connection closed',
    because,
    rules: ['AZ-2', 'AZ-11', ...(facts.http ? [] : ['AZ-10'])],
    evidence: evidenceOf(it),
    rejected: differing(all),
    assumptions: unseen(it),
    calls,
    state: 'broken',
  });
  const details = deniedDetails(`${policyId}-rule[${index}]`);
  return { decisions: [broken], denied: { status: 403, details, because } };
}

function granted(it: NamedRule, rejected: readonly Rejected[], calls: Decision['calls']): Decision {
  return decision('authorize', {
    chose: 'allowed',
    because: `${titleOf(it)} allows it`,
    rules: ['AZ-2', 'AZ-4'],
    evidence: evidenceOf(it),
    rejected,
    assumptions: unseen(it),
    calls,
  });
}

function evidenceOf(it: NamedRule) {
  return [...it.result.evidence, ...(it.policy.action === 'ALLOW' ? [] : [it.policy.actionAt])];
}

function droppedRules(rules: readonly NamedRule[]): string[] {
  return rules.some((it) => it.result.kind === 'dropped') ? ['AZ-10'] : [];
}

function unseen(it: NamedRule) {
  if (it.result.kind !== 'matches' || !it.result.unseen) return [];
  return [{ text: `${titleOf(it)} looks at metadata of Envoy filters, which is not known here`, at: it.rule.at }];
}

function rehearsals(policies: readonly AuthorizationPolicy[]): Rejected[] {
  return policies
    .filter((it) => it.dryRun)
    .map((it) => ({ name: describe(it), because: 'it is on dry run (AZ-13)', evidence: [it.nameAt] }));
}
