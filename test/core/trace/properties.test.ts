import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Location } from '../../../src/core/base/location.js';
import { buildSnapshot } from '../../../src/core/mesh/snapshot.js';
import type { Workspace } from '../../../src/core/mesh/workspace.js';
import type { Trace } from '../../../src/core/trace/path.js';
import { traceRequest } from '../../../src/core/trace/trace.js';
import { conformanceCases, snapshotOf, workspaceOf, type ConformanceCase } from '../../support/cases.js';

const cases = conformanceCases();

function everyTrace(check: (trace: Trace, label: string, it: ConformanceCase) => void): void {
  for (const it of cases) {
    const mesh = snapshotOf(it);
    for (const request of it.requests) check(traceRequest(mesh, request), `${it.name}/${request.name}`, it);
  }
}

/** A trace with places as file and offset, so that documents of another workspace can be compared. */
function told(trace: Trace, workspace: Workspace): string {
  const place = (at: Location): unknown => workspace.locate(at);
  return JSON.stringify(trace, (_, value: unknown) => {
    const isLocation = typeof value === 'object' && value !== null && 'doc' in value && 'start' in value;
    return isLocation ? place(value as Location) : value;
  });
}

describe('every trace', function () {
  this.timeout(60_000);

  it('has paths whose shares sum to one', () => {
    everyTrace((trace, label) => {
      const sum = trace.paths.reduce((total, it) => total + it.share, 0);
      assert.ok(Math.abs(sum - 1) < 1e-9, `${label}: ${sum}`);
    });
  });

  it('explains each of its decisions: by YAML, by an assumption or by a default', () => {
    everyTrace((trace, label) => {
      for (const path of trace.paths) {
        for (const hop of path.hops) {
          for (const it of hop.decisions) {
            const explained = it.evidence.length > 0 || it.assumptions.length > 0 || it.byDefault !== undefined;
            assert.ok(explained, `${label}: nothing explains «${it.stage}: ${it.chose}»`);
            assert.ok(it.because.length > 0 && it.chose.length > 0, `${label}: ${it.stage} says nothing`);
          }
        }
      }
    });
  });

  it('points at YAML that is there', () => {
    for (const it of cases) {
      const workspace = workspaceOf(it.files);
      const mesh = buildSnapshot(workspace.resources(), it.world);
      for (const request of it.requests) {
        for (const path of traceRequest(mesh, request).paths) {
          const places = path.hops.flatMap((hop) =>
            hop.decisions.flatMap((one) => [...one.evidence, ...one.rejected.flatMap((lost) => lost.evidence)]),
          );
          for (const at of places) {
            const found = workspace.locate(at);
            assert.ok(found && found.start < found.end, `${it.name}/${request.name}: ${JSON.stringify(at)} is nowhere`);
          }
        }
      }
    }
  });

  it('breaks in its last hop only, and says there that it does', () => {
    everyTrace((trace, label) => {
      for (const { hops, outcome } of trace.paths) {
        assert.ok(hops.length > 0, `${label}: no hop`);
        if (outcome.result !== 'unresolved' && outcome.result !== 'refused') continue;
        const broken = hops.at(-1)!.decisions.some((it) => it.state === 'broken');
        assert.ok(broken, `${label}: ends ${outcome.result}, and its last hop does not say so`);
      }
    });
  });

  it('is the same when asked again, and in a mesh with unrelated documents', () => {
    const unrelated = { uri: 'file:///zzz/unrelated.yaml', text: UNRELATED };
    for (const it of cases) {
      const first = workspaceOf(it.files);
      const second = workspaceOf([...it.files, unrelated]);
      const one = buildSnapshot(first.resources(), it.world);
      const two = buildSnapshot(second.resources(), it.world);
      for (const request of it.requests) {
        const label = `${it.name}/${request.name}`;
        const before = told(traceRequest(one, request), first);
        assert.equal(told(traceRequest(one, request), first), before, label);
        assert.equal(outcomes(traceRequest(two, request)), outcomes(traceRequest(one, request)), label);
      }
    }
  });

  it('is the same after edits as after a cold start', () => {
    for (const it of cases) {
      const edited = workspaceOf(
        it.files.map(({ uri, text }) => ({
          uri,
          text: `${text}\n---\nkind: Service\napiVersion: v1\nmetadata: {name: gone}\n`,
        })),
      );
      let mesh = buildSnapshot(edited.resources(), it.world);
      for (const request of it.requests) traceRequest(mesh, request);
      for (const { uri, text } of it.files) edited.setFile(uri, text);
      mesh = buildSnapshot(edited.resources(), it.world, mesh);
      const cold = workspaceOf(it.files);
      const fresh = buildSnapshot(cold.resources(), it.world);
      for (const request of it.requests) {
        assert.equal(
          told(traceRequest(mesh, request), edited),
          told(traceRequest(fresh, request), cold),
          `${it.name}/${request.name}`,
        );
      }
    }
  }).timeout(120_000);
});

describe('the engine', () => {
  it('survives meshes whose lines were lost, doubled or swapped', () => {
    const scripts = fc.array(
      fc.record({ line: fc.nat(), what: fc.constantFrom('lose', 'double', 'swap', 'cut', 'retype') }),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(fc.nat(cases.length - 1), scripts, (index, script) => {
        const it = cases[index]!;
        const files = it.files.map(({ uri, text }) => ({ uri, text: script.reduce(mutated, text) }));
        const mesh = buildSnapshot(workspaceOf(files).resources(), it.world);
        for (const request of it.requests) {
          const sum = traceRequest(mesh, request).paths.reduce((total, path) => total + path.share, 0);
          assert.ok(Math.abs(sum - 1) < 1e-6, `${it.name}/${request.name}: shares sum to ${sum}`);
        }
      }),
      { numRuns: 300 },
    );
  }).timeout(180_000);
});

function mutated(text: string, { line, what }: { line: number; what: string }): string {
  const lines = text.split('\n');
  const at = line % lines.length;
  switch (what) {
    case 'lose':
      lines.splice(at, 1);
      break;
    case 'double':
      lines.splice(at, 0, lines[at]!);
      break;
    case 'swap':
      [lines[at], lines[(at + 1) % lines.length]] = [lines[(at + 1) % lines.length]!, lines[at]!];
      break;
    case 'cut':
      lines[at] = lines[at]!.slice(0, Math.floor(lines[at]!.length / 2));
      break;
    case 'retype':
      lines[at] = lines[at]!.replace(/: .*/, ': [1, {a: b}]');
      break;
  }
  return lines.join('\n');
}

function outcomes(trace: Trace): string {
  return JSON.stringify(trace.paths.map((it) => [it.share, it.outcome, it.hops.map((hop) => [hop.place, hop.proxy])]));
}

const UNRELATED = `apiVersion: v1
kind: ConfigMap
metadata: { name: unrelated, namespace: zzz }
data: { a: b }
---
apiVersion: example.com/v1
kind: Widget
metadata: { name: unrelated, namespace: zzz }
spec: { hosts: ["*"] }
`;
