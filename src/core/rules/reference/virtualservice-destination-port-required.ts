import { gatewayObjects } from '../../mesh/gateway-objects.js';
import { effectiveVirtualServices, type EffectiveVirtualService } from '../../mesh/virtual-services.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import type { HttpRoute } from '../../model/virtual-service.js';
import { defineRule } from '../rule.js';
import { ROUTES, SERVICES } from '../../mesh/sources.js';
import { portsOf } from './ports.js';

/** A route names no port, and the one that is taken instead is none of its destination's. */
export default defineRule({
  id: 'virtualservice-destination-port-required',
  group: 'reference',
  severity: 'error',
  title: 'Route has to name a port',
  why: 'Without a port a sidecar takes the one that the request was sent to, and a gateway the one that it listens on. Where the destination lacks it there is no cluster, and Envoy answers 503 with flag NC.',
  remedy: 'Add port.number to the destination.',
  alsoKnownAs: ['IST0112'],
  reads: [...ROUTES, ...SERVICES],
  *check(mesh) {
    const seen = new Set<string>();
    for (const vs of effectiveVirtualServices(mesh)) {
      if (vs.semantics !== 'virtual-service') continue;
      const inMesh = vs.gateways.includes('mesh') ? meshPorts(mesh, vs) : undefined;
      const atGateways = gatewayPorts(mesh, vs);
      for (const entry of vs.http) {
        for (const { destination } of entry.route) {
          const { host, port, at } = destination;
          const there = port ? undefined : portsOf(mesh, host.value.toLowerCase());
          if (!there) continue;
          const own = new Set(there.ports.map((it) => it.number));
          const lacking = lacksAll(own, restricted(inMesh, entry));
          const behind = own.size > 1 ? lacksAll(own, atGateways) : undefined;
          const wrong = lacking ?? behind;
          if (wrong === undefined || seen.has(`${at.doc} ${at.start}`)) continue;
          seen.add(`${at.doc} ${at.start}`);
          const taken = lacking !== undefined ? 'the port that clients ask for' : "the port of the gateway's server";
          yield {
            at: host.at,
            message: `The route names no port, so ${taken} is taken (${wrong}), but ${there.title} has ${there.text}`,
            related: there.ports
              .map((it) => ({ at: it.at, message: `port ${it.number}` }))
              .filter((it) => it.at.doc !== ''),
          };
        }
      }
    }
  },
});

/** `80, 81` when a destination has none of the ports that may be taken. */
function lacksAll(own: ReadonlySet<number>, taken: readonly number[] | undefined): string | undefined {
  if (!taken || taken.length === 0 || taken.some((it) => own.has(it))) return undefined;
  return taken.join(', ');
}

/** The ports on which sidecars know the VirtualService's hosts (VS-6). */
function meshPorts(mesh: MeshSnapshot, vs: EffectiveVirtualService): readonly number[] {
  const ports = vs.hosts.flatMap(({ value }) => {
    const services = mesh.servicesNamed(value.toLowerCase());
    if (services.length === 0) return [80];
    return services
      .flatMap((it) => it.ports)
      .flatMap((it) => (it.class === 'HTTP' || it.class === 'AUTO' ? [it.number] : []));
  });
  return [...new Set(ports)];
}

function restricted(ports: readonly number[] | undefined, { matches }: HttpRoute): readonly number[] | undefined {
  if (!ports || matches.length === 0 || !matches.every((it) => it.port)) return ports;
  const asked = new Set(matches.map((it) => it.port!.value));
  return ports.filter((it) => asked.has(it));
}

function gatewayPorts(mesh: MeshSnapshot, vs: EffectiveVirtualService): readonly number[] {
  const bound = new Set(vs.gateways);
  const servers = gatewayObjects(mesh).flatMap((it) =>
    bound.has(it.id) && it.semantics === 'virtual-service' ? it.servers : [],
  );
  return [...new Set(servers.map((it) => it.port.value))];
}
