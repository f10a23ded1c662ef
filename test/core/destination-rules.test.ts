import assert from 'node:assert/strict';
import fc from 'fast-check';
import { destinationRuleFor, subsetsOf, trafficPolicyFor } from '../../src/core/mesh/destination-rules.js';
import type { MeshSnapshot } from '../../src/core/mesh/snapshot.js';
import { istio, service, smallMesh } from '../support/small-mesh.js';

const CART = { host: 'cart.shop.svc.cluster.local', namespace: 'shop' };

function rule(id: string, spec: string, metadata = ''): string {
  return istio('DestinationRule', id, spec, metadata);
}

/** The names of the rules that act for a client of a namespace, and of the others with their reasons. */
function found(
  mesh: MeshSnapshot,
  namespace: string,
  labels: Record<string, string> = {},
): { acting: string; lost: string[] } {
  const at = { doc: '', start: 0, end: 0 };
  const map = new Map(Object.entries(labels).map(([key, value]) => [key, { value, at }]));
  const { value, rejected } = destinationRuleFor(mesh, { namespace, labels: map }, CART);
  const acting = value?.sources.map((it) => `${it.namespace}/${it.name}`).join(' + ') ?? 'none';
  return { acting, lost: rejected.map((it) => `${it.name.replace('DestinationRule ', '')}: ${it.because}`) };
}

describe('the DestinationRule of a client', () => {
  it('is looked for in its own namespace, the service’s, the root’s; levels are not combined (DR-1)', () => {
    const own = rule('bank/mine', 'host: cart.shop.svc.cluster.local');
    const theirs = rule('shop/theirs', 'host: cart, subsets: [{name: v1}]');
    const root = rule('istio-system/root', 'host: "*.local"');
    const elsewhere = rule('bare/far', 'host: cart.shop.svc.cluster.local');
    const mesh = smallMesh([service('shop/cart'), own, theirs, root, elsewhere]);
    assert.equal(found(mesh, 'bank').acting, 'bank/mine');
    assert.equal(found(mesh, 'shop').acting, 'shop/theirs');
    assert.equal(found(smallMesh([service('shop/cart'), root]), 'bank').acting, 'istio-system/root');
    assert.deepEqual(found(mesh, 'bank').lost.sort(), [
      'bare/far: it lives in bare, which is neither the client’s namespace, nor the service’s, nor the root namespace',
      'istio-system/root: a rule of the client’s namespace (bank) decides; rules of several namespaces are not combined',
      'shop/theirs: a rule of the client’s namespace (bank) decides; rules of several namespaces are not combined',
    ]);
  });

  it('is none when the most specific host’s rules are not exported, though a broader one is (DR-1)', () => {
    const mesh = smallMesh([
      service('shop/cart'),
      rule('shop/exact', 'host: cart, exportTo: [elsewhere]'),
      rule('shop/wide', 'host: "*.shop.svc.cluster.local"'),
    ]);
    assert.equal(found(mesh, 'bank').acting, 'none');
    assert.match(found(mesh, 'bank').lost.join('\n'), /shop\/exact: it is not exported to bank/);
    assert.match(found(mesh, 'bank').lost.join('\n'), /shop\/wide: the rule for cart\.shop.* is more specific/);
  });

  it('takes a short host for one of its own namespace (DR-2, GEN-5)', () => {
    const mesh = smallMesh([service('shop/cart'), rule('bank/cart', 'host: cart')]);
    assert.equal(found(mesh, 'bank').acting, 'none');
  });

  it('with a workloadSelector acts alone for whom it selects, and hides other levels from the rest (DR-3)', () => {
    const selecting = rule(
      'bank/vip',
      'host: cart.shop.svc.cluster.local, workloadSelector: {matchLabels: {tier: gold}}',
    );
    const mesh = smallMesh([service('shop/cart'), selecting, rule('shop/all', 'host: cart')]);
    assert.equal(found(mesh, 'bank', { tier: 'gold' }).acting, 'bank/vip');
    assert.equal(found(mesh, 'bank', { tier: 'lead' }).acting, 'none');
    assert.match(found(mesh, 'bank').lost.join('\n'), /bank\/vip: its workloadSelector does not select the client/);
  });

  it('is made of several with the same exportTo: subsets united, the first trafficPolicy whole (DR-4)', () => {
    const mesh = smallMesh([
      service('shop/cart'),
      rule('shop/a', 'host: cart, subsets: [{name: v1, labels: {v: "1"}}]'),
      rule('shop/b', 'host: cart, trafficPolicy: {tls: {mode: DISABLE}}, subsets: [{name: v1}, {name: v2}]'),
      rule('shop/c', 'host: cart, trafficPolicy: {tls: {mode: SIMPLE}}'),
    ]);
    const { value } = destinationRuleFor(mesh, { namespace: 'bank', labels: new Map() }, CART);
    assert.equal(found(mesh, 'bank').acting, 'shop/a + shop/b + shop/c');
    assert.deepEqual(
      value?.subsets.map((it) => `${it.name.value} ${it.labels.size}`),
      ['v1 1', 'v2 0'],
    );
    assert.equal(value?.trafficPolicy?.tls?.mode.value, 'DISABLE');
  });

  it('is the newest alone of several with different exportTo (DR-4)', () => {
    const mesh = smallMesh([
      service('shop/cart'),
      rule('shop/old', 'host: cart, exportTo: ["*"]', 'creationTimestamp: "2020-01-01T00:00:00Z"'),
      rule('shop/new', 'host: cart, exportTo: [shop]', 'creationTimestamp: "2021-01-01T00:00:00Z"'),
    ]);
    assert.equal(found(mesh, 'shop').acting, 'shop/new');
    assert.equal(found(mesh, 'bank').acting, 'shop/old');
  });

  it('is none for the unselected when a private rule is folded into one with a selector (DR-5)', () => {
    const mesh = smallMesh([
      service('shop/cart'),
      rule('shop/vip', 'host: cart, workloadSelector: {matchLabels: {tier: gold}}'),
      rule('shop/rest', 'host: cart, exportTo: ["."]'),
    ]);
    assert.equal(found(mesh, 'shop').acting, 'none');
    assert.match(found(mesh, 'shop').lost.join('\n'), /shop\/rest: its exportTo equals that of the rule/);
  });

  it('in the root namespace is for clients there only when it is private (DR-1)', () => {
    const mesh = smallMesh([
      service('shop/cart'),
      rule('istio-system/private', 'host: "*.local", exportTo: ["."]'),
      rule('shop/cart', 'host: cart'),
    ]);
    assert.equal(found(mesh, 'istio-system').acting, 'istio-system/private');
    assert.equal(found(mesh, 'bank').acting, 'shop/cart');
  });
});

