import { delegatingVirtualServices, findDelegate } from '../../mesh/virtual-services.js';
import { describe } from '../../model/resource.js';
import { defineRule } from '../rule.js';

/** A rule hands over to a VirtualService that has hosts of its own. */
export default defineRule({
  id: 'virtualservice-delegate-has-hosts',
  group: 'reference',
  severity: 'error',
  title: 'Delegate must not have hosts',
  why: 'With hosts it is a VirtualService in its own right, and istiod leaves the rule that hands over to it out.',
  remedy: 'Take hosts and gateways out of the delegate.',
  reads: ['VirtualService'],
  *check(mesh) {
    for (const root of delegatingVirtualServices(mesh)) {
      for (const { delegate } of root.http) {
        if (!delegate || 'delegate' in findDelegate(mesh, root, delegate)) continue;
        const target = mesh.find('VirtualService', delegate.namespace?.value ?? root.namespace, delegate.name.value);
        if (!target || target.hosts.length === 0) continue;
        yield {
          at: delegate.name.at,
          message: `${describe(target)} has hosts, so that nothing can be delegated to it`,
          related: [{ at: target.hostsAt, message: 'a delegate has none' }],
        };
      }
    }
  },
});
