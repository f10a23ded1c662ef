import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mergedGateways } from '../../src/core/mesh/gateways.js';
import { chainTitle } from '../../src/core/xds/choose-chain.js';
import { gatewayListeners } from '../../src/core/xds/gateway-listeners.js';
import { gateway, meshOf, SIMPLE, TO_WEB, virtualService, type Server } from '../support/gateways.js';

/** `http-0 → 8080` for each server, in order, and why others are not there. */
function servers(...documents: readonly string[]): { kept: string[]; lost: string[] } {
  const { mesh, proxy } = meshOf(...documents);
  const { groups, rejected } = mergedGateways(mesh, proxy.pod);
  const kept = groups.flatMap((group) => group.servers.map((it) => `${it.server.portName} → ${it.bind}${it.port}`));
  return { kept, lost: rejected.map((it) => `${it.rules.join()} ${it.name}: ${it.because}`) };
}

function listeners(...documents: readonly string[]): string[] {
  const { mesh, proxy } = meshOf(...documents);
  return gatewayListeners(mesh, proxy).listeners.flatMap((it) =>
    it.chains.map(
      (chain) =>
        `${it.name} ${chainTitle(chain)} → ${chain.filter.kind === 'http' ? chain.filter.routeConfig : clustersOf(chain.filter)}`,
    ),
  );
}

function clustersOf(filter: {
  readonly kind: string;
  readonly clusters?: readonly { cluster: string; weight: number }[];
}): string {
  return (filter.clusters ?? []).map((it) => `${it.cluster} ${it.weight}`).join(', ');
}

function absent(...documents: readonly string[]): string[] {
  const { mesh, proxy } = meshOf(...documents);
  return gatewayListeners(mesh, proxy).absent.map((it) => `${it.rules.join()} ${it.name}: ${it.because}`);
}

