import { isWildcard } from '../../mesh/hosts.js';
import { hostOfRule } from '../../mesh/merge-destination-rules.js';
import { CONFIG, ENDPOINTS } from '../../mesh/sources.js';
import { defineRule } from '../rule.js';

/** A DestinationRule lives where no client of its host looks for it. */
export default defineRule({
  id: 'destinationrule-in-unused-namespace',
  group: 'visibility',
  severity: 'warning',
  title: 'DestinationRule sits where nobody looks',
  why: "Clients look in their own namespace, then in the service's, then in the root namespace; exportTo adds no other. Subsets that are defined here do not exist, TLS and limits are not in force.",
  remedy: "Move the rule to the service's namespace.",
  reads: ['DestinationRule', ...ENDPOINTS, ...CONFIG],
  *check(mesh) {
    for (const rule of mesh.of('DestinationRule')) {
      const host = hostOfRule(mesh, rule).toLowerCase();
      if (isWildcard(host) || rule.namespace === mesh.config.rootNamespace) continue;
      const services = mesh.servicesNamed(host);
      if (services.length === 0 || services.some((it) => it.namespace === rule.namespace)) continue;
      // a client, or a gateway, of the rule's own namespace has it
      const pods = mesh.podsIn(rule.namespace);
      if (pods.some((it) => it.proxy.value !== 'none')) continue;
      const nobody = pods.length > 0;
      yield {
        at: rule.host.at,
        message: `Only clients in ${rule.namespace} would look here, and ${nobody ? 'no pod there has a proxy' : 'there are none'}; ${services[0]!.title} lives in ${services[0]!.namespace}`,
        assuming: nobody ? undefined : `no workload of namespace ${rule.namespace} is among the files`,
      };
    }
  },
});
