import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sourced } from '../../src/core/base/location.js';
import { meshConfigOf } from '../../src/core/model/mesh-config.js';
import type { AuthorizationPolicy, PolicyField, PolicyRule } from '../../src/core/model/security.js';
import { readResources } from '../../src/core/model/resources.js';
import { parseText } from '../../src/core/syntax/parse.js';
import { pathTemplate } from '../../src/core/trace/path-template.js';
import { attributeOf, matchesString, type PolicyFacts } from '../../src/core/trace/policy-attributes.js';
import { applyRule } from '../../src/core/trace/policy-rule.js';

const FACTS: PolicyFacts = {
  config: meshConfigOf(undefined),
  identity: 'spiffe://cluster.local/ns/shop/sa/till',
  sourceIp: '10.1.2.3',
  remoteIp: '198.51.100.7',
  destinationIp: '10.9.9.9',
  port: 8080,
  sni: 'outbound_.80_._.cart.shop.svc.cluster.local',
  http: {
    method: 'GET',
    authority: 'Cart:8080',
    path: '/items/7',
    headers: { 'x-user': 'ann', 'x-empty': '' },
    claims: { iss: 'https://i.example', sub: 'ann', groups: ['a', 'b'], deep: { inner: 'v' }, number: 5 },
  },
};
const PLAIN: PolicyFacts = { ...FACTS, identity: undefined };
const TCP: PolicyFacts = { ...FACTS, http: undefined };

/** Whether a value of a field or `when` key holds for the request. */
function holds(name: string, value: string, facts = FACTS): boolean | undefined {
  return attributeOf(name, 'shop', facts)!.has(value);
}

const HOLD: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['principals', ['*', 'cluster.local/ns/shop/sa/till', '*/sa/till', 'cluster.local/*'], ['till', '*/sa/til', 'x/*']],
  ['namespaces', ['shop', 's*', '*', '*ho*'], ['sho', 'Shop']],
  ['serviceAccounts', ['till', 'shop/till'], ['bank/till', 'til', 'till-2']],
  ['trustDomains', ['cluster.local', '*', '*.local', 'cluster*'], ['cluster', 'local']],
  ['ipBlocks', ['10.1.2.3', '10.1.0.0/16', '0.0.0.0/0'], ['10.1.2.4', '198.51.100.7']],
  ['remoteIpBlocks', ['198.51.100.7'], ['10.1.2.3']],
  ['ports', ['8080'], ['80', '08081']],
  ['hosts', ['cart:8080', 'CART*', '*:8080', '*'], ['cart', 'cart:80']],
  ['methods', ['GET', 'G*', '*T', '*'], ['get', 'POST']],
  ['paths', ['/items/7', '/items/*', '*7', '*', '/items/{*}', '/{**}'], ['/items', '/items/{*}/{*}', 'items']],
  [
    'requestPrincipals',
    ['*', 'https://i.example/ann', 'https://i.example/*', '*/ann', '*example/ann'],
    ['ann', '*/bob'],
  ],
  ['request.headers[X-User]', ['ann', 'a*', '*n', '*'], ['Ann', 'an']],
  ['request.headers[x-empty]', ['*'], ['x']],
  ['request.headers[absent]', [], ['*', 'x']],
  ['request.auth.claims[groups]', ['a', 'b', '*'], ['a,b']],
  ['request.auth.claims[deep][inner]', ['v'], ['w']],
  ['request.auth.claims[number]', [], ['5', '*']],
  ['connection.sni', ['*.cart.shop.svc.cluster.local', '*'], ['cart.shop']],
  ['destination.ip', ['10.9.9.9', '10.9.9.0/24'], ['10.1.2.3']],
];

describe('attributes of policies (AZ-5..AZ-9)', () => {
  for (const [name, fitting, others] of HOLD) {
    it(`${name} of the request`, () => {
      for (const it of fitting) assert.equal(holds(name, it), true, `${name} ${it}`);
      for (const it of others) assert.equal(holds(name, it), false, `${name} ${it}`);
    });
  }

  it('of a peer without mesh TLS nothing is true (AZ-6)', () => {
    for (const name of ['principals', 'namespaces', 'serviceAccounts', 'trustDomains']) {
      assert.equal(holds(name, '*', PLAIN), false);
    }
  });

  it('values that mean nothing are told apart from values that do not match', () => {
    assert.equal(holds('ipBlocks', '10.0.0'), undefined);
    assert.equal(holds('ports', 'http'), undefined);
    assert.equal(attributeOf('source.foo', 'shop', FACTS), undefined);
  });

  it('{*} is one segment that is not empty, {**} any rest after the slash (AZ-8)', () => {
    assert.equal(pathTemplate('/plain'), undefined);
    const one = pathTemplate('/x/{*}/z')!;
    assert.deepEqual(
      ['/x/y/z', '/x//z', '/x/y/y/z', '/x/y/z/'].map((it) => one.test(it)),
      [true, false, false, false],
    );
    const rest = pathTemplate('/x/{**}')!;
    assert.deepEqual(
      ['/x/', '/x/y/z', '/x'].map((it) => rest.test(it)),
      [true, true, false],
    );
  });
});

