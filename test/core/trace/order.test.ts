import assert from 'node:assert/strict';
import type { Decision, Hop, Path, StageName } from '../../../src/core/trace/path.js';
import type { TraceRequest } from '../../../src/core/trace/request.js';
import { traceRequest } from '../../../src/core/trace/trace.js';
import { conformanceCases, snapshotOf } from '../../support/cases.js';
import type { MeshSnapshot } from '../../../src/core/mesh/snapshot.js';

/*
 * In which order places and decisions follow each other on the way, asked of every request of test/conformance; what each decides is
 * compared there with what real proxies did.
 */

interface Traced {
  readonly name: string;
  readonly mesh: MeshSnapshot;
  readonly request: TraceRequest;
  readonly path: Path;
}

const traced: readonly Traced[] = conformanceCases().flatMap((it) => {
  const mesh = snapshotOf(it);
  return it.requests.flatMap((request) =>
    traceRequest(mesh, request).paths.map((path) => ({ name: `${it.name}/${request.name}`, mesh, request, path })),
  );
});

/** Those that a pod sends. */
const sent = traced.filter((it) => 'pod' in it.request.from);

/** A proxy's decisions, in the order in which Envoy makes them; those of one line have none among themselves. */
const IN_A_PROXY: readonly (readonly StageName[])[] = [
  ['choose listener'],
  ['choose filter chain'],
  ['accept connection', 'authenticate peer'],
  ['authenticate request'],
  ['authorize'],
  ['choose virtual host'],
  ['match route'],
  ['split by weight'],
  ['redirect', 'respond directly', 'inject fault', 'answer CORS', 'rewrite request', 'mirror'],
  ['find cluster'],
  ['pick endpoint'],
  ['connect upstream'],
  ['retry'],
  ['time out'],
];

function kinds(path: Path): string {
  return path.hops.map((it) => it.place.kind).join(' ');
}

function hopOf(path: Path, kind: Hop['place']['kind'], side: Hop['place']['side']): Hop | undefined {
  return path.hops.find((it) => it.place.kind === kind && it.place.side === side);
}

function decided(hop: Hop | undefined, stage: StageName): Decision | undefined {
  return hop?.decisions.find((it) => it.stage === stage);
}

const stagesOf = (hop: Hop): readonly StageName[] => hop.decisions.map((it) => it.stage);

/** Fails with the names of all for which `holds` does not. */
function each(all: readonly Traced[], holds: (it: Traced) => boolean): void {
  assert.ok(all.length > 0, 'no request shows it');
  assert.deepEqual(
    all.filter((it) => !holds(it)).map((it) => `${it.name}: ${kinds(it.path)}`),
    [],
  );
}

