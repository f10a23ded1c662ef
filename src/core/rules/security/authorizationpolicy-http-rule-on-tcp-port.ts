import { serviceTargetsOf } from '../../mesh/service-targets.js';
import { CONFIG, LABELS, SERVICES } from '../../mesh/sources.js';
import type { PolicyField, PolicyRule } from '../../model/security.js';
import { defineRule } from '../rule.js';
import { isHttpOnly } from './policy-verdict.js';
import { selectedPods } from './selected-pods.js';

/** A policy asks for paths, methods or tokens on a port that does not speak HTTP. */
export default defineRule({
  id: 'authorizationpolicy-http-rule-on-tcp-port',
  group: 'security',
  severity: 'warning',
  title: 'HTTP conditions on a TCP port',
  why: 'On a TCP port there is nothing to compare: an ALLOW rule is left out, so that connections are refused; of a DENY rule only the condition goes, so that it denies more than is written.',
  remedy: 'Add ports with the HTTP ports of the containers to the operation, or declare the port as HTTP.',
  alsoKnownAs: ['IST0133'],
  reads: ['AuthorizationPolicy', 'Endpoints', 'EndpointSlice', ...SERVICES, ...LABELS, ...CONFIG],
  *check(mesh) {
    for (const policy of mesh.of('AuthorizationPolicy')) {
      const httpField = (rule: PolicyRule): PolicyField | undefined =>
        conditions(rule).find((it) => isHttpOnly(mesh.config, policy, it));
      const rules = (policy.rules ?? []).filter((it) => httpField(it));
      const [first] = rules;
      if (!first) continue;
      const targets = selectedPods(mesh, policy).flatMap((it) => serviceTargetsOf(mesh, it));
      const tcp = targets.find((it) => it.port.class === 'TCP' && rules.some((rule) => concerns(rule, it.targetPort)));
      if (!tcp) continue;
      const elsewhere = targets.some((it) => it.port.class === 'HTTP' || it.port.class === 'AUTO');
      // with other rules for the port, it is open by these
      const open =
        policy.action === 'ALLOW' && (policy.rules ?? []).some((it) => !httpField(it) && concerns(it, tcp.targetPort));
      if (open) continue;
      const field = httpField(first)!;
      const fate =
        policy.action === 'ALLOW' ? 'nothing is let in there' : 'everything else of the rule still acts there';
      yield {
        at: field.at,
        message: `Port ${tcp.port.number} of ${tcp.service.title} is ${tcp.port.protocol}, where ${field.name} means nothing: ${fate}`,
        severity: elsewhere ? 'warning' : 'error',
        related: tcp.port.at.doc === '' ? [] : [{ at: tcp.port.at, message: `declared as ${tcp.port.protocol}` }],
      };
    }
  },
});

function conditions(rule: PolicyRule): PolicyField[] {
  return [...[...rule.to, ...rule.from].flatMap((it) => [...it.fields]), ...rule.when];
}

/** Whether a rule may be meant for a port: it names it, or names none. */
function concerns(rule: PolicyRule, port: number): boolean {
  if (rule.to.length === 0) return true;
  return rule.to.some(({ fields }) => {
    const ports = fields.find((it) => it.name === 'ports');
    if (!ports) return true;
    if (ports.values.length > 0 && !ports.values.some((it) => Number(it.value) === port)) return false;
    return !ports.notValues.some((it) => Number(it.value) === port);
  });
}