describe('servers of a gateway', () => {
  it('listen on the target port of the Service port that they name, else on their own number (GW-4)', () => {
    const { kept } = servers(
      gateway('g', [
        { port: 80, protocol: 'HTTP' },
        { port: 9000, protocol: 'HTTP' },
      ]),
    );
    assert.deepEqual(kept, ['http-0 → 8080', 'http-1 → 9000']);
  });

  it('share a port when all speak HTTP; of other protocols the first has it (GW-2, GW-7)', () => {
    const { kept, lost } = servers(
      gateway('b', [
        { port: 80, protocol: 'GRPC' },
        { port: 80, protocol: 'HTTPS', tls: SIMPLE },
      ]),
      gateway('a', [
        { port: 80, protocol: 'HTTP' },
        { port: 80, protocol: 'TCP' },
      ]),
    );
    assert.deepEqual(kept, ['http-0 → 8080', 'grpc-0 → 8080']);
    assert.deepEqual(lost, [
      'GW-7 server tcp-1 of Gateway edge/a: port 8080 speaks HTTP for server http-0 of Gateway edge/a',
      'GW-7 server https-1 of Gateway edge/b: port 8080 speaks HTTP for server http-0 of Gateway edge/a',
    ]);
  });

  it('of plaintext may follow TLS on a port, and then no TLS comes after them (GW-7)', () => {
    const { kept, lost } = servers(
      gateway('g', [
        { port: 443, protocol: 'HTTPS', hosts: ['a.example'], tls: SIMPLE },
        { port: 443, protocol: 'HTTP', hosts: ['b.example'] },
        { port: 443, protocol: 'HTTPS', hosts: ['c.example'], tls: SIMPLE },
      ]),
    );
    assert.deepEqual(kept, ['https-0 → 8443', 'http-1 → 8443']);
    assert.equal(lost.length, 1);
  });

  it('with another address do not meet (GW-7, GW-21)', () => {
    const { kept } = servers(
      gateway('g', [
        { port: 9000, protocol: 'TCP', bind: '10.0.0.1' },
        { port: 9000, protocol: 'TCP', bind: '10.0.0.2' },
      ]),
    );
    assert.deepEqual(kept, ['tcp-0 → 10.0.0.19000', 'tcp-1 → 10.0.0.29000']);
  });

  it('with tls are skipped for one host that is taken; their other hosts stay free (GW-9)', () => {
    const { kept, lost } = servers(
      gateway('g', [
        { port: 443, protocol: 'HTTPS', hosts: ['a.example', 'b.example'], tls: SIMPLE },
        { port: 443, protocol: 'HTTPS', hosts: ['b.example', 'c.example'], tls: SIMPLE },
        { port: 443, protocol: 'HTTPS', hosts: ['c.example'], tls: SIMPLE },
      ]),
    );
    assert.deepEqual(kept, ['https-0 → 8443', 'https-2 → 8443']);
    assert.match(lost[0]!, /^GW-9 server https-1 .*host b.example on port 8443/);
  });

  it('belong to pods that the selector picks (GW-1)', () => {
    const other = gateway('other', [{ port: 80, protocol: 'HTTP' }]).replace('ingressgateway', 'somewhere');
    const { kept, lost } = servers(gateway('g', [{ port: 80, protocol: 'HTTP' }]), other);
    assert.deepEqual(kept, ['http-0 → 8080']);
    assert.match(lost[0]!, /^GW-1 Gateway edge\/other: its selector istio=somewhere/);
  });

  it('come oldest first, by name before namespace (GW-2, META-2)', () => {
    const { kept } = servers(
      gateway('zeta', [{ port: 9000, protocol: 'TCP', name: 'late' }], 'a'),
      gateway('alpha', [{ port: 9000, protocol: 'TCP', name: 'early' }], 'b'),
    );
    assert.deepEqual(kept, ['early → 9000']);
  });

  it('never lose anything without saying why (property of GW-7 and GW-9)', () => {
    const server = fc.record({
      port: fc.constantFrom(80, 443, 9000),
      protocol: fc.constantFrom('HTTP', 'HTTPS', 'TCP', 'TLS', 'GRPC'),
      hosts: fc.uniqueArray(fc.constantFrom('*', 'a.example', '*.example', 'b.example'), { minLength: 1 }),
      bind: fc.constantFrom(undefined, '10.0.0.1'),
    });
    fc.assert(
      fc.property(fc.array(server, { minLength: 1, maxLength: 6 }), (list) => {
        const written = list.map(({ bind, ...it }): Server => ({
          ...it,
          ...(bind ? { bind } : {}),
          ...(it.protocol === 'HTTPS' || it.protocol === 'TLS' ? { tls: SIMPLE } : {}),
        }));
        const { kept, lost } = servers(gateway('g', written));
        assert.equal(kept.length + lost.length, list.length);
        // whatever comes later, the first server of a port is never the one to go
        assert.equal(kept[0]?.split(' ')[0], `${list[0]!.protocol.toLowerCase()}-0`);
      }),
      { numRuns: 60 },
    );
  });
});