function policyOf(yaml: string): AuthorizationPolicy {
  const head = 'apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: { name: p, namespace: shop }\n';
  return readResources('doc#1', parseText(head + yaml).root)[0] as AuthorizationPolicy;
}

function verdict(yaml: string, facts: PolicyFacts): string {
  const policy = policyOf(yaml);
  return applyRule(policy, policy.rules![0]!, facts).kind;
}

describe('rules of policies (AZ-3, AZ-4, AZ-10)', () => {
  it('an empty rule matches everything', () => {
    assert.equal(verdict('spec: { rules: [{}] }', FACTS), 'matches');
    assert.equal(verdict('spec: { rules: [{}] }', { ...TCP, identity: undefined }), 'matches');
  });

  it('entries are alternatives, fields of one entry are not', () => {
    const from = '{ source: { namespaces: [bank] } }, { source: { namespaces: [shop], ipBlocks: [10.1.2.3] } }';
    assert.equal(verdict(`spec: { rules: [{ from: [${from}] }] }`, FACTS), 'matches');
    assert.equal(verdict(`spec: { rules: [{ from: [${from}] }] }`, { ...FACTS, sourceIp: '10.1.2.4' }), 'differs');
  });

  it('what a TCP chain cannot tell takes out an ALLOW rule, and only itself out of others', () => {
    const rules = 'rules: [{ to: [{ operation: { methods: [POST], ports: ["8080"] } }] }]';
    assert.equal(verdict(`spec: { ${rules} }`, TCP), 'dropped');
    assert.equal(verdict(`spec: { action: DENY, ${rules} }`, TCP), 'matches');
    assert.equal(verdict(`spec: { action: DENY, ${rules} }`, { ...TCP, port: 9000 }), 'differs');
    assert.equal(
      verdict('spec: { action: DENY, rules: [{ to: [{ operation: { notMethods: [GET] } }] }] }', TCP),
      'matches',
    );
  });

  it('a difference names field, value and wish', () => {
    const policy = policyOf('spec: { rules: [{ to: [{ operation: { methods: [POST] } }] }] }');
    const result = applyRule(policy, policy.rules![0]!, FACTS);
    assert.equal(result.kind === 'differs' && result.because, 'methods is GET, not POST');
  });

  it('never throw, and a field that wants and excludes the same never matches', () => {
    const names = [...new Set(HOLD.map(([name]) => name)), 'source.foo', 'request.headers', 'request.auth.claims[a[b]'];
    const value = fc.oneof(fc.string(), fc.constantFrom('*', '/a/{*}', '10.0.0.0/8', '{**}', '*x*', '(', 'a/b/c/d/e'));
    const at = { doc: 'd#1', start: 0, end: 1 };
    const field = fc
      .record({
        name: fc.constantFrom(...names),
        values: fc.array(value, { maxLength: 3 }),
        notValues: fc.array(value, { maxLength: 3 }),
      })
      .map((it): PolicyField => ({
        name: it.name,
        values: it.values.map((text) => sourced(text, at)),
        notValues: it.notValues.map((text) => sourced(text, at)),
        at,
      }));
    const group = fc.array(field, { maxLength: 3 }).map((fields) => ({ fields, at }));
    const rule = fc
      .record({
        from: fc.array(group, { maxLength: 2 }),
        to: fc.array(group, { maxLength: 2 }),
        when: fc.array(field, { maxLength: 3 }),
      })
      .map((it): PolicyRule => ({ ...it, at }));
    const base = policyOf('spec: { rules: [{}] }');
    fc.assert(
      fc.property(rule, fc.constantFrom('ALLOW', 'DENY'), fc.constantFrom(FACTS, PLAIN, TCP), (it, action, facts) => {
        const policy = { ...base, action: action };
        assert.ok(['matches', 'differs', 'dropped'].includes(applyRule(policy, it, facts).kind));
        const both: PolicyField = {
          name: 'ports',
          values: [sourced('8080', at)],
          notValues: [sourced('8080', at)],
          at,
        };
        assert.notEqual(applyRule(policy, { ...it, when: [both] }, facts).kind, 'matches');
      }),
    );
  });

  it('a pattern without a star matches itself alone', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (pattern, text) => {
        fc.pre(!pattern.startsWith('*') && !pattern.endsWith('*'));
        assert.equal(matchesString(pattern, text), pattern === text);
      }),
    );
  });
});
