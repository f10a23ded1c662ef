import { CONFIG } from '../../mesh/sources.js';
import { defineRule } from '../rule.js';

/** A PeerAuthentication of the root namespace has a selector. */
export default defineRule({
  id: 'peerauthentication-selector-in-root-namespace',
  group: 'security',
  severity: 'warning',
  title: 'Workload policy in the root namespace is ignored',
  why: 'Selectors of the root namespace reach no workload of another one: these keep the mode that they have without it.',
  remedy: "Move the policy to the workload's own namespace.",
  reads: ['PeerAuthentication', ...CONFIG],
  *check(mesh) {
    const { rootNamespace } = mesh.config;
    for (const { namespace, selector } of mesh.of('PeerAuthentication')) {
      if (namespace !== rootNamespace || !selector || selector.labels.size === 0) continue;
      yield {
        at: selector.at,
        message: `In ${rootNamespace}, which is the root namespace, a selector reaches no other namespace`,
      };
    }
  },
});
