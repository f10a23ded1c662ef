import { allRouted, type Routed } from '../../mesh/routed.js';
import { defineRule } from '../rule.js';
import { SERVICES } from '../../mesh/sources.js';
import { describe } from '../../model/resource.js';
import { unknownHost, writtenIn } from './unknown-host.js';

/** A route points to a host that neither a Service nor a ServiceEntry has. */
export default defineRule({
  id: 'virtualservice-unknown-destination-host',
  group: 'reference',
  severity: 'error',
  title: 'Route points to a host that nobody defines',
  why: 'istiod pushes the route but no cluster of that name, so Envoy answers 503 with flag NC.',
  remedy:
    'Write the name of a Service of this namespace, the full name of one elsewhere, or add a ServiceEntry for the host.',
  alsoKnownAs: ['IST0101', 'KIA1101'],
  reads: ['VirtualService', 'Other', ...SERVICES],
  *check(mesh, unread) {
    const missing = new Map<string, Routed[]>();
    for (const it of allRouted(mesh)) {
      if (it.mirror || mesh.servicesNamed(it.host).length > 0) continue;
      missing.set(it.host, [...(missing.get(it.host) ?? []), it]);
    }
    for (const [host, [first, ...others]] of missing) {
      const { vs, destination } = first!;
      const unknown = unknownHost(mesh, unread, destination.host.value, host);
      if (!unknown) continue;
      const text = unknown.meant && writtenIn(mesh, unknown.meant, vs.namespace);
      yield {
        at: destination.host.at,
        message: unknown.message,
        assuming: unknown.assuming,
        related: others.map((it) => ({ at: it.destination.host.at, message: `${describe(it.vs)} routes to it, too` })),
        fixes: text ? [{ title: `Replace by ${text}`, edits: [{ at: destination.host.at, text }] }] : [],
      };
    }
  },
});
