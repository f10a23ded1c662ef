import { hostsMatch, isWildcard } from '../../mesh/hosts.js';
import { wildcardFor } from '../../mesh/host-lookup.js';
import { hostOfRule } from '../../mesh/merge-destination-rules.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import { describe } from '../../model/resource.js';
import type { DestinationRule } from '../../model/destination-rule.js';
import { defineRule } from '../rule.js';
import { SERVICES } from '../../mesh/sources.js';
import { unknownHost, writtenIn } from './unknown-host.js';
import { inNameOrder } from '../../mesh/routed.js';

/** A DestinationRule is for a host that no service has. */
export default defineRule({
  id: 'destinationrule-unknown-host',
  group: 'reference',
  severity: 'warning',
  title: 'DestinationRule for a host that nobody defines',
  why: 'The rule acts on nothing: its subsets do not exist, its TLS mode and limits are never used.',
  remedy: "Write the name of a Service of the rule's own namespace, or the full name of one elsewhere.",
  alsoKnownAs: ['IST0174', 'KIA0202'],
  reads: ['DestinationRule', 'Other', ...SERVICES],
  *check(mesh, unread) {
    const missing = new Map<string, DestinationRule[]>();
    for (const it of inNameOrder(mesh.of('DestinationRule'))) {
      const host = hostOfRule(mesh, it).toLowerCase();
      if (it.host.value === '' || isKnown(mesh, host)) continue;
      missing.set(host, [...(missing.get(host) ?? []), it]);
    }
    for (const [host, [first, ...others]] of missing) {
      const { at, value } = first!.host;
      const unknown = isWildcard(host)
        ? { message: `No service has a host like ${host}`, assuming: undefined, meant: undefined }
        : unknownHost(mesh, unread, value, host);
      if (!unknown) continue;
      const text = unknown.meant && writtenIn(mesh, unknown.meant, first!.namespace);
      yield {
        at,
        message: unknown.message,
        assuming: unknown.assuming,
        related: others.map((it) => ({ at: it.host.at, message: `${describe(it)} is for it, too` })),
        fixes: text ? [{ title: `Replace by ${text}`, edits: [{ at, text }] }] : [],
      };
    }
  },
});

function isKnown(mesh: MeshSnapshot, host: string): boolean {
  if (!isWildcard(host)) return mesh.servicesNamed(host).length > 0 || wildcardFor(mesh, host) !== undefined;
  // a rule for names of the cluster in general is there for whatever will come
  if (host === '*' || /^\*\.(svc\.[a-z.]+|[a-z0-9-]+\.svc\.[a-z.]+|local|global)$/.test(host)) return true;
  if (mesh.of('ServiceEntry').length === 0) return true;
  return mesh.services.some((it) => hostsMatch(it.host, host));
}
