import assert from 'node:assert/strict';
import type { Hop, Path, ProxyLog } from '../../../src/core/trace/path.js';
import { traceRequest } from '../../../src/core/trace/trace.js';
import { conformanceCases, snapshotOf } from '../../support/cases.js';

const paths: readonly Path[] = conformanceCases().flatMap((it) => {
  const mesh = snapshotOf(it);
  return it.requests.flatMap((request) => traceRequest(mesh, request).paths);
});

interface Logs {
  readonly path: Path;
  readonly client: ProxyLog;
  readonly server: ProxyLog | undefined;
}

/** HTTP from one sidecar straight to what the request was for. */
const ofMesh: readonly Logs[] = paths.flatMap((path) => {
  const at = (side: Hop['place']['side']): Hop[] =>
    path.hops.filter((it) => it.place.kind === 'sidecar' && it.place.side === side);
  const [client, ...more] = at('client');
  const servers = at('server');
  const detour = more.length > 0 || servers.length > 1 || path.hops.some((it) => it.place.kind === 'gateway');
  if (client?.proxy?.kind !== 'http' || detour) return [];
  return { path, client: client.proxy, server: servers[0]?.proxy };
});

const delivered = ofMesh.filter((it) => it.path.outcome.result === 'delivered');
const overMeshTls = delivered.filter((it) => it.server?.kind === 'http' && it.server.tlsFromClient && it.server.peer);

function each(all: readonly Logs[], holds: (it: Logs) => boolean): void {
  assert.ok(all.length > 0, 'no request shows it');
  assert.deepEqual(
    all.filter((it) => !holds(it)).map(({ client, server }) => ({ client, server })),
    [],
  );
}

describe('access logs', () => {
  it('have one line at the client and one at the server (OBS-1)', () => {
    each(overMeshTls, ({ client, server }) => client.side === 'outbound' && server?.side === 'inbound');
  });

  it('say what YAML decides of the default format (OBS-2)', () => {
    const fields = ['authority', 'path', 'status', 'details', 'cluster', 'route'] as const;
    each(overMeshTls, ({ client, server }) =>
      fields.every((it) => it === 'route' || (client[it] !== undefined && server?.[it] !== undefined)),
    );
  });

  it('say the same of what was answered upstream, each in its own words (OBS-3)', () => {
    each(overMeshTls, ({ client, server }) => client.details === 'via_upstream' && server?.details === 'via_upstream');
    each(
      overMeshTls,
      ({ client, server }) =>
        (/^outbound\|/.test(client.cluster!) || client.cluster === 'PassthroughCluster') &&
        /^(inbound\||InboundPassthrough)/.test(server!.cluster!),
    );
    each(
      overMeshTls.filter((it) => it.server?.kind === 'http'),
      ({ server }) => server?.route === 'default' && server.routeConfig !== undefined,
    );
  });

  it('carry the SNI of mesh TLS at the server alone (OBS-3)', () => {
    each(overMeshTls, ({ client, server }) => client.sni === undefined && /^outbound_\./.test(server!.sni ?? ''));
    each(
      delivered.filter((it) => it.client.cluster === 'PassthroughCluster' && it.server !== undefined),
      ({ server }) => server?.sni === undefined && server?.tlsFromClient === false,
    );
  });

  it('of a refusal by the server’s policies have the reason at the server, and no flag at the client (OBS-3)', () => {
    const refused = ofMesh.filter(({ server }) => /^(rbac|jwt)_/.test(server?.details ?? ''));
    each(
      refused,
      ({ client, server }) =>
        client.status === server?.status && (client.flags ?? '-') === '-' && client.details === 'via_upstream',
    );
  });

  it('of what the client’s proxy answers have no line at the server (OBS-3)', () => {
    const own = ofMesh.filter(({ client }) =>
      /^(direct_response|route_not_found|cluster_not_found|no_healthy_upstream|fault_filter_abort|cors_response)$/.test(
        client.details ?? '',
      ),
    );
    each(own, ({ path }) => path.hops.at(-1)!.place.side === 'client');
  });

  it('use only Envoy’s flags, in the order in which Envoy writes them (OBS-4)', () => {
    const flags = new Set(paths.flatMap((path) => path.hops.flatMap((it) => it.proxy?.flags ?? [])));
    const known = [
      'NR',
      'NC',
      'UH',
      'UF',
      'UC',
      'UO',
      'UT',
      'URX',
      'UF,URX',
      'UR',
      'UPE',
      'DPE',
      'DC',
      'URX,UT',
      'DI',
      'FI',
      'DI,FI',
      'DF',
      '-',
    ];
    assert.deepEqual(
      [...flags].filter((it) => !known.includes(it)),
      [],
    );
    for (const it of ['NR', 'NC', 'UH', 'UC', 'UT', 'FI', 'DI', 'UR']) assert.ok(flags.has(it), `nothing shows ${it}`);
  });

  it('name neither table nor host nor route when no route matched (OBS-7)', () => {
    const none = ofMesh.filter((it) => it.client.details === 'route_not_found');
    // a gRPC client reads 404 as a header of its own, under status 200
    each(
      none,
      ({ client }) => /404|200/.test(String(client.status)) && client.flags === 'NR' && client.cluster === undefined,
    );
    each(none, ({ client }) => client.virtualHost === undefined && client.route === undefined);
  });
});
