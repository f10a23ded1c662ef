import { allRouted } from '../../mesh/routed.js';
import { defineRule } from '../rule.js';
import { SERVICES } from '../../mesh/sources.js';
import { noSuchPort, placesOf, portsOf } from './ports.js';

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
      yield { ...noSuchPort(there, port), related: placesOf(there) };
    }
  },
});
