import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { decisionTitle } from '../../src/features/diagram-messages.js';
import type { Branch } from '../../src/features/diagram-model.js';
import { percent, toDiagram } from '../../src/features/diagram.js';
import { badgeLine } from '../../src/features/outcome-text.js';
import { conformanceDiagrams } from '../support/diagrams.js';
import { decide, hop, naming, place, traces } from '../support/traces.js';

const diagrams = Object.fromEntries(Object.entries(traces).map(([name, it]) => [name, toDiagram(it, naming)] as const));
const branches = Object.entries(diagrams).flatMap(([name, it]) =>
  it.branches.map((branch, index) => [`${name} ${index + 1}`, branch] as const),
);

function branch(name: keyof typeof traces, index = 0): Branch {
  const found = diagrams[name]?.branches[index];
  assert.ok(found);
  return found;
}

/** Messages as lines: `3 client → dns: look up reviews`. */
function lines({ messages, lanes }: Branch, controlPlane = false): string[] {
  const kind = (id: string): string => lanes.find((it) => it.id === id)?.kind ?? `? ${id}`;
  return messages
    .filter((it) => controlPlane || it.kind !== 'control')
    .map(({ number, from, to, text }) => {
      const where = from === to ? kind(from) : `${kind(from)} → ${kind(to)}`;
      return `${number ?? '-'} ${where}: ${text}`;
    });
}

function holdsTogether({ lanes, boxes, messages }: Branch, name = ''): void {
  const ids = lanes.map((it) => it.id);
  assert.equal(new Set(ids).size, ids.length, `${name}: lanes have names of their own`);
  assert.deepEqual(
    boxes.flatMap((it) => it.lanes),
    ids,
    `${name}: boxes hold neighbouring lanes, all of them`,
  );
  assert.equal(new Set(messages.map((it) => it.id)).size, messages.length, `${name}: messages have names of their own`);
  for (const { from, to } of messages) assert.ok(ids.includes(from) && ids.includes(to), name);
  const numbered = messages.filter((it) => it.number !== undefined);
  assert.deepEqual(
    numbered.map((it) => it.number),
    numbered.map((_, index) => index + 1),
    `${name}: numbers follow time`,
  );
  // where one message leaves the packet, the next one takes it up
  for (const [index, message] of numbered.entries()) {
    const before = numbered[index - 1];
    if (before) assert.equal(message.from, before.to, `${name}: ${before.text} | ${message.text}`);
  }
}

