import { isWildcard } from '../../mesh/hosts.js';
import { hostOfRule } from '../../mesh/merge-destination-rules.js';
import { CONFIG, SERVICES } from '../../mesh/sources.js';
import { defineRule } from '../rule.js';
import { noSuchPort, portsOf } from './ports.js';

/** Settings for a port that the service does not have. */
export default defineRule({
  id: 'destinationrule-port-level-unknown-port',
  group: 'reference',
  severity: 'warning',
  title: 'Port-level settings for a port that the service lacks',
  why: 'They are never applied: limits, outlier detection and TLS that are written there do not happen.',
  remedy: "Write a port of the Service itself; the container's own port is its targetPort.",
  reads: ['DestinationRule', ...SERVICES, ...CONFIG],
  *check(mesh) {
    for (const rule of mesh.of('DestinationRule')) {
      const host = hostOfRule(mesh, rule).toLowerCase();
      const policies = [rule.trafficPolicy, ...rule.subsets.map((it) => it.trafficPolicy)];
      const ports = policies.flatMap((it) => it?.ports ?? []);
      const there = ports.length === 0 || isWildcard(host) ? undefined : portsOf(mesh, host);
      if (!there) continue;
      for (const { port } of ports) {
        if (there.ports.some((it) => it.number === port.value)) continue;
        yield noSuchPort(there, port);
      }
    }
  },
});
