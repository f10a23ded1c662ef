import assert from 'node:assert/strict';
import type { ControlPlaneCall, StageName } from '../../../src/core/trace/path.js';
import { buildSnapshot } from '../../../src/core/mesh/snapshot.js';
import { traceRequest } from '../../../src/core/trace/trace.js';
import { readQuestion } from '../../support/ask.js';
import { conformanceCases, snapshotOf } from '../../support/cases.js';
import { readFixture, workspaceOf } from '../../support/fixture.js';

interface Told {
  readonly stage: StageName;
  readonly kind: ControlPlaneCall['kind'];
  /** Without the names of pods. */
  readonly way: string;
}

/** DNS is captured in none of the cases, which is a fixture's story. */
const captured = readFixture('trace/dns-of-entries.yaml');
const meshes = [
  ...conformanceCases().map((it) => ({ mesh: snapshotOf(it), requests: it.requests })),
  {
    mesh: buildSnapshot(workspaceOf(captured).resources()),
    requests: captured.questions.map((it) => readQuestion(it.ask)),
  },
];

const told: readonly Told[] = meshes.flatMap(({ mesh, requests }) =>
  requests
    .flatMap((request) => traceRequest(mesh, request).paths)
    .flatMap((path) => path.hops.flatMap((hop) => hop.decisions))
    .flatMap(({ stage, calls }) =>
      calls.map(({ kind, from, to }) => ({ stage, kind, way: `${withoutPod(from)} → ${withoutPod(to)}` })),
    ),
);

function withoutPod(name: string): string {
  return name.replace(/ \S+\/\S+$/, '');
}

const kindsAt = (stage: StageName): string[] =>
  [...new Set(told.filter((it) => it.stage === stage).map((it) => it.kind))].sort();

const waysOf = (kind: ControlPlaneCall['kind']): string[] =>
  [...new Set(told.filter((it) => it.kind === kind).map((it) => it.way))].sort();

describe('calls of the control plane', () => {
  it('are named where their data is read, and nowhere else (CP-5)', () => {
    const expected: Partial<Record<StageName, readonly string[]>> = {
      'resolve name': ['DNS watch', 'NDS', 'watch'],
      capture: ['webhook'],
      'choose listener': ['LDS', 'watch'],
      'choose filter chain': ['LDS', 'watch'],
      'choose virtual host': ['RDS', 'watch'],
      'find cluster': ['CDS', 'watch'],
      // the addresses of a DNS cluster are part of it
      'pick endpoint': ['CDS', 'EDS', 'watch'],
      'connect upstream': ['CSR', 'SDS'],
      'pass node': ['kube-proxy watch'],
      'accept connection': ['SDS'],
      'authenticate peer': ['SDS'],
      'authenticate request': ['LDS', 'watch'],
      authorize: ['LDS', 'watch'],
    };
    const stages = [...new Set(told.map((it) => it.stage))];
    assert.deepEqual(Object.fromEntries(stages.map((it) => [it, kindsAt(it)])), {
      ...Object.fromEntries(stages.map((it) => [it, []])),
      ...expected,
    });
  });

  it('go from istiod to an Envoy, by the agent’s one stream (CP-2)', () => {
    for (const kind of ['LDS', 'RDS', 'CDS', 'EDS'] as const) assert.deepEqual(waysOf(kind), ['istiod → Envoy'], kind);
    assert.deepEqual(waysOf('NDS'), ['istiod → istio-agent']);
  });

  it('bring a workload’s certificate from its agent, and a gateway’s own from istiod (CP-3)', () => {
    const of = (stage: StageName): string[] => [
      ...new Set(told.filter((it) => it.kind === 'SDS' && it.stage === stage).map((it) => it.way)),
    ];
    assert.deepEqual(of('connect upstream'), ['istio-agent → Envoy']);
    assert.deepEqual(of('authenticate peer'), ['istio-agent → Envoy']);
    assert.deepEqual(of('accept connection'), ['istiod → Envoy']);
    assert.deepEqual(waysOf('CSR'), ['istio-agent → istiod']);
  });

  it('start at the API server for everybody who watches it (CP-1)', () => {
    assert.deepEqual(waysOf('webhook'), ['kube-apiserver → istiod']);
    assert.deepEqual(waysOf('watch'), ['kube-apiserver → istiod']);
    assert.deepEqual(waysOf('kube-proxy watch'), ['kube-apiserver → kube-proxy']);
    assert.deepEqual(waysOf('DNS watch'), ['kube-apiserver → cluster DNS']);
  });
});
