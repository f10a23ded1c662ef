import assert from 'node:assert/strict';
import fc from 'fast-check';
import { istio, node, outcomesFrom, pathsFrom, pod, service, smallMesh } from '../support/small-mesh.js';

const WEB = pod('shop/web', { labels: 'app: web', ip: '10.0.0.1', node: 'n1' });
const BARE = pod('bare/old', { labels: 'app: old', ip: '10.0.0.2', node: 'n1' });
const A = pod('shop/a', { labels: 'app: cart, v: a', ip: '10.0.0.11', node: 'n1' });
const B = pod('shop/b', { labels: 'app: cart, v: b', ip: '10.0.0.12', node: 'n2' });
const CART = service('shop/cart');
const GET = { host: 'cart' };

function rule(spec: string): string {
  return istio('DestinationRule', 'shop/cart', `host: cart, ${spec}`);
}
function route(spec: string): string {
  return istio('VirtualService', 'shop/cart', `hosts: [cart], http: [{${spec}route: [{destination: {host: cart}}]}]`);
}

describe('what is sent to a cluster', () => {
  it('is one branch for endpoints that fare alike, and one for each fate otherwise', () => {
    const mesh = smallMesh([WEB, A, B, CART]);
    assert.deepEqual(outcomesFrom(mesh, 'shop/web', GET), ['100 % delivered shop/a:8080, shop/b:8080']);
    const half = smallMesh([WEB, A, B, CART, route('retries: {attempts: 0}, ')], {
      apps: [{ pod: 'shop/b', status: 500 }],
    });
    assert.deepEqual(outcomesFrom(half, 'shop/web', GET), [
      '50 % delivered shop/a:8080',
      '50 % delivered shop/b:8080 500',
    ]);
  });

  it('gets 503 NC without a cluster, 503 UH without an endpoint (DST-4, DST-5)', () => {
    const missing = smallMesh([
      WEB,
      A,
      CART,
      istio('VirtualService', 'shop/cart', 'hosts: [cart], http: [{route: [{destination: {host: gone}}]}]'),
    ]);
    assert.deepEqual(outcomesFrom(missing, 'shop/web', GET), ['100 % 503 NC']);
    assert.deepEqual(outcomesFrom(smallMesh([WEB, CART]), 'shop/web', GET), ['100 % 503 UH']);
    assert.deepEqual(outcomesFrom(smallMesh([WEB, CART]), 'shop/web', { host: 'cart', port: 9000, scheme: 'tcp' }), [
      '100 % reset UH',
    ]);
  });

  it('fails as TLS fails: plaintext to STRICT, mTLS to plaintext, a wrong name (FAIL-5, FAIL-6, TLS-5)', () => {
    const strict = istio('PeerAuthentication', 'shop/strict', 'mtls: {mode: STRICT}');
    const get = (...documents: string[]): string[] =>
      outcomesFrom(smallMesh([WEB, A, CART, ...documents]), 'shop/web', GET);
    assert.deepEqual(get(strict, rule('trafficPolicy: {tls: {mode: DISABLE}}')), ['100 % 503 UC']);
    assert.deepEqual(get(rule('trafficPolicy: {tls: {mode: ISTIO_MUTUAL, subjectAltNames: ["spiffe://x"]}}')), [
      '100 % 503 UF,URX',
    ]);
    const old = pod('shop/a', { labels: 'app: cart, sidecar.istio.io/inject: "false"' });
    const forced = smallMesh([WEB, old, CART, rule('trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}')]);
    assert.deepEqual(outcomesFrom(forced, 'shop/web', GET), ['100 % 503 UF,URX']);
  });

  it('goes where the application dialed for headless services (DST-7)', () => {
    const headless = service('shop/cart', 'clusterIP: None');
    const mesh = smallMesh([WEB, A, B, headless]);
    assert.deepEqual(outcomesFrom(mesh, 'shop/web', { host: 'cart', port: 8080 }), [
      '50 % delivered shop/a:8080',
      '50 % delivered shop/b:8080',
    ]);
  });
});

