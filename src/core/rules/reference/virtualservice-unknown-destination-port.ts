import { allRouted } from '../../mesh/routed.js';
import { defineRule, type Fix } from '../rule.js';
import { SERVICES } from '../../mesh/sources.js';
import { portsOf } from './ports.js';

/** A route names a port that its destination does not have. */
export default defineRule({
  id: 'virtualservice-unknown-destination-port',
  group: 'reference',
  severity: 'error',
  title: 'Destination has no such port',
  why: 'There is a cluster for each port of the Service and none for this one, so Envoy answers 503 with flag NC.',
  remedy: "Write a port of the Service itself; the container's own port is its targetPort.",
  alsoKnownAs: ['IST0101'],
  reads: ['VirtualService', ...SERVICES],
  *check(mesh) {
    for (const { destination, host, mirror } of allRouted(mesh)) {
      const { port } = destination;
      if (!port || mirror) continue;
      const there = portsOf(mesh, host);
      if (!there || there.ports.some((it) => it.number === port.value && it.class !== 'UDP')) continue;
      const target = there.ports.find((it) => it.targetPort?.value === port.value);
      const right = target ?? (there.ports.length === 1 ? there.ports[0] : undefined);
      const hint = target ? `${port.value} is the targetPort of its port ${target.number}` : `it has ${there.text}`;
      const fixes: Fix[] = right
        ? [{ title: `Replace by ${right.number}`, edits: [{ at: port.at, text: String(right.number) }] }]
        : [];
      yield {
        at: port.at,
        message: `${there.title} has no port ${port.value}: ${hint}`,
        related: there.ports
          .map((it) => ({ at: it.at, message: `port ${it.number}` }))
          .filter((it) => it.at.doc !== ''),
        fixes,
      };
    }
  },
});
