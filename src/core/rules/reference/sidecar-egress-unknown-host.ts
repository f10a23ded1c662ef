import { nearest } from '../../base/nearest.js';
import { namespacesWithServices, serviceMayBeElsewhere } from '../../mesh/completeness.js';
import { hostsNear, isForeignHost, isRefusedHost, wildcardFor } from '../../mesh/host-lookup.js';
import { isWildcard } from '../../mesh/hosts.js';
import { CONFIG, SERVICES } from '../../mesh/sources.js';
import { defineRule } from '../rule.js';

/** A Sidecar imports a host that does not exist. */
export default defineRule({
  id: 'sidecar-egress-unknown-host',
  group: 'reference',
  severity: 'warning',
  title: 'Sidecar imports a host that does not exist',
  why: 'The host that was meant is not imported: its routes are not known, or requests for it are refused where REGISTRY_ONLY is set.',
  remedy: 'Write namespace/host with the full name of the Service.',
  alsoKnownAs: ['KIA1004'],
  reads: ['Sidecar', ...SERVICES, ...CONFIG],
  *check(mesh, unread) {
    for (const sidecar of mesh.of('Sidecar')) {
      for (const { value, at } of (sidecar.egress ?? []).flatMap((it) => [...it.hosts])) {
        const slash = value.indexOf('/');
        const scope = value.slice(0, slash).replace(/^~/, '');
        const host = value.slice(slash + 1).toLowerCase();
        if (slash < 0 || isWildcard(host) || isForeignHost(mesh, host) || isRefusedHost(mesh, host)) continue;
        const namespace = scope === '.' ? sidecar.namespace : scope;
        const services = mesh.servicesNamed(host);
        if (namespace === '*' ? services.length > 0 : services.some((it) => it.namespace === namespace)) continue;
        if (services.length === 0 && wildcardFor(mesh, host)) continue;
        const elsewhere = services.map((it) => it.namespace);
        const meant =
          elsewhere.length === 1
            ? `${elsewhere[0]!}/${host}`
            : nearHost(nearest(host, hostsNear(mesh, host)), namespace);
        const there = elsewhere.length > 0 ? `; it is in ${elsewhere.join(', ')}` : '';
        yield {
          at,
          message: `No service of ${namespace === '*' ? 'any namespace' : `namespace ${namespace}`} has host ${host}${there}`,
          assuming:
            elsewhere.length > 0
              ? undefined
              : (serviceMayBeElsewhere(mesh, unread, host) ??
                (namespace !== '*' && !namespacesWithServices(mesh).has(namespace)
                  ? `no Service of namespace ${namespace} is among the files`
                  : undefined)),
          fixes: meant ? [{ title: `Replace by ${meant}`, edits: [{ at, text: meant }] }] : [],
        };
      }
    }
  },
});

function nearHost(host: string | undefined, namespace: string): string | undefined {
  return host && `${namespace}/${host}`;
}