describe('retries (ACT-6)', () => {
  const down = { apps: [{ pod: 'shop/b', down: true }] };
  const bare = [A, B].map((it) => it.replace('v: ', 'sidecar.istio.io/inject: "false", v: '));

  it('go to another host after a failed connection, by default', () => {
    const mesh = smallMesh([WEB, ...bare, CART], down);
    const paths = pathsFrom(mesh, 'shop/web', GET);
    assert.deepEqual(outcomesFrom(mesh, 'shop/web', GET), ['50 % delivered shop/a:8080', '50 % delivered shop/a:8080']);
    const retried = paths.find((it) => it.label.includes('after a try at shop/b:8080'));
    assert.ok(retried?.hops.some((hop) => hop.decisions.some((it) => it.stage === 'retry')));
  });

  it('are none with attempts 0, and do not cover an application’s 503 by default', () => {
    const off = smallMesh([WEB, ...bare, CART, route('retries: {attempts: 0}, ')], down);
    assert.deepEqual(outcomesFrom(off, 'shop/web', GET), ['50 % delivered shop/a:8080', '50 % 503 UF']);
    const sick = smallMesh([WEB, A, CART], { apps: [{ pod: 'shop/a', status: 503 }] });
    assert.deepEqual(outcomesFrom(sick, 'shop/web', GET), ['100 % delivered shop/a:8080 503']);
  });

  it('outlast the first failures, or end with URX', () => {
    const failing = { apps: [{ pod: 'shop/a', failFirst: 2, failStatus: 503 }] };
    const get = (attempts: number): string[] =>
      outcomesFrom(
        smallMesh([WEB, A, CART, route(`retries: {attempts: ${attempts}, retryOn: "503"}, `)], failing),
        'shop/web',
        GET,
      );
    assert.deepEqual(get(2), ['100 % delivered shop/a:8080']);
    assert.deepEqual(get(1), ['100 % delivered shop/a:8080 503']);
  });
});

describe('limits of time (ACT-5)', () => {
  const slow = { apps: [{ pod: 'shop/a', delay: '3s' }] };
  const end = (spec: string): unknown[] => {
    const [path] = pathsFrom(smallMesh([WEB, A, CART, route(spec)], slow), 'shop/web', GET);
    const { outcome } = path!;
    return [
      outcome.result === 'status' && outcome.status,
      'details' in outcome && outcome.details,
      'delaySeconds' in outcome && outcome.delaySeconds,
    ];
  };

  it('end the whole request, or one try', () => {
    assert.deepEqual(end('timeout: 1s, '), [504, 'response_timeout', 1]);
    assert.deepEqual(end('retries: {attempts: 1, perTryTimeout: 1s, retryOn: "5xx"}, '), [
      504,
      'upstream_per_try_timeout',
      2,
    ]);
    assert.deepEqual(end('retries: {attempts: 1, perTryTimeout: 1s, retryOn: "connect-failure"}, '), [
      504,
      'upstream_per_try_timeout',
      1,
    ]);
    assert.deepEqual(end('timeout: 4s, '), [false, false, 3]);
  });
});

describe('outlier detection (CL-7, CL-8)', () => {
  const sick = { apps: [{ pod: 'shop/a', status: 503 }] };
  const get = (spec: string, ...more: string[]): string[] =>
    outcomesFrom(
      smallMesh([WEB, A, CART, ...more, rule(`trafficPolicy: {outlierDetection: {${spec}}}`)], sick),
      'shop/web',
      GET,
    );

  it('takes out what only fails, as far as maxEjectionPercent lets it', () => {
    assert.deepEqual(get('consecutive5xxErrors: 3, maxEjectionPercent: 100'), [
      '50 % delivered shop/a:8080 503',
      '50 % 503 UH',
    ]);
    assert.deepEqual(get('consecutive5xxErrors: 3'), ['100 % delivered shop/a:8080 503']);
    assert.deepEqual(get('consecutive5xxErrors: 0, maxEjectionPercent: 100'), ['100 % delivered shop/a:8080 503']);
  });

  it('uses all again when too few are left', () => {
    assert.deepEqual(get('consecutive5xxErrors: 3, maxEjectionPercent: 100, minHealthPercent: 50'), [
      '100 % delivered shop/a:8080 503',
    ]);
  });

  it('leaves the healthy ones', () => {
    assert.deepEqual(get('consecutive5xxErrors: 3, maxEjectionPercent: 100', B), [
      '75 % delivered shop/b:8080',
      '25 % delivered shop/a:8080 503',
    ]);
  });
});

