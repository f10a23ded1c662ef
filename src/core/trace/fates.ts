import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { Cluster } from '../xds/config.js';
import type { Proxy } from '../xds/proxy.js';
import type { AppMessage } from './arrival.js';
import { decision } from './decide.js';
import { landAt, type Landing } from './land.js';
import type { Hop } from './path.js';
import { certificateTrouble, connectUpstream, type Connection } from './stages/connect-upstream.js';
import type { Attempt } from './stages/retry.js';
import type { Target } from './targets.js';

/** Addresses at which a request fares alike. */
export interface Fate {
  readonly share: number;
  /** Of those that arrive at one target. */
  readonly part: number;
  readonly label: string;
  readonly targets: readonly Target[];
  /** How outcomes name what may be reached, each address once: pods of one workload share a name. */
  readonly ids: readonly string[];
  readonly connection: Connection;
  /** What a try comes to; applications may answer the first ones differently. */
  landing(attempt: number): FateLanding;
}

export type FateLanding = Omit<Landing, 'result' | 'share' | 'label'> & {
  readonly result: Exclude<Attempt, { kind: 'too-slow' }>;
};

/** What is sent off, and as what. */
export interface Sending {
  readonly mesh: MeshSnapshot;
  readonly proxy: Proxy;
  readonly cluster: Cluster;
  readonly message: AppMessage;
  readonly kind: 'http' | 'tcp';
}

/** The targets, put together by what becomes of a request there. */
export function fatesOf(sending: Sending, targets: readonly Target[]): readonly Fate[] {
  const groups = new Map<string, Fate>();
  const seen = new Map<string, readonly Fate[]>();
  for (const target of targets) {
    // pods that one template made differ in nothing but their address
    const twin = twinKey(target);
    const alone = (twin === undefined ? undefined : seen.get(twin)) ?? fatesAt(sending, target);
    if (twin !== undefined) seen.set(twin, alone);
    for (const fate of alone) {
      const mine = { ...fate, targets: [target], share: fate.part * target.share };
      // a spare endpoint, which only retries may meet, stands for itself
      const key = `${keyOf(fate, sending.kind)}${target.share > 0 ? '' : ' spare'}`;
      const group = groups.get(key);
      groups.set(key, group ? joined(group, mine) : mine);
    }
  }
  return [...groups.values()];
}

function twinKey({ at, endpoint, node }: Target): string | undefined {
  if ('kind' in at || !at.pod?.synthetic || node) return undefined;
  return `${at.id} ${endpoint?.mutual} ${at.pod.ready}`;
}

function joined(group: Fate, more: Fate): Fate {
  // behind two pods of a gateway there are the same applications
  const ids = group.landing(1).endpoints ? group.ids : [...group.ids, ...more.ids].sort();
  return { ...group, share: group.share + more.share, targets: [...group.targets, ...more.targets], ids };
}

/** One target; a gateway may lead on in several ways. */
function fatesAt(sending: Sending, target: Target): Fate[] {
  const { mesh, proxy, cluster, message, kind } = sending;
  const { at, endpoint } = target;
  const id = 'kind' in at ? `${target.ip}:${target.port}` : at.id;
  const address = 'kind' in at ? { ip: target.ip, port: target.port, id } : { ip: at.ip, port: at.port, id };
  const connection = connectUpstream(mesh, proxy, cluster, endpoint, address, message, kind);
  const tries = new Map<number, readonly Landing[]>();
  const land = (attempt: number): readonly Landing[] => {
    const known = tries.get(attempt);
    if (known) return known;
    const made = landings(sending, target, connection, attempt);
    tries.set(attempt, made);
    return made;
  };
  const common = { targets: [target], connection };
  if ('kind' in at) {
    const result = { kind: at.kind, because: at.because };
    const landing: FateLanding = { hops: hopsOf(target), result, endpoints: undefined, mirrors: [] };
    return [{ ...common, share: target.share, part: 1, label: '', ids: [id], landing: () => landing }];
  }
  return land(1).map((first, index) => ({
    ...common,
    share: target.share * first.share,
    part: first.share,
    label: first.label,
    ids: reached(first, id),
    landing: (attempt) => {
      const it = land(attempt)[index] ?? first;
      return { ...it, hops: [...hopsOf(target), ...it.hops] };
    },
  }));
}

