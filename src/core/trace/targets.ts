import { isAddress, resolveName } from './stages/resolve-name.js';
import type { HashedRequest } from './stages/hash-request.js';
import { pickEndpoint, type Candidate } from './stages/pick-endpoint.js';
import { throughNode, type NodeEndpoint } from './stages/pass-node.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { Cluster, LbEndpoint } from '../xds/config.js';
import type { Proxy } from '../xds/proxy.js';
import type { AppMessage } from './arrival.js';
import { decision } from './decide.js';
import type { Decision, Hop } from './path.js';

/** One address that a proxy may connect to. */
export interface Target {
  /** Part of the requests, 0..1. */
  readonly share: number;
  /** What EDS or DNS said; `undefined` for what the application dialed. */
  readonly endpoint: LbEndpoint | undefined;
  readonly ip: string;
  readonly port: number;
  /** The nodes' work, where the address is a Service's. */
  readonly node: Hop | undefined;
  /** Who is there; or nobody, and the connection is refused or lost. */
  readonly at: NodeEndpoint | { readonly kind: 'refused' | 'dropped'; readonly because: string };
}

export interface Targets {
  readonly targets: readonly Target[];
  readonly decision: Decision;
}

/** An address and port that somebody connects to. */
export interface Dialed {
  readonly ip: string;
  readonly port: number;
}

/** All addresses that a proxy may connect to for a cluster (TR-9); none: no healthy upstream. */
export function targetsOf(
  mesh: MeshSnapshot,
  proxy: Proxy,
  cluster: Cluster,
  request: HashedRequest,
  dialed: Dialed | undefined,
): Targets {
  const { message } = request;
  switch (cluster.type) {
    case 'ORIGINAL_DST':
      return dialed ? originalDestination(mesh, proxy, cluster, message, dialed) : noOriginalDestination(cluster);
    case 'DYNAMIC_FORWARD_PROXY':
      return onDemand(mesh, proxy, cluster, message);
    default: {
      const { candidates, decision: made } = pickEndpoint(mesh, proxy, cluster, request);
      return resolved(mesh, proxy, cluster, message, candidates, made);
    }
  }
}

/** Names of endpoints are looked up by the proxy itself (DNS-11); those that do not resolve are no hosts. */
export function resolved(
  mesh: MeshSnapshot,
  proxy: Proxy,
  cluster: Cluster,
  message: AppMessage,
  candidates: readonly Candidate[],
  made: Decision,
): Targets {
  const hosts = candidates.flatMap(({ endpoint, share }) => {
    if (isAddress(endpoint.address)) return [{ endpoint, share, ip: endpoint.address }];
    const { addresses } = resolveName(mesh, proxy.pod, endpoint.address);
    // LOGICAL_DNS takes one address at a time, STRICT_DNS makes each a host
    return addresses.map((ip) => ({ endpoint, share: share / addresses.length, ip }));
  });
  const total = hosts.reduce((sum, it) => sum + it.share, 0);
  const targets = hosts.flatMap(({ endpoint, share, ip }) =>
    reach(mesh, proxy, ip, endpoint.port, message, share / total, endpoint),
  );
  if (targets.length > 0 || candidates.length === 0) return { targets, decision: made };
  const names = candidates.map((it) => it.endpoint.address).join(', ');
  const unresolved = decision('pick endpoint', {
    chose: `no endpoint of ${cluster.name}`,
    because: `${names} does not resolve in DNS, which Envoy asks by itself`,
    rules: ['DNS-11', 'FAIL-3'],
    evidence: [...made.evidence, ...cluster.evidence],
    calls: made.calls,
    state: 'broken',
  });
  return { targets: [], decision: unresolved };
}

/** DST-7: whatever the route says, it goes where the application dialed. */
function originalDestination(
  mesh: MeshSnapshot,
  proxy: Proxy,
  cluster: Cluster,
  message: AppMessage,
  { ip, port: dialedPort }: Dialed,
): Targets {
  const port = cluster.portOverride ?? dialedPort;
  const passes = cluster.host === '';
  return {
    targets: reach(mesh, proxy, ip, port, message, 1, undefined),
    decision: decision('pick endpoint', {
      chose: `${ip}:${port}, as dialed`,
      because: passes
        ? 'What the proxy does not know it passes on to where it was going'
        : `${cluster.host} has no endpoints to choose from in this proxy: Envoy keeps the address that the application dialed`,
      rules: passes ? ['LIS-13'] : ['CL-2', 'DST-7', 'EP-7'],
      evidence: cluster.evidence,
      byDefault: 'original destination',
      ...(port === dialedPort
        ? {}
        : { effects: [{ what: 'destination', before: `${ip}:${dialedPort}`, after: `${ip}:${port}` }] }),
    }),
  };
}

/** DST-7: the proxy itself was dialed, and there is no address behind it to keep (test/conformance/cases/asked-dialed-proxy). */
function noOriginalDestination(cluster: Cluster): Targets {
  const made = decision('pick endpoint', {
    chose: `no endpoint of ${cluster.name}`,
    because:
      'It goes where the connection was going before iptables redirected it, and this one was made to the proxy itself',
    rules: ['DST-7', 'LIS-16', 'FAIL-3'],
    evidence: cluster.evidence,
    byDefault: 'original destination',
    state: 'broken',
  });
  return { targets: [], decision: made };
}

/** A name that is looked up when a request asks for it: its authority, or the SNI of its TLS. */
function onDemand(mesh: MeshSnapshot, proxy: Proxy, cluster: Cluster, message: AppMessage): Targets {
  const asked = message.protocol === 'tls' ? (message.sni ?? '') : message.authority;
  const [, host = asked, written] = /^(.*?)(?::(\d+))?$/.exec(asked) ?? [];
  const port =
    written === undefined ? cluster.servicePort || (cluster.tls.mode === 'none' ? 80 : 443) : Number(written);
  const addresses = isAddress(host) ? [host] : resolveName(mesh, proxy.pod, host).addresses;
  const targets = addresses.flatMap((ip) => reach(mesh, proxy, ip, port, message, 1 / addresses.length, undefined));
  const found = targets.length > 0;
  return {
    targets,
    decision: decision('pick endpoint', {
      chose: found ? `${host}:${port}` : `${host} does not resolve`,
      because: 'Envoy looks the name of the request up in DNS',
      rules: ['CL-2'],
      evidence: cluster.evidence,
      byDefault: 'names are resolved on demand',
      state: found ? 'ok' : 'broken',
    }),
  };
}

function reach(
  mesh: MeshSnapshot,
  proxy: Proxy,
  ip: string,
  port: number,
  message: AppMessage,
  share: number,
  endpoint: LbEndpoint | undefined,
): Target[] {
  const passage = throughNode(mesh, proxy.pod, ip, port, message);
  const common = { endpoint, ip, port, node: passage.hop };
  if (passage.kind !== 'reaches') return [{ ...common, share, at: { kind: passage.kind, because: passage.because } }];
  return passage.endpoints.map((at) => ({ ...common, share: share / passage.endpoints.length, at }));
}