describe('shares of endpoints', () => {
  const NODES = [node('n1', 'ra', 'za'), node('n2', 'rb', 'za')];
  const near = (name: string, ready: boolean): string =>
    pod(`shop/${name}`, { labels: 'app: cart', node: 'n1', ready });
  const far = pod('shop/far', { labels: 'app: cart', node: 'n2' });

  it('spill to the next priority when the first is less than healthy enough (CL-5)', () => {
    const get = (...pods: string[]): string[] => {
      const world = { apps: [{ pod: 'shop/far', status: 201 }] };
      return outcomesFrom(
        smallMesh([WEB, ...NODES, CART, rule('trafficPolicy: {outlierDetection: {}}'), far, ...pods], world),
        'shop/web',
        GET,
      );
    };
    assert.deepEqual(get(near('p', true), near('q', true), near('r', true)), [
      '100 % delivered shop/p:8080, shop/q:8080, shop/r:8080',
    ]);
    assert.deepEqual(get(near('p', true), near('q', true), near('r', false)), [
      '93 % delivered shop/p:8080, shop/q:8080',
      '7 % delivered shop/far:8080 201',
    ]);
    assert.deepEqual(get(near('p', true), near('q', false)), [
      '70 % delivered shop/p:8080',
      '30 % delivered shop/far:8080 201',
    ]);
  });

  it('sum to one, the same each time, for any mixture of pods', () => {
    const some = fc.record({
      node: fc.constantFrom('n1', 'n2'),
      ready: fc.boolean(),
      meshed: fc.boolean(),
      app: fc.constantFrom<{ status?: number; down?: boolean; reset?: boolean }>(
        {},
        { status: 503 },
        { down: true },
        { reset: true },
      ),
    });
    const policy = fc.constantFrom(
      'loadBalancer: {simple: RANDOM}',
      'outlierDetection: {consecutive5xxErrors: 2, maxEjectionPercent: 50}',
      'tls: {mode: ISTIO_MUTUAL}',
      'loadBalancer: {localityLbSetting: {distribute: [{from: "*", to: {"ra/za": 30, "rb/za": 70}}]}}',
    );
    const tries = fc.constantFrom('', 'retries: {attempts: 3, retryOn: "5xx"}, ', 'retries: {attempts: 0}, ');
    fc.assert(
      fc.property(fc.array(some, { maxLength: 5 }), policy, tries, (pods, traffic, retries) => {
        const documents = pods.map((it, index) =>
          pod(`shop/p${index}`, {
            labels: `app: cart${it.meshed ? '' : ', sidecar.istio.io/inject: "false"'}`,
            node: it.node,
            ready: it.ready,
            ip: `10.0.2.${index + 1}`,
          }),
        );
        const apps = pods.map((it, index) => ({ pod: `shop/p${index}`, ...it.app }));
        const build = (): ReturnType<typeof pathsFrom> =>
          pathsFrom(
            smallMesh([WEB, ...NODES, CART, rule(`trafficPolicy: {${traffic}}`), route(retries), ...documents], {
              apps,
            }),
            'shop/web',
            GET,
          );
        const paths = build();
        const total = paths.reduce((sum, it) => sum + it.share, 0);
        assert.ok(Math.abs(total - 1) < 1e-6, `shares sum to ${total}`);
        assert.deepEqual(
          build().map((it) => [it.share, it.outcome]),
          paths.map((it) => [it.share, it.outcome]),
        );
        for (const path of paths) {
          for (const made of path.hops.flatMap((it) => it.decisions)) {
            assert.ok(
              made.evidence.length > 0 || made.byDefault || made.assumptions.length > 0,
              `${made.stage}: ${made.chose}`,
            );
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('a hash of the request (CL-4)', () => {
  const POOL = ['0', '1', '2', '3', '4'].map((it) => pod(`shop/s${it}`, { labels: 'app: cart', ip: `10.60.0.1${it}` }));
  const to = (user: string, table = ''): string[] =>
    outcomesFrom(
      smallMesh([
        WEB,
        ...POOL,
        CART,
        rule(`trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: x-user${table}}}}`),
      ]),
      'shop/web',
      { host: 'cart', headers: { 'x-user': user } },
    );

  // where a real Envoy sent these users
  it('leads to the endpoint that Envoy picks', () => {
    assert.deepEqual(
      ['a', 'jason', '0123456789'].map((it) => to(it)[0]),
      ['100 % delivered shop/s0:8080', '100 % delivered shop/s0:8080', '100 % delivered shop/s3:8080'],
    );
    assert.deepEqual(
      ['a', 'jason', '0123456789'].map((it) => to(it, ', maglev: {tableSize: 1009}')[0]),
      ['100 % delivered shop/s2:8080', '100 % delivered shop/s0:8080', '100 % delivered shop/s2:8080'],
    );
  });
});

describe('a client without a proxy (INJ-4)', () => {
  it('is led to a ready endpoint by the node, in plaintext (KP-1..KP-3)', () => {
    const strict = istio('PeerAuthentication', 'shop/strict', 'selector: {matchLabels: {v: b}}, mtls: {mode: STRICT}');
    const mesh = smallMesh([BARE, A, B, CART, strict]);
    assert.deepEqual(outcomesFrom(mesh, 'bare/old', { host: 'cart.shop' }), [
      '50 % delivered shop/a:8080',
      '50 % reset',
    ]);
    assert.deepEqual(outcomesFrom(mesh, 'bare/old', { host: 'cart.shop', port: 81 }), ['100 % refused']);
    assert.deepEqual(outcomesFrom(smallMesh([BARE, CART]), 'bare/old', { host: 'cart.shop' }), ['100 % refused']);
  });

  it('reaches pods of its own node only with internalTrafficPolicy Local (KP-5)', () => {
    const local = service('shop/cart', 'internalTrafficPolicy: Local');
    assert.deepEqual(outcomesFrom(smallMesh([BARE, A, B, local]), 'bare/old', { host: 'cart.shop' }), [
      '100 % delivered shop/a:8080',
    ]);
    assert.deepEqual(outcomesFrom(smallMesh([BARE, B, local]), 'bare/old', { host: 'cart.shop' }), ['100 % reset']);
  });
});