describe('the way of a request', () => {
  it('begins with the name, unless an address is dialed (TR-1)', () => {
    each(sent, ({ request, path }) => {
      const literal = request.to.ip !== undefined || /^[\d.]+$/.test(request.to.host);
      return kinds(path).startsWith(literal ? 'client iptables' : 'client dns');
    });
    each(
      sent.filter((it) => it.path.outcome.result === 'unresolved'),
      ({ path }) => kinds(path) === 'client dns',
    );
  });

  it('has no proxy at the client when the pod has none (TR-2)', () => {
    const bare = sent.filter(({ mesh, request }) => {
      return 'pod' in request.from && mesh.podsOf(request.from.pod)[0]?.proxy.value === 'none';
    });
    each(bare, ({ path }) => hopOf(path, 'sidecar', 'client') === undefined);
  });

  it('passes the client’s iptables before its sidecar, and past it only when they say so (TR-3)', () => {
    each(
      sent.filter((it) => hopOf(it.path, 'sidecar', 'client')),
      ({ path }) => /^client (dns )?iptables sidecar/.test(kinds(path)),
    );
  });

  it('goes from listener to chain, then to HTTP or straight to a cluster (TR-5, TR-6, TR-7)', () => {
    const atClients = sent.filter((it) => hopOf(it.path, 'sidecar', 'client'));
    each(atClients, ({ path }) => {
      const stages = stagesOf(hopOf(path, 'sidecar', 'client')!);
      return stages[0] === 'choose listener' && stages[1] === 'choose filter chain';
    });
    const ofKind = (kind: 'http' | 'tcp'): Traced[] =>
      atClients.filter((it) => hopOf(it.path, 'sidecar', 'client')!.proxy?.kind === kind);
    each(ofKind('http'), ({ path }) => stagesOf(hopOf(path, 'sidecar', 'client')!)[2] === 'choose virtual host');
    each(ofKind('tcp'), ({ path }) => {
      const stages = stagesOf(hopOf(path, 'sidecar', 'client')!);
      return !stages.includes('choose virtual host') && stages.includes('find cluster');
    });
  });

  it('lets no proxy decide out of turn (TR-6, TR-8, TR-9, TR-11)', () => {
    each(traced, ({ path }) =>
      path.hops
        .filter((it) => it.place.kind === 'sidecar' && it.place.side === 'client')
        .every((hop) => isSorted(stagesOf(hop).map(turnOf))),
    );
    // a server's proxy has its one route after its policies
    each(traced, ({ path }) =>
      path.hops
        .filter((it) => it.place.kind === 'sidecar' && it.place.side === 'server')
        .every((hop) => isSorted(stagesOf(hop).map(turnOf))),
    );
  });

  it('picks an endpoint only of a cluster that is there (TR-8, TR-9)', () => {
    each(
      sent.filter((it) => decided(hopOf(it.path, 'sidecar', 'client'), 'find cluster')?.state === 'broken'),
      ({ path }) => stagesOf(hopOf(path, 'sidecar', 'client')!).at(-1) === 'find cluster',
    );
    each(
      sent.filter((it) => decided(hopOf(it.path, 'sidecar', 'client'), 'pick endpoint')?.state === 'broken'),
      ({ path }) => stagesOf(hopOf(path, 'sidecar', 'client')!).at(-1) === 'pick endpoint',
    );
  });

  it('enters a meshed server by its iptables and its sidecar, each other one by the pod alone (TR-10)', () => {
    each(
      traced.filter((it) => hopOf(it.path, 'sidecar', 'server')),
      ({ path }) => / iptables sidecar( app| external)?$/.test(kinds(path)),
    );
    each(
      traced.filter((it) => /(sidecar|node) iptables app$/.test(kinds(it.path))),
      ({ path }) => decided(path.hops.at(-2), 'accept connection')?.chose === 'the application',
    );
  });

  it('ends at an application just when one was reached (TR-12)', () => {
    each(
      traced.filter((it) => it.path.outcome.result === 'delivered'),
      ({ path }) => ['app', 'external'].includes(path.hops.at(-1)!.place.kind),
    );
  });

  it('leaves a log line at each proxy that took it on, and says what the control plane sent there (TR-13, OBS-1)', () => {
    const proxies: readonly string[] = ['sidecar', 'gateway'];
    each(traced, ({ path }) => path.hops.every((it) => it.proxy === undefined || proxies.includes(it.place.kind)));
    each(
      sent.filter((it) => hopOf(it.path, 'sidecar', 'client')),
      ({ path }) => {
        const { proxy, decisions } = hopOf(path, 'sidecar', 'client')!;
        return proxy !== undefined && decisions[0]!.calls.length > 0;
      },
    );
    each(
      traced.filter((it) => kinds(it.path).endsWith('sidecar app') && it.path.outcome.result === 'delivered'),
      ({ path }) => path.hops.at(-2)!.proxy !== undefined,
    );
  });
});

function turnOf(stage: StageName): number {
  return IN_A_PROXY.findIndex((it) => it.includes(stage));
}

/** One route of a server's proxy comes after what allows the request; nothing else comes twice. */
function isSorted(turns: readonly number[]): boolean {
  return turns.every((turn, index) => turn >= 0 && (index === 0 || turn >= turns[index - 1]!));
}
