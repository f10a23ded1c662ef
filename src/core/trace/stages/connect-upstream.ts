import type { MeshSnapshot } from '../../mesh/snapshot.js';
import type { Cluster, LbEndpoint } from '../../xds/config.js';
import type { Proxy } from '../../xds/proxy.js';
import { spiffe } from '../../xds/upstream-tls.js';
import type { AppMessage, Arrival, ArrivalTls } from '../arrival.js';
import { decision } from '../decide.js';
import { packetOf } from '../message.js';
import type { Decision, Packet } from '../path.js';
import type { NodeEndpoint } from './pass-node.js';

/** A connection that a proxy opens. */
export interface Connection {
  readonly arrival: Arrival;
  readonly packet: Packet;
  readonly decision: Decision;
  /** The proxy itself speaks TLS to the upstream. */
  readonly encrypted: boolean;
}

/** What the proxy speaks to an endpoint: TLS of the mesh, TLS of its own, or what the client sent (TLS-1..4, OBS-6). */
export function connectUpstream(
  mesh: MeshSnapshot,
  proxy: Proxy,
  cluster: Cluster,
  endpoint: LbEndpoint | undefined,
  target: { readonly ip: string; readonly port: number; readonly id: string },
  sent: AppMessage,
  kind: 'http' | 'tcp',
): Connection {
  const message = kind === 'http' ? inProtocolOf(cluster, sent) : sent;
  const tls = tlsTo(mesh, proxy, cluster, endpoint, message, kind);
  const encrypted = tls.kind === 'mesh' || tls.kind === 'originated';
  const packet = packetOf(message, proxy.pod.ip, `${target.ip}:${target.port}`, {
    ...('sni' in tls && tls.sni !== undefined ? { sni: tls.sni } : {}),
    ...(tls.kind === 'mesh' ? { tls: 'mutual', identity: tls.identity } : {}),
    ...(tls.kind === 'originated' ? { tls: tls.clientCertificate ? 'mutual' : 'simple' } : {}),
  });
  return {
    arrival: { sourceIp: proxy.pod.ip, port: target.port, tls, message },
    packet,
    decision: explain(proxy, cluster, endpoint, target.id, tls),
    encrypted,
  };
}

/** Envoy speaks HTTP/2 to the upstream where the port says so, and HTTP/1.1 otherwise, whatever came in. */
function inProtocolOf(cluster: Cluster, message: AppMessage): AppMessage {
  if (message.protocol === 'tls' || message.protocol === 'tcp') return message;
  if (cluster.http === 'HTTP/2' && message.protocol === 'http1') return { ...message, protocol: 'h2' };
  if (cluster.http === 'HTTP/1.1' && message.protocol !== 'http1') return { ...message, protocol: 'http1' };
  return message;
}

function tlsTo(
  mesh: MeshSnapshot,
  proxy: Proxy,
  cluster: Cluster,
  endpoint: LbEndpoint | undefined,
  message: AppMessage,
  kind: 'http' | 'tcp',
): ArrivalTls {
  const { tls } = cluster;
  const untouched: ArrivalTls = message.protocol === 'tls' ? { kind: 'own', sni: message.sni } : { kind: 'none' };
  switch (tls.mode) {
    case 'none':
      return untouched;
    case 'auto':
      if (!endpoint?.mutual) return untouched;
      return { kind: 'mesh', identity: identityOf(mesh, proxy), sni: tls.sni, http: kind === 'http' };
    case 'istio-mutual':
      return { kind: 'mesh', identity: identityOf(mesh, proxy), sni: tls.sni, http: kind === 'http' };
    case 'simple':
    case 'mutual': {
      // without a name of its own the request's authority is shown, which bytes do not have
      const sni = tls.sni ?? (kind === 'http' ? message.authority.replace(/:\d+$/, '') : undefined);
      return { kind: 'originated', sni, clientCertificate: tls.mode === 'mutual' };
    }
  }
}

function identityOf(mesh: MeshSnapshot, proxy: Proxy): string {
  return spiffe(mesh, proxy.namespace, proxy.pod.serviceAccount);
}

/**
 * Why the proxy rejects the certificate that it is shown (TLS-1, TLS-5); `undefined` when it is good. `byMeshProxy` says that a
 * proxy of the mesh took the TLS off: it shows its workload's identity. Others are taken to prove the name that they are
 * asked for.
 */
