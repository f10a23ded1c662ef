import { gatewayName } from '../../mesh/complete-names.js';
import { gatewayObjects, type GatewayObject } from '../../mesh/gateway-objects.js';
import { hostsFor, hostsOf, type BoundServer } from '../../mesh/gateways.js';
import { expandHost, hostsMatch } from '../../mesh/hosts.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import type { GatewayServer } from '../../model/gateway.js';
import type { VirtualService } from '../../model/virtual-service.js';
import { defineRule, type Report } from '../rule.js';
import { SERVICES } from '../../mesh/sources.js';

/** None of the gateways that a VirtualService is bound to serves one of its hosts. */
export default defineRule({
  id: 'virtualservice-host-not-in-gateway',
  group: 'routing',
  severity: 'warning',
  title: 'Gateway does not serve this host',
  why: 'The routes are not put under a host that no server of the gateway names: requests for it get 404 with flag NR.',
  remedy: "Add the host to the Gateway's servers, or bind the VirtualService to the Gateway that serves it.",
  alsoKnownAs: ['IST0132'],
  reads: ['VirtualService', 'Other', ...SERVICES],
  *check(mesh) {
    const byId = new Map(gatewayObjects(mesh).map((it) => [it.id, { ...it, served: it.servers.map(scoped(it)) }]));
    for (const vs of mesh.of('VirtualService')) yield* checkOne(mesh, byId, vs);
  },
});

/** A Gateway with the hosts of its servers, for whom each is. */
interface KnownGateway extends GatewayObject {
  readonly served: readonly Pick<BoundServer, 'hosts'>[];
}

function scoped({ namespace }: GatewayObject): (it: GatewayServer) => Pick<BoundServer, 'hosts'> {
  return (it) => ({ hosts: hostsOf(it, namespace) });
}

function* checkOne(mesh: MeshSnapshot, byId: ReadonlyMap<string, KnownGateway>, vs: VirtualService): Generator<Report> {
  const names = vs.gateways.map((it) => gatewayName(it.value, vs.namespace));
  const bound = names.filter((it) => it !== 'mesh').map((it) => byId.get(it));
  // a gateway that is not here may serve anything
  if (bound.length === 0 || bound.some((it) => !it || it.semantics !== 'virtual-service')) return;
  const gateways = bound as readonly KnownGateway[];
  const inMesh = names.includes('mesh');
  const served = (gateway: KnownGateway, host: string): boolean =>
    gateway.served.some((it) => hostsFor(it, vs.namespace).some((one) => hostsMatch(one.value.toLowerCase(), host)));
  let anyServed = false;
  for (const { value, at } of vs.hosts) {
    const host = expandHost(value, vs.namespace, mesh.config.clusterDomain).toLowerCase();
    if (gateways.some((it) => served(it, host))) {
      anyServed = true;
      continue;
    }
    if (inMesh && mesh.servicesNamed(host).length > 0) continue;
    const hosts = gateways.flatMap((it) => it.servers.flatMap((one) => one.hosts));
    const listed = [...new Set(hosts.map((it) => it.value))];
    yield {
      at,
      message: `${gateways.map((it) => it.title).join(' and ')} ${gateways.length === 1 ? 'serves' : 'serve'} ${listed.slice(0, 5).join(', ')}, and not ${host}`,
      related: hosts.slice(0, 5).map((it) => ({ at: it.at, message: `serves ${it.value}` })),
    };
  }
  if (!anyServed) return;
  const hosts = vs.hosts.map((it) => expandHost(it.value, vs.namespace, mesh.config.clusterDomain).toLowerCase());
  const idle = vs.gateways.filter((it) => {
    const gateway = byId.get(gatewayName(it.value, vs.namespace));
    return gateway && !hosts.some((host) => served(gateway, host));
  });
  for (const it of idle) {
    const message = `Gateway ${it.value} serves none of the VirtualService's hosts`;
    yield { at: it.at, message, severity: 'information' };
  }
}