describe('the policy of a port and subset (DR-6)', () => {
  const mesh = smallMesh([
    service('shop/cart'),
    rule(
      'shop/cart',
      `host: cart, trafficPolicy: {tls: {mode: DISABLE}, loadBalancer: {simple: RANDOM}, portLevelSettings: [{port: {number: 81}, loadBalancer: {simple: ROUND_ROBIN}}]},
       subsets: [{name: plain}, {name: own, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}, {name: port, trafficPolicy: {portLevelSettings: [{port: {number: 80}, connectionPool: {tcp: {maxConnections: 3}}}]}}]`,
    ),
  ]);
  const acting = destinationRuleFor(mesh, { namespace: 'bank', labels: new Map() }, CART).value;
  const policy = (port: number, subset: string): string => {
    const it = trafficPolicyFor(mesh, acting, port, subset);
    return [it.tls?.mode.value, it.loadBalancer?.simple?.value, it.connectionPool?.maxConnections?.value].join(' ');
  };

  it('takes a port’s entry alone, inheriting nothing', () => {
    assert.equal(policy(80, ''), 'DISABLE RANDOM ');
    assert.equal(policy(81, ''), ' ROUND_ROBIN ');
  });

  it('lets the subset’s fields win one by one, and its port’s entry all at once', () => {
    assert.equal(policy(80, 'plain'), 'DISABLE RANDOM ');
    assert.equal(policy(80, 'own'), 'ISTIO_MUTUAL RANDOM ');
    assert.equal(policy(80, 'port'), '  3');
  });

  it('names its subsets to a client (DST-3)', () => {
    const names = subsetsOf(mesh, { namespace: 'bank', labels: new Map() }, CART).value.map((it) => it.name.value);
    assert.deepEqual(names, ['plain', 'own', 'port']);
  });
});

describe('any set of DestinationRules', () => {
  const exportTo = fc.option(fc.subarray(['"*"', '"."', 'shop', 'bank', '"~"'], { minLength: 1 }), { nil: undefined });
  const one = fc.record({
    namespace: fc.constantFrom('shop', 'bank', 'istio-system'),
    host: fc.constantFrom('cart.shop.svc.cluster.local', '"*.shop.svc.cluster.local"', '"*.local"'),
    exportTo,
    selector: fc.option(fc.constantFrom('tier: gold', 'app: web'), { nil: undefined }),
    subset: fc.constantFrom('v1', 'v2'),
  });

  it('gives one answer, tells a reason for each that does not act, and never fails', () => {
    fc.assert(
      fc.property(fc.array(one, { maxLength: 6 }), fc.constantFrom('shop', 'bank', 'istio-system'), (rules, client) => {
        const documents = rules.map((it, index) =>
          rule(
            `${it.namespace}/r${index}`,
            [
              `host: ${it.host}`,
              `subsets: [{name: ${it.subset}}]`,
              ...(it.exportTo && !it.selector ? [`exportTo: [${it.exportTo.join()}]`] : []),
              ...(it.selector ? [`workloadSelector: {matchLabels: {${it.selector}}}`] : []),
            ].join(', '),
          ),
        );
        const mesh = smallMesh([service('shop/cart'), ...documents]);
        const taken = mesh.of('DestinationRule').length;
        const { value, rejected } = destinationRuleFor(mesh, { namespace: client, labels: new Map() }, CART);
        assert.equal((value?.sources.length ?? 0) + rejected.length, taken);
        assert.ok(rejected.every((it) => it.because !== '' && it.evidence.length > 0));
        const again = destinationRuleFor(
          smallMesh([service('shop/cart'), ...documents]),
          { namespace: client, labels: new Map() },
          CART,
        );
        assert.deepEqual(
          again.value?.sources.map((it) => it.name),
          value?.sources.map((it) => it.name),
        );
      }),
      { numRuns: 60 },
    );
  });
});
