import { gatewayObjects } from '../../mesh/gateway-objects.js';
import { completeNames, type CompletedNames } from '../../mesh/complete-names.js';
import { clusterName, expandHost } from '../../mesh/hosts.js';
import { perObject } from '../../mesh/per-object.js';
import { isRoot } from '../../mesh/route-clients.js';
import { virtualServicesByName } from '../../mesh/routed.js';
import { delegatingVirtualServices, effectiveVirtualServices } from '../../mesh/virtual-services.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import type { HttpRoute, VirtualService } from '../../model/virtual-service.js';
import { defineRule, type Report } from '../rule.js';
import { ROUTES, SERVICES } from '../../mesh/sources.js';
import { placesOf, portsOf } from './ports.js';

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
    const delegating = new Set(delegatingVirtualServices(mesh));
    for (const vs of virtualServicesByName(mesh)) {
      if (!isRoot(vs)) continue;
      for (const it of delegating.has(vs) ? reportsFor(mesh, vs) : kept(mesh, vs)) {
        const key = `${it.at.doc} ${it.at.start}`;
        if (!seen.has(key)) yield it;
        seen.add(key);
      }
    }
  },
});

/** What delegates say hangs on other VirtualServices, which is why only those that delegate nothing are remembered. */
function kept(mesh: MeshSnapshot, vs: VirtualService): readonly Report[] {
  return perObject(mesh, 'portRequired', SERVICES, vs, () => reportsFor(mesh, vs));
}

function reportsFor(mesh: MeshSnapshot, vs: VirtualService): Report[] {
  const { clusterDomain } = mesh.config;
  const names = completeNames(vs, clusterDomain);
  const inMesh = names.gateways.includes('mesh') ? meshPorts(mesh, names) : undefined;
  const atGateways = gatewayPorts(mesh, names);
  const reports: Report[] = [];
  for (const entry of entriesWithDelegates(mesh, vs)) {
    for (const { destination } of entry.route) {
      const { port } = destination;
      const host = expandHost(destination.host.value, vs.namespace, clusterDomain).toLowerCase();
      const there = port ? undefined : portsOf(mesh, host);
      if (!there) continue;
      const own = new Set(there.ports.map((it) => it.number));
      const lacking = lacksAll(own, restricted(inMesh, entry));
      const behind = own.size > 1 ? lacksAll(own, atGateways) : undefined;
      const wrong = lacking ?? behind;
      if (wrong === undefined) continue;
      const taken = lacking !== undefined ? 'the port that clients ask for' : "the port of the gateway's server";
      reports.push({
        at: destination.host.at,
        message: `The route names no port, so ${taken} is taken (${wrong}), but ${there.title} has ${there.text}`,
        related: placesOf(there),
      });
    }
  }
  return reports;
}

function entriesWithDelegates(mesh: MeshSnapshot, vs: VirtualService): readonly HttpRoute[] {
  if (!vs.http.some((it) => it.delegate)) return vs.http;
  return effectiveVirtualServices(mesh).find((it) => it.source === vs)?.http ?? [];
}

type Names = Pick<CompletedNames, 'hosts' | 'gateways'>;

/** `80, 81` when a destination has none of the ports that may be taken. */
function lacksAll(own: ReadonlySet<number>, taken: readonly number[] | undefined): string | undefined {
  if (!taken || taken.length === 0 || taken.some((it) => own.has(it))) return undefined;
  return taken.join(', ');
}

/** The ports on which sidecars know the VirtualService's hosts (VS-6). */
function meshPorts(mesh: MeshSnapshot, { hosts }: Names): readonly number[] {
  const ports = hosts.flatMap(({ value }) => {
    const services = mesh.servicesNamed(value.toLowerCase());
    // of a name in the cluster that nobody has, its own finding tells
    if (services.length === 0) return clusterName(value, mesh.config.clusterDomain) ? [] : [80];
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

function gatewayPorts(mesh: MeshSnapshot, { gateways }: Names): readonly number[] {
  const bound = new Set(gateways);
  const servers = gatewayObjects(mesh).flatMap((it) =>
    bound.has(it.id) && it.semantics === 'virtual-service' ? it.servers : [],
  );
  return [...new Set(servers.map((it) => it.port.value))];
}
