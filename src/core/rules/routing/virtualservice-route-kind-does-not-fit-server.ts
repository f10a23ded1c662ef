import { completeNames } from '../../mesh/complete-names.js';
import { gatewayObjects } from '../../mesh/gateway-objects.js';
import { hostsFor, hostsOf, kindOf, type ServerKind } from '../../mesh/gateways.js';
import { hostsMatch } from '../../mesh/hosts.js';
import { virtualServicesByName } from '../../mesh/routed.js';
import { CONFIG, GATEWAYS, SERVICES } from '../../mesh/sources.js';
import { defineRule } from '../rule.js';

type List = 'http' | 'tls' | 'tcp';

/** Rules of a kind that no server of the bound gateways asks for. */
export default defineRule({
  id: 'virtualservice-route-kind-does-not-fit-server',
  group: 'routing',
  severity: 'warning',
  title: 'Rules of this kind are never used by the gateway',
  why: 'A server that passes TLS on looks at tls rules only, one that takes it off or speaks HTTP at http rules only: the others are ignored.',
  remedy: "Write the rules in the list that fits the server's protocol, or change the server.",
  reads: ['VirtualService', ...GATEWAYS, ...SERVICES, ...CONFIG],
  *check(mesh) {
    const gateways = new Map(gatewayObjects(mesh).map((it) => [it.id, it]));
    for (const vs of virtualServicesByName(mesh)) {
      if (vs.gateways.length === 0 || vs.gateways.some((it) => it.value === 'mesh')) continue;
      const names = completeNames(vs, mesh.config.clusterDomain);
      const bound = names.gateways.map((it) => gateways.get(it));
      if (bound.some((it) => it?.semantics !== 'virtual-service')) continue;
      const hosts = names.hosts.map((it) => it.value.toLowerCase());
      const servers = bound.flatMap((it) =>
        it!.servers.filter((server) => {
          const served = hostsFor({ hosts: hostsOf(server, it!.namespace) }, vs.namespace);
          return served.some((one) => hosts.some((host) => hostsMatch(one.value.toLowerCase(), host)));
        }),
      );
      if (servers.length === 0) continue;
      const used = new Set(servers.flatMap((it) => LISTS[kindOf(it)]));
      for (const list of ['http', 'tls', 'tcp'] as const) {
        if (vs[list].length === 0 || used.has(list)) continue;
        const [server] = servers;
        yield {
          at: vs.body.fieldsOrEmpty('spec').keyAt(list),
          message: `No server of ${vs.gateways.map((it) => it.value).join(', ')} for these hosts looks at ${list} rules, only at ${[...used].join(' and ')}`,
          related: [
            {
              at: server!.protocol.at,
              message: `${server!.protocol.value}${server!.tls ? ` ${server!.tls.mode.value}` : ''}`,
            },
          ],
        };
      }
    }
  },
});

/** GW-15 */
const LISTS: Readonly<Record<ServerKind, readonly List[]>> = {
  http: ['http'],
  https: ['http'],
  tls: ['tcp', 'tls'],
  tcp: ['tcp'],
  passthrough: ['tls', 'tcp'],
  'auto-passthrough': ['http', 'tls', 'tcp'],
};
