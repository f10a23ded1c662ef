import { requestAuthenticationsFor } from '../../mesh/policies.js';
import { CONFIG, ENDPOINTS } from '../../mesh/sources.js';
import type { PolicyField } from '../../model/security.js';
import { defineRule } from '../rule.js';
import { selectedPods } from './selected-pods.js';

/** A policy asks for what a token says, and nobody looks at tokens there. */
export default defineRule({
  id: 'authorizationpolicy-request-principal-without-jwt',
  group: 'security',
  severity: 'error',
  title: 'Nobody verifies the token that this rule needs',
  why: 'Without a RequestAuthentication no request has a principal: an ALLOW rule matches nobody, and a DENY for whoever has none matches everybody.',
  remedy: 'Add a RequestAuthentication that selects the same workloads.',
  reads: ['AuthorizationPolicy', 'RequestAuthentication', ...ENDPOINTS, ...CONFIG],
  *check(mesh, unread) {
    const any = mesh.of('RequestAuthentication').length > 0;
    for (const policy of mesh.of('AuthorizationPolicy')) {
      if (policy.action === 'CUSTOM') continue;
      const fields = (policy.rules ?? []).flatMap((it): PolicyField[] => [
        ...it.from.flatMap((one) => [...one.fields]),
        ...it.when,
      ]);
      const field = fields.find((it) => it.name === 'requestPrincipals' || it.name.startsWith('request.auth.'));
      if (!field) continue;
      const pods = selectedPods(mesh, policy);
      const lacking = pods.find((it) => requestAuthenticationsFor(mesh, it).length === 0);
      if (!lacking) continue;
      const missing = any ? undefined : 'no RequestAuthentication is among the files';
      yield {
        at: field.at,
        message: `No RequestAuthentication is for ${lacking.workload}, so no request has ${field.name}`,
        assuming: unread.kinds.has('RequestAuthentication')
          ? 'a template that is not rendered here may hold one'
          : missing,
        related: [{ at: lacking.template.labelsAt, message: `labels of ${lacking.workload}` }].filter(
          (it) => it.at.doc !== '',
        ),
      };
    }
  },
});
