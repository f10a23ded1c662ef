import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { AppMessage } from '../../src/core/trace/arrival.js';
import { mismatchOf, viewOf } from '../../src/core/trace/match-request.js';
import { normalizePath } from '../../src/core/trace/normalize.js';
import { routeHttp, type RoutedBranch } from '../../src/core/trace/route.js';
import type { MeshSnapshot } from '../../src/core/mesh/snapshot.js';
import { outboundRoutes } from '../../src/core/xds/outbound-routes.js';
import { message } from '../support/routed.js';
import { routingMesh, virtualService } from '../support/routes.js';
import { proxyIn } from '../support/small-mesh.js';

const sound = fc.constantFrom('/', '/a', '/a/b', '/b', 'a', '1', '.*', '/[ab]+');
const odd = fc.oneof(fc.constantFrom('', '(', '%2f', '*'), fc.string({ maxLength: 6 }));
// an odd text often makes Istio refuse the whole VirtualService
const text = fc.oneof({ weight: 30, arbitrary: sound }, { weight: 1, arbitrary: odd });
const percentage = fc.record({ value: fc.constantFrom(0, 0.5, 33.3, 50, 100) });
const stringMatch = fc.oneof(
  text.map((it) => ({ exact: it })),
  text.map((it) => ({ prefix: it })),
  text.map((it) => ({ regex: it })),
  fc.constant({}),
);
const valued = fc.oneof(
  text.map((it) => ({ exact: it })),
  text.map((it) => ({ prefix: it })),
  text.map((it) => ({ regex: it })),
);
const some = { requiredKeys: [] };
const matches = fc.record(
  {
    uri: valued,
    method: stringMatch,
    headers: fc.dictionary(fc.constantFrom('x', 'X-Y'), stringMatch, { maxKeys: 2 }),
    withoutHeaders: fc.dictionary(fc.constantFrom('x', 'z'), stringMatch, { maxKeys: 1 }),
    queryParams: fc.dictionary(fc.constantFrom('q', 'r'), stringMatch, { maxKeys: 1 }),
    ignoreUriCase: fc.boolean(),
    port: fc.constantFrom(80, 81),
  },
  some,
);
const destination = fc.record({ host: fc.constantFrom('cart', 'desk', 'gone', 'vault.bank.svc.cluster.local') });
const destinations = fc.array(fc.record({ destination, weight: fc.nat(9) }), { minLength: 1, maxLength: 3 });
const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ route: destinations }) },
  {
    weight: 1,
    arbitrary: fc.record({ redirect: fc.record({ uri: text, authority: text }, { requiredKeys: ['authority'] }) }),
  },
  { weight: 1, arbitrary: fc.record({ directResponse: fc.record({ status: fc.constantFrom(200, 503) }) }) },
);
const extras = fc.record(
  {
    match: fc.array(matches, { maxLength: 3 }),
    rewrite: fc.record({ uri: text, authority: text }, { requiredKeys: ['uri'] }),
    fault: fc.record(
      {
        delay: fc.record({ fixedDelay: fc.constant('1s'), percentage }),
        abort: fc.record({ httpStatus: fc.constantFrom(404, 503), percentage }),
      },
      { requiredKeys: ['abort'] },
    ),
    mirrors: fc.array(fc.record({ destination, percentage }), { maxLength: 2 }),
    corsPolicy: fc.record({ allowOrigins: fc.array(valued, { maxLength: 2 }) }),
  },
  some,
);
const entries = fc.array(
  fc.tuple(action, extras).map(([one, { fault, rewrite, ...more }]) => ({
    ...more,
    ...one,
    ...('route' in one ? { fault, rewrite } : {}),
  })),
  { minLength: 1, maxLength: 4 },
);
const requests = fc.record<AppMessage>({
  protocol: fc.constantFrom('http1', 'h2', 'grpc'),
  method: fc.constantFrom('GET', 'POST', 'OPTIONS', 'a'),
  authority: fc.oneof(fc.constantFrom('cart', 'cart:80', 'desk', '', 'x.example:', '[::1]:80'), fc.string()),
  path: fc.oneof(fc.constantFrom('/', '/a', '/a/b?q=1', '/b?q&r=a', '*'), fc.string()),
  headers: fc.dictionary(fc.constantFrom('x', 'x-y', 'z', 'origin', 'access-control-request-method'), text),
  scheme: fc.constantFrom('http', 'https'),
});

function meshOf(http: readonly object[]): MeshSnapshot {
  return routingMesh(virtualService('shop/cart', `hosts: [cart], http: ${JSON.stringify(http)}`));
}

function route(mesh: MeshSnapshot, sent: AppMessage): readonly RoutedBranch[] {
  const till = proxyIn(mesh, 'shop/till');
  return routeHttp(mesh, till, outboundRoutes(mesh, till, '80'), sent, { scheme: 'http' });
}

/** Runs for any routes and any request; refused VirtualServices are part of the game. */
function holds(check: (http: readonly object[], sent: AppMessage) => void): void {
  fc.assert(fc.property(entries, requests, check), { numRuns: 80 });
}

describe('routing any request by any VirtualService', () => {
  it('shares it out completely, and always says why', () => {
    holds((http, sent) => {
      const branches = route(meshOf(http), sent);
      const sum = branches.reduce((total, it) => total + it.share, 0);
      assert.ok(Math.abs(sum - 1) < 1e-9, `${sum}`);
      for (const it of branches) {
        assert.ok(it.share > 0);
        assert.ok(it.kind === 'forward' ? it.cluster !== '' : it.status >= 200 && it.because !== '');
        for (const said of it.decisions) {
          assert.ok(said.evidence.length + said.assumptions.length > 0 || said.byDefault !== undefined, said.stage);
        }
      }
    });
  });

  it('does the same when asked again, of another reading of the same files', () => {
    holds((http, sent) => {
      assert.deepEqual(JSON.stringify(route(meshOf(http), sent)), JSON.stringify(route(meshOf(http), sent)));
    });
  });

  it('takes the first route that has nothing against it (RT-2)', () => {
    holds((http, sent) => {
      const mesh = meshOf(http);
      const view = viewOf({ ...sent, path: normalizePath(sent.path, mesh.config.pathNormalization) }, 'http');
      for (const it of route(mesh, sent)) {
        const taken = it.virtualHost?.routes.find(({ match }) => !mismatchOf(match, view));
        assert.equal(it.route, taken);
      }
    });
  });

  it('is not changed by a route behind the one that takes it', () => {
    holds((http, sent) => {
      const plain = meshOf([...http, { route: [{ destination: { host: 'desk' } }] }]);
      const more = meshOf([
        ...http,
        { route: [{ destination: { host: 'desk' } }] },
        { match: [{ uri: { exact: '/a' } }], directResponse: { status: 418 } },
      ]);
      const told = (mesh: MeshSnapshot): unknown =>
        route(mesh, sent).map((it) => [it.share, it.kind === 'end' ? it.status : it.cluster, it.route?.title]);
      assert.deepEqual(told(more), told(plain));
    });
  });

  it('adds up weights whatever their sum (DST-6)', () => {
    fc.assert(
      fc.property(destinations, (all) => {
        const sum = all.reduce((total, it) => total + it.weight, 0);
        const branches = route(meshOf([{ route: all }]), message());
        const wanted = all.length === 1 ? [1] : all.filter((it) => it.weight > 0).map((it) => it.weight / sum);
        if (all.length > 1 && sum === 0) return;
        assert.deepEqual(
          branches.map((it) => it.share.toFixed(9)),
          wanted.map((it) => it.toFixed(9)),
        );
      }),
    );
  });
});
