import { xxHash64 } from '../../base/xxhash64.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import type { Cluster, LbEndpoint } from '../../xds/config.js';
import { maglevOf, ringOf, type HashChoice, type RingHost } from '../../xds/hash-ring.js';
import type { AppMessage } from '../arrival.js';

/** What is known of a request that a consistent hash may look at. */
export interface HashedRequest {
  readonly message: AppMessage;
  readonly kind: 'http' | 'tcp';
  /** The client's address, where the proxy sees one. */
  readonly sourceIp: string | undefined;
}

/** The text that decides the endpoint; `undefined` when the request has none, and any endpoint is taken (CL-4). */
export function hashText({ hash }: Cluster, request: HashedRequest): string | undefined {
  const { message, kind, sourceIp } = request;
  if (!hash) return undefined;
  if (hash.type === 'source-ip') return sourceIp;
  if (kind === 'tcp') return undefined;
  const name = hash.name.value;
  switch (hash.type) {
    case 'header':
      return name.toLowerCase() === ':authority' || name.toLowerCase() === 'host'
        ? message.authority
        : message.headers[name.toLowerCase()];
    case 'query':
      return pairs(message.path.split('?')[1] ?? '', '&', name);
    case 'cookie':
      // one that the proxy makes up itself is different each time
      return pairs(message.headers['cookie'] ?? '', ';', name);
  }
}

function pairs(text: string, separator: string, name: string): string | undefined {
  const found = text
    .split(separator)
    .map((it) => it.trim())
    .find((it) => it === name || it.startsWith(`${name}=`));
  return found?.slice(name.length + 1);
}

/** The endpoint that a text leads to among those of one priority, whose shares sum to one. */
export function hashedEndpoint(
  mesh: MeshSnapshot,
  cluster: Cluster,
  candidates: readonly { readonly endpoint: LbEndpoint; readonly share: number }[],
  text: string,
): LbEndpoint {
  const hosts = candidates.map(({ endpoint, share }): RingHost => ({
    address: `${endpoint.address}:${endpoint.port}`,
    weight: share,
  }));
  const key = `hash ${cluster.loadBalancer} ${cluster.hashSize} ${hosts.map((it) => `${it.address}*${it.weight}`).join()}`;
  const choose = mesh.remember<HashChoice>(key, () =>
    cluster.loadBalancer === 'MAGLEV' ? maglevOf(hosts, cluster.hashSize) : ringOf(hosts, cluster.hashSize),
  );
  return candidates[choose(xxHash64(text))]!.endpoint;
}

/** The priority that a text leads to when several take requests, by their loads in percent. */
export function hashedPriority(loads: readonly number[], text: string): number {
  const point = Number(xxHash64(text) % 100n) + 1;
  let sum = 0;
  return loads.findIndex((load) => (sum += Math.round(load * 100)) >= point);
}