function hopsOf({ node }: Target): Landing['hops'] {
  return node ? [node] : [];
}

/** The port may be another one than was dialed, where the server's Sidecar leads elsewhere (IN-5). */
function reached({ endpoints, result }: Landing, id: string): readonly string[] {
  if (endpoints) return endpoints;
  return result.kind === 'answered' && result.port !== undefined ? [id.replace(/:\d+$/, `:${result.port}`)] : [id];
}

function landings(sending: Sending, { at }: Target, connection: Connection, attempt: number): readonly Landing[] {
  if ('kind' in at) return [];
  const { mesh, cluster } = sending;
  const { arrival, encrypted } = connection;
  const missing = 'secretMissing' in cluster.tls ? cluster.tls.secretMissing : undefined;
  if (missing !== undefined) {
    const result = {
      kind: 'tls-failure',
      transport: 'TLS_error:_Secret_is_not_supplied_by_SDS',
      because: missing,
    } as const;
    return [{ share: 1, label: '', hops: [], result, endpoints: undefined, mirrors: [] }];
  }
  const landed = landAt(mesh, at, { ...arrival, attempt });
  if (!encrypted) return landed;
  return landed.map((it) => {
    if (it.result.kind === 'refused' || it.result.kind === 'tls-failure') return it;
    const because = certificateTrouble(mesh, cluster, arrival.tls, at, tookOffTls(it));
    return because === undefined ? it : { ...it, ...rejected(it, because) };
  });
}

/** Whether the server's proxy ended the TLS, by what it wrote down. */
function tookOffTls({ hops }: Landing): boolean {
  return hops.find((it) => it.proxy?.side === 'inbound')?.proxy?.tlsFromClient === true;
}

/** The client ends the handshake; the server writes nothing down, and its application hears nothing. */
function rejected({ hops }: Landing, because: string): Pick<Landing, 'hops' | 'result' | 'endpoints' | 'mirrors'> {
  const transport = 'TLS_error:|268435581:SSL_routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end';
  const upTo = hops.findIndex(
    (it) => it.proxy !== undefined || it.place.kind === 'app' || it.place.kind === 'external',
  );
  const told = hops.slice(0, upTo + 1).map(({ place, packet }, index): Hop => {
    if (index < upTo) return hops[index]!;
    const made = decision('authenticate peer', {
      chose: 'the client ends the handshake',
      because,
      rules: ['TLS-1', 'TLS-5', 'FAIL-5'],
      byDefault: 'certificates are checked',
      state: 'broken',
    });
    return { place, packet, decisions: [made] };
  });
  const result = { kind: 'tls-failure', transport, because } as const;
  return { hops: told, result, endpoints: undefined, mirrors: [] };
}

/** Two fates are one when nobody could tell them apart but by the names of the pods. */
function keyOf(fate: Fate, kind: Sending['kind']): string {
  const tries = [1, 2].map((attempt) => {
    const { result, hops, mirrors } = fate.landing(attempt);
    const { because: _, ...seen } = { because: '', ...result };
    return [seen, lookOfHops(hops), mirrors.map((it) => [it.endpoints, it.authority, it.path])];
  });
  const { encrypted, arrival } = fate.connection;
  const { at } = fate.targets[0]!;
  // a request's log says whose certificate it met, a connection's does not
  const identity = kind === 'http' && encrypted && !('kind' in at) ? at.pod?.serviceAccount : undefined;
  return JSON.stringify([encrypted, arrival.tls.kind, identity, fate.label, tries]);
}

/** What hops look like when the pods' names are left out. */
export function lookOfHops(hops: readonly Hop[]): unknown {
  return hops.map((hop) => {
    const { proxy: _, ...log } = hop.proxy ?? { proxy: '' };
    // a pod without a proxy and a host outside look alike from here
    return [hop.place.kind === 'external' ? 'app' : hop.place.kind, log];
  });
}
