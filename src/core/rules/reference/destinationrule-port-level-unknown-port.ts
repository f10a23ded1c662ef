import { expandHost, isWildcard } from '../../mesh/hosts.js';
import { CONFIG, SERVICES } from '../../mesh/sources.js';
import { defineRule } from '../rule.js';
import { portsOf } from './ports.js';

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
      const host = expandHost(rule.host.value, rule.namespace, mesh.config.clusterDomain).toLowerCase();
      const policies = [rule.trafficPolicy, ...rule.subsets.map((it) => it.trafficPolicy)];
      const ports = policies.flatMap((it) => it?.ports ?? []);
      const there = ports.length === 0 || isWildcard(host) ? undefined : portsOf(mesh, host);
      if (!there) continue;
      for (const { port } of ports) {
        if (there.ports.some((it) => it.number === port.value)) continue;
        const target = there.ports.find((it) => it.targetPort?.value === port.value);
        const right = target ?? (there.ports.length === 1 ? there.ports[0] : undefined);
        yield {
          at: port.at,
          message: `${there.title} has no port ${port.value}: ${target ? `${port.value} is the targetPort of its port ${target.number}` : `it has ${there.text}`}`,
          fixes: right
            ? [{ title: `Replace by ${right.number}`, edits: [{ at: port.at, text: String(right.number) }] }]
            : [],
        };
      }
    }
  },
});