describe('diagram', () => {
  it('tells a delivered request from the client to its answer', () => {
    assert.deepEqual(lines(branch('canary')), [
      '1 client: GET http://reviews:9080/reviews/1',
      '2 client → dns: look up reviews',
      '3 dns → client: resolve name: reviews.shop.svc.cluster.local → 10.96.0.12',
      '4 client → iptables: GET /reviews/1 → 10.96.0.12:9080',
      '5 iptables → sidecar: capture: to Envoy on 127.0.0.1:15001',
      '6 sidecar: choose listener: 0.0.0.0_9080',
      '7 sidecar: choose filter chain: HTTP connection manager',
      '8 sidecar: choose virtual host: reviews.shop.svc.cluster.local:9080',
      '9 sidecar: match route #2 (every request) → reviews v1 90 %, reviews v3 10 %',
      '10 sidecar: split by weight: reviews v1 with 90 of 100',
      '11 sidecar: find cluster: outbound|9080|v1|reviews.shop.svc.cluster.local',
      '12 sidecar: pick endpoint: 10.244.0.11:9080 (shop/reviews-v1)',
      '13 sidecar → node: connect upstream: mTLS to 10.244.0.11:9080',
      '14 node → iptables: pass node: routed to 10.244.0.11',
      '15 iptables → sidecar: capture: to Envoy on port 15006',
      '16 sidecar: accept connection: filter chain 0.0.0.0_9080 with mTLS',
      '17 sidecar: authenticate peer: spiffe://cluster.local/ns/shop/sa/productpage',
      '18 sidecar: authorize: ALLOW by shop/reviews-viewers rule #1',
      '19 sidecar → app: GET /reviews/1 → 10.244.0.11:9080',
      '20 app: reach application: container port 9080',
      '21 app → client: 200 · shop/reviews-v1:9080',
    ]);
  });

  it('ends a broken path red, and says what the caller gets', () => {
    const { messages, badge } = branch('canary', 1);
    const [end, answer] = messages.slice(-2);
    assert.equal(end?.state, 'broken');
    assert.equal(end.text, 'pick endpoint: no endpoint');
    assert.equal(answer?.kind, 'response');
    assert.equal(answer.state, 'broken');
    assert.equal(answer.text, '503 UH · no healthy upstream · reviews v3');
    assert.equal(badgeLine(badge), answer.text);
    assert.match(answer.spoken, /^client app shop\/productpage gets 503 UH/);
  });

  it('ends where a name does not resolve', () => {
    assert.deepEqual(lines(branch('unresolved')), [
      '1 client: GET http://rewiews:9080/',
      '2 client → dns: look up rewiews',
      '3 dns: resolve name: no such name',
      '4 dns → client: no address · the name does not resolve',
    ]);
  });

  it('keeps the lanes of a pod together and boxes them', () => {
    const { lanes, boxes } = branch('canary');
    assert.deepEqual(
      boxes.map((it) => [it.kind, it.label, it.lanes.map((id) => lanes.find((lane) => lane.id === id)?.label)]),
      [
        ['pod', 'shop/productpage', ['productpage', 'iptables', 'Envoy']],
        ['node', 'cluster DNS', ['kube-dns']],
        ['node', 'node', ['kube-proxy']],
        ['pod', 'shop/reviews-v1', ['iptables', 'Envoy', 'reviews-v1']],
        ['control-plane', 'control plane', ['kube-apiserver', 'istiod', 'CA']],
      ],
    );
    assert.deepEqual(
      branch('ingress').boxes.map((it) => it.kind),
      ['outside', 'node', 'edge', 'pod', 'control-plane'],
    );
  });

  it('gives a pod that calls itself a lane for each of its sides', () => {
    const packet = traces.canary.paths[0]?.hops[0]?.packet;
    assert.ok(packet);
    const hops = (['client', 'server'] as const).map((side) => hop(place.sidecar('shop/cart', side), packet, []));
    const path = {
      share: 1,
      label: '',
      hops,
      outcome: { result: 'delivered', endpoints: [] },
      mirrors: [],
      assumptions: [],
    } as const;
    const [drawn] = toDiagram({ request: traces.canary.request, paths: [path] }, naming).branches;
    assert.equal(drawn?.lanes.length, 2);
    assert.equal(drawn.boxes.length, 2);
  });

  it('draws each control-plane call once, before the first decision that lives on it', () => {
    const drawn = branch('canary');
    const calls = drawn.messages.filter((it) => it.kind === 'control');
    assert.equal(new Set(calls.map((it) => it.id)).size, calls.length);
    assert.ok(calls.every((it) => it.number === undefined));
    const all = lines(drawn, true);
    assert.equal(
      all[all.findIndex((it) => it.includes('choose virtual host')) - 1],
      '- istiod → sidecar: RDS: route configuration 9080',
    );
    assert.ok(all.includes('- sidecar → ca: CSR: certificate of shop/reviews-v1'));
    // a decision still names all the calls it lives on
    const chain = drawn.messages.find((it) => it.detail.stage === 'choose filter chain');
    assert.deepEqual(chain?.detail.calls, ['LDS · istiod → Envoy shop/productpage · listener 0.0.0.0_9080']);
  });

  it('says all about a decision', () => {
    const { detail, spoken } = branch('canary', 1).messages.at(-2) ?? assert.fail();
    assert.deepEqual(
      detail.evidence.map((it) => it.text),
      ['destination-rule.yaml:13 labels: { version: v3 }'],
    );
    assert.deepEqual(
      detail.rejected.map((it) => `${it.name}: ${it.because}, ${it.evidence[0]?.text}`),
      [
        'pod shop/reviews-v1: version is v1, reviews.yaml:29 version: v1',
        'pod shop/reviews-v2: version is v2, reviews.yaml:58 version: v2',
      ],
    );
    assert.equal(detail.place, 'Envoy sidecar of shop/productpage');
    assert.deepEqual(detail.envoy.at(-1), ['response', '503 UH no_healthy_upstream']);
    assert.equal(
      spoken,
      'Envoy sidecar of shop/productpage, pick endpoint: no endpoint. No pod carries version=v3 (pods have v1, v2). This breaks the path.',
    );
  });

  it('names the command that shows the same on a live cluster', () => {
    const verify = (stage: string): string | undefined =>
      branch('canary').messages.find((it) => it.detail.stage === stage)?.detail.verify;
    assert.equal(
      verify('send request'),
      'kubectl exec -n shop deploy/productpage -- curl -sv http://reviews:9080/reviews/1',
    );
    assert.equal(verify('match route'), 'istioctl proxy-config routes deploy/productpage.shop --name 9080 -o json');
    assert.equal(
      verify('pick endpoint'),
      "istioctl proxy-config endpoints deploy/productpage.shop --cluster 'outbound|9080|v1|reviews.shop.svc.cluster.local'",
    );
    assert.equal(verify('pass node'), 'kubectl get endpointslices -n shop -l kubernetes.io/service-name=reviews');
  });

  it('names other kinds of workloads in commands', () => {
    const { branches } = toDiagram(traces.canary, { ...naming, resource: (pod) => `pod/${pod.split('/')[1]}` });
    const capture = branches[0]?.messages.find((it) => it.detail.stage === 'capture');
    assert.equal(capture?.detail.verify, 'kubectl logs -n shop pod/productpage -c istio-init');
  });

  for (const [name, drawn] of branches) it(`holds together: ${name}`, () => holdsTogether(drawn));

  it('holds together for whatever the engine answers', () => {
    for (const [name, { branches }] of conformanceDiagrams()) {
      for (const drawn of branches) holdsTogether(drawn, name);
    }
  }).timeout(60_000);

  it('calls clusters in labels as people do', () => {
    const [everyone] = [...conformanceDiagrams('canary-weights')];
    assert.deepEqual(
      everyone?.[1].branches.map((it) => it.label),
      ['90 % → cart stable', '10 % → cart canary'],
    );
  });

  it('merges the noun of a stage with what was chosen', () => {
    assert.equal(decisionTitle(decide('match route', 'route #2 → v1', '')), 'match route #2 → v1');
    assert.equal(decisionTitle(decide('match route', 'no route', '')), 'match route: no route');
  });

  it('shows no more digits of a share than tell', () => {
    assert.deepEqual([1, 0.9, 1 / 3, 0.0005].map(percent), ['100 %', '90 %', '33.3 %', '0.05 %']);
  });
});