export function certificateTrouble(
  mesh: MeshSnapshot,
  cluster: Cluster,
  tls: ArrivalTls,
  { pod }: NodeEndpoint,
  byMeshProxy: boolean,
): string | undefined {
  if (cluster.tls.mode === 'none' || tls.kind === 'none' || tls.kind === 'own') return undefined;
  const { sans } = cluster.tls;
  const expected = sans.join(' or ');
  if (tls.kind === 'mesh') {
    if (!byMeshProxy || !pod || sans.length === 0) return undefined;
    const proves = spiffe(mesh, pod.namespace, pod.serviceAccount);
    return sans.includes(proves) ? undefined : `The server proves to be ${proves}, and ${expected} is expected`;
  }
  if (!('verified' in cluster.tls) || !cluster.tls.verified) return undefined;
  if (byMeshProxy)
    return 'The server’s proxy shows a certificate of the mesh, which the DestinationRule’s CA did not issue';
  const named = tls.sni ?? '';
  if (sans.length === 0 || sans.includes(named)) return undefined;
  return `The server proves ${named === '' ? 'no name that it was asked for' : `to be ${named}`}, and ${expected} is expected`;
}

function explain(
  proxy: Proxy,
  cluster: Cluster,
  endpoint: LbEndpoint | undefined,
  id: string,
  tls: ArrivalTls,
): Decision {
  const { chose, because, byDefault } = wordsFor(cluster, endpoint, tls);
  const at = 'at' in cluster.tls ? cluster.tls.at : undefined;
  const rules = cluster.rules.filter((it) => it.startsWith('TLS-'));
  return decision('connect upstream', {
    chose: `${chose} to ${id}`,
    because,
    rules: [...(rules.length > 0 ? rules : ['TLS-2']), ...(tls.kind === 'mesh' ? ['TLS-5'] : [])],
    evidence: [at, ...(cluster.tls.mode === 'auto' ? (endpoint?.evidence ?? []) : [])],
    rejected: cluster.rejected.filter((it) => it.name.startsWith('tls')),
    byDefault,
    calls:
      tls.kind === 'mesh'
        ? [
            { kind: 'CSR', from: 'istio-agent', to: 'istiod', what: `certificate of ${tls.identity}` },
            { kind: 'SDS', from: 'istio-agent', to: `Envoy ${proxy.name}`, what: 'default, ROOTCA' },
          ]
        : [],
    effects:
      tls.kind === 'mesh' || tls.kind === 'originated'
        ? [{ what: 'TLS', before: 'plaintext', after: `SNI ${tls.sni ?? 'none'}` }]
        : [],
  });
}

function wordsFor(
  cluster: Cluster,
  endpoint: LbEndpoint | undefined,
  tls: ArrivalTls,
): { chose: string; because: string; byDefault: string } {
  switch (cluster.tls.mode) {
    case 'auto': {
      const byDefault = 'automatic mutual TLS';
      if (tls.kind === 'mesh') {
        return {
          chose: 'mutual TLS of the mesh',
          because: 'The endpoint has a proxy that accepts mutual TLS',
          byDefault,
        };
      }
      const because =
        endpoint?.tlsMode === 'istio'
          ? 'The endpoint’s proxy does not take mutual TLS: a policy disables it, or the rule’s mode still counts'
          : 'The endpoint has no proxy of the mesh';
      return { chose: 'plaintext', because, byDefault };
    }
    case 'istio-mutual': {
      const because = cluster.tls.at
        ? 'The DestinationRule asks for ISTIO_MUTUAL, whatever the endpoint can do'
        : 'All endpoints that the service has take mutual TLS';
      return { chose: 'mutual TLS of the mesh', because, byDefault: 'automatic mutual TLS' };
    }
    case 'simple':
    case 'mutual':
      return {
        chose: 'TLS',
        because: `The DestinationRule asks for ${cluster.tls.mode.toUpperCase()}`,
        byDefault: 'TLS',
      };
    case 'none': {
      const chose = tls.kind === 'own' ? 'the application’s own TLS, untouched,' : 'plaintext';
      const dropped = cluster.rejected.find((it) => it.name.startsWith('tls'));
      if (dropped)
        return { chose, because: `The DestinationRule’s TLS is lost: ${dropped.because}`, byDefault: 'plaintext' };
      const because = cluster.tls.at
        ? 'TLS is switched off for this destination'
        : 'The proxy adds no TLS for this destination';
      return { chose, because, byDefault: 'no TLS to destinations that are not known to be in the mesh' };
    }
  }
}