describe('listeners of a gateway', () => {
  it('tell HTTPS servers apart by server name; * takes any (GW-14)', () => {
    const found = listeners(
      gateway('g', [
        { port: 443, protocol: 'HTTPS', hosts: ['edge/b.example', 'a.example'], tls: SIMPLE },
        { port: 443, protocol: 'HTTPS', hosts: ['*'], tls: SIMPLE },
      ]),
    );
    assert.deepEqual(found, [
      '0.0.0.0_8443 chain SNI a.example, b.example → https.443.https-0.g.edge',
      '0.0.0.0_8443 chain for anything → https.443.https-1.g.edge',
    ]);
  });

  it('do not exist without a route for TCP, and no younger server steps in (GW-8, GW-22)', () => {
    const documents = [
      gateway('g1', [{ port: 31400, protocol: 'TCP' }]),
      gateway('g2', [{ port: 31400, protocol: 'TCP' }]),
      virtualService('v', `{ hosts: ["*"], gateways: [g2], tcp: [{ ${TO_WEB} }] }`),
    ];
    assert.deepEqual(listeners(...documents), []);
    assert.deepEqual(absent(...documents), [
      'GW-22 0.0.0.0_31400: no VirtualService gives server tcp-0 of Gateway edge/g1 a route, and without one there is no listener',
    ]);
  });

  it('give TCP to the first VirtualService whose match fits, by weight (GW-18)', () => {
    const found = listeners(
      gateway('g', [{ port: 31400, protocol: 'TCP' }]),
      virtualService(
        'a',
        '{ hosts: ["*"], gateways: [g], tcp: [{ match: [{ port: 99 }], route: [{ destination: { host: x } }] }] }',
      ),
      virtualService(
        'b',
        '{ hosts: ["*"], gateways: [g], tcp: [{ route: [{ destination: { host: web, port: { number: 1 } }, weight: 1 }, { destination: { host: db }, weight: 3 }] }] }',
      ),
    );
    assert.deepEqual(found, [
      '0.0.0.0_31400 chain for anything → outbound|1||web.edge.svc.cluster.local 0.25, outbound|31400||db.edge.svc.cluster.local 0.75',
    ]);
  });

  it('pass TLS on by the server names of tls matches, each once (GW-19)', () => {
    const found = listeners(
      gateway('g', [{ port: 443, protocol: 'TLS', hosts: ['a.b.example'], tls: '{ mode: PASSTHROUGH }' }]),
      virtualService(
        'v1',
        `{ hosts: ["*.b.example"], gateways: [g], tls: [{ match: [{ sniHosts: [a.b.example] }], ${TO_WEB} }] }`,
      ),
      virtualService(
        'v2',
        `{ hosts: ["*.b.example"], gateways: [g], tls: [{ match: [{ sniHosts: [a.b.example, z.b.example] }], ${TO_WEB} }] }`,
      ),
      virtualService(
        'v3',
        `{ hosts: [c.example], gateways: [g], tls: [{ match: [{ sniHosts: [c.example] }], ${TO_WEB} }] }`,
      ),
    );
    assert.deepEqual(found, ['0.0.0.0_8443 chain SNI a.b.example → outbound|80||web.edge.svc.cluster.local 1']);
  });

  it('are refused by Envoy when two chains are for the same (GW-10)', () => {
    const found = absent(
      gateway('x', [{ port: 443, protocol: 'HTTPS', hosts: ['./*'], tls: SIMPLE }], 'one'),
      gateway('x', [{ port: 443, protocol: 'HTTPS', hosts: ['./*'], tls: SIMPLE }], 'two'),
    );
    assert.deepEqual(found, ['GW-10 0.0.0.0_8443: two filter chains are for any SNI: Envoy refuses the listener']);
  });
});

describe('secrets of a gateway', () => {
  const tlsOf = (...documents: readonly string[]): string | undefined => {
    const { mesh, proxy } = meshOf(gateway('g', [{ port: 443, protocol: 'HTTPS', tls: SIMPLE }]), ...documents);
    return gatewayListeners(mesh, proxy).listeners[0]!.chains[0]!.tls!.secretMissing;
  };
  const secret = (namespace: string, data: string): string => `apiVersion: v1
kind: Secret
metadata: { name: cert, namespace: ${namespace} }
stringData: ${data}
`;

  it('are those of the pod’s namespace (GW-16)', () => {
    assert.match(
      tlsOf(secret('edge', '{ tls.crt: x, tls.key: x }'))!,
      /no Secret istio-system\/cert.*the one in edge is not looked at/,
    );
    assert.equal(tlsOf(secret('istio-system', '{ tls.crt: x, tls.key: x }')), undefined);
    assert.equal(tlsOf(secret('istio-system', '{ cert: x, key: x }')), undefined);
    assert.match(tlsOf(secret('istio-system', '{ tls.crt: x }'))!, /has no tls.crt with tls.key/);
  });
});
