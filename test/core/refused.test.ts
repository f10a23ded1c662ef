import assert from 'node:assert/strict';
import { refusalOf } from '../../src/core/mesh/refused.js';
import { Workspace } from '../../src/core/mesh/workspace.js';
import { istio } from '../support/small-mesh.js';

/** What Istio's webhook says of an object: the text of the place it points at, why and by which rules. */
function refusal(
  kind: string,
  spec: string,
  metadata = '',
): { at: string; because: string; rules: string } | undefined {
  const workspace = new Workspace();
  const text = istio(kind, 'shop/it', spec, metadata);
  workspace.setFile('file:///it.yaml', text);
  const found = refusalOf([...workspace.resources()][0]!);
  const place = found && workspace.locate(found.at);
  return found && { at: text.slice(place!.start, place!.end), because: found.because, rules: found.rules.join(' ') };
}

const cart = 'route: [{destination: {host: cart}}]';
const http = (entry: string): string => `hosts: [cart], http: [${entry}]`;
const rule = (policy: string): string => `host: cart, trafficPolicy: {${policy}}`;

describe('objects that Istio refuses (GEN-10)', () => {
  /** Kind, spec, the place it is refused for, and the rule that says so; neither when it is taken. */
  const cases: readonly (readonly [string, string, string?, string?])[] = [
    ['VirtualService', http(`{${cart}}`)],
    ['VirtualService', http(`{name: on, ${cart}}`), 'on', 'GEN-10'],
    ['VirtualService', http(`{name: "on", ${cart}}`)],
    ['VirtualService', `hosts: ["*"], http: [{${cart}}]`, '*', 'VS-1'],
    ['VirtualService', `hosts: ["*"], gateways: [g], http: [{${cart}}]`],
    ['VirtualService', `hosts: ["*.a.example", b.a.example], http: [{${cart}}]`, 'b.a.example', 'GEN-10'],
    ['VirtualService', `gateways: [g], http: [{${cart}}]`, 'gateways', 'VS-7'],
    ['VirtualService', 'http: [{delegate: {name: other}}]', 'delegate', 'VS-7'],
    ['VirtualService', http('{delegate: {name: other}}')],
    ['VirtualService', http('{match: [{uri: {prefix: /}}]}'), '{match: [{uri: {prefix: /}}]}', 'DST-8'],
    ['VirtualService', http(`{match: [{uri: {regex: "(?!a)"}}], ${cart}}`), '(?!a)', 'RT-4'],
    ['VirtualService', http(`{match: [{headers: {x: {regex: "*"}}}], ${cart}}`), '*', 'RT-5'],
    [
      'VirtualService',
      http(`{match: [{headers: {"@request.auth.claims.sub": {exact: a}}}], ${cart}}`),
      '@request.auth.claims.sub',
      'RT-9',
    ],
    ['VirtualService', http('{redirect: {uri: /a, prefixRewrite: /b}}'), 'prefixRewrite', 'ACT-2'],
    ['VirtualService', http(`{redirect: {uri: /a}, ${cart}}`), 'route', 'ACT-3'],
    ['VirtualService', http('{directResponse: {status: 99}}'), '99', 'ACT-3'],
    ['VirtualService', http(`{rewrite: {}, ${cart}}`), '{}', 'ACT-4'],
    ['VirtualService', http(`{rewrite: {authority: a}, headers: {request: {set: {Host: b}}}, ${cart}}`), 'b', 'ACT-4'],
    ['VirtualService', http(`{timeout: 0s, ${cart}}`), '0s', 'GEN-10'],
    ['VirtualService', http(`{timeout: 1ms, ${cart}}`)],
    ['VirtualService', http(`{retries: {attempts: 0, retryOn: 5xx}, ${cart}}`), 'retryOn', 'ACT-6'],
    ['VirtualService', http(`{retries: {attempts: 0}, ${cart}}`)],
    ['VirtualService', http(`{retries: {attempts: 1, retryOn: "5xx, reset"}, ${cart}}`), '5xx, reset', 'ACT-6'],
    ['VirtualService', http(`{fault: {abort: {grpcStatus: LATE}}, ${cart}}`), 'LATE', 'ACT-7'],
    ['VirtualService', http(`{corsPolicy: {allowMethods: [FETCH]}, ${cart}}`), 'FETCH', 'ACT-8'],
    ['VirtualService', http(`{mirror: {host: a}, mirrors: [{destination: {host: b}}], ${cart}}`), 'mirrors', 'ACT-9'],
    ['VirtualService', http('{route: [{destination: {host: a}, weight: -1}]}'), '-1', 'GEN-10'],
    [
      'VirtualService',
      'hosts: [a.example], tls: [{match: [{sniHosts: [b.example]}], ' + cart + '}]',
      'b.example',
      'SNI-2',
    ],
    ['DestinationRule', rule('loadBalancer: {simple: RANDOM}')],
    ['DestinationRule', `host: cart, workloadSelector: {matchLabels: {a: b}}, exportTo: ["*"]`, '*', 'DR-3'],
    ['DestinationRule', rule('outlierDetection: {interval: 0s}'), '0s', 'GEN-10'],
    ['ServiceEntry', 'hosts: [a.example], ports: [{number: 80, name: http}], resolution: DNS'],
    ['ServiceEntry', 'hosts: ["*"], ports: [{number: 80, name: http}]', '*', 'GEN-10'],
    ['ServiceEntry', 'hosts: [a.example], addresses: [10.0/8], ports: [{number: 80, name: http}]', '10.0/8', 'GEN-10'],
    ['Sidecar', 'egress: [{hosts: [shop]}]', 'shop', 'SCO-2'],
    ['Sidecar', 'egress: [{hosts: ["./*"]}]'],
  ];
  for (const [kind, spec, at, ruleId] of cases) {
    it(`${kind} {${spec}}: ${at === undefined ? 'taken' : 'refused'}`, () => {
      const found = refusal(kind, spec);
      if (at === undefined) return assert.equal(found, undefined);
      assert.ok(found, 'taken');
      assert.equal(found.at, at);
      assert.match(found.rules, new RegExp(`\\b${ruleId}\\b`));
      assert.ok(found.because.length > 8);
    });
  }

  it('are refused for an annotation that Istio keeps to itself', () => {
    const found = refusal('VirtualService', http(`{${cart}}`), 'annotations: {internal.istio.io/parents: x}');
    assert.match(found?.because ?? '', /internal\.istio\.io\/parents/);
  });
});
