import type { Rejected } from '../base/explained.js';
import { uniqueLocations, type Location } from '../base/location.js';
import { mergedGateways, titleOf, type BoundServer, type ServerGroup } from '../mesh/gateways.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import { autoPassthroughChains } from './auto-passthrough.js';
import type { ChainMatch, FilterChain, Listener } from './config.js';
import { sniTargets, tcpTarget } from './gateway-l4.js';
import { downstreamTls } from './gateway-tls.js';
import type { Proxy } from './proxy.js';

/** The listeners of a gateway's proxy, and why some do not exist. */
export interface GatewayListeners {
  readonly listeners: readonly Listener[];
  readonly absent: readonly AbsentListener[];
}

/** A port on which a server is written and nothing listens. */
export interface AbsentListener {
  readonly port: number;
  readonly name: string;
  readonly because: string;
  readonly evidence: readonly Location[];
  readonly rejected: readonly Rejected[];
  readonly rules: readonly string[];
}

/** What a gateway's proxy listens on (GW-6, GW-7, GW-12..GW-22). */
export function gatewayListeners(mesh: MeshSnapshot, proxy: Proxy): GatewayListeners {
  return mesh.remember(`gatewayListeners ${proxy.pod.id}`, () => {
    const drafts = new Map<string, Draft>();
    const taken = new Map<number, Map<string, string>>();
    for (const group of mergedGateways(mesh, proxy.pod).groups) {
      const address = group.bind || '0.0.0.0';
      const name = `${address}_${group.port}`;
      const draft = drafts.get(name) ?? { name, address, port: group.port, chains: [], servers: [], rejected: [] };
      drafts.set(name, draft);
      const ofPort = taken.get(group.port) ?? new Map<string, string>();
      taken.set(group.port, ofPort);
      const { chains, rejected } = chainsOf(mesh, proxy, group, ofPort);
      draft.chains.push(...chains);
      draft.rejected.push(...rejected);
      draft.servers.push(...group.servers);
    }
    return finish(mesh, proxy, [...drafts.values()]);
  });
}

interface Draft {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly chains: FilterChain[];
  readonly servers: BoundServer[];
  readonly rejected: Rejected[];
}

interface Chains {
  readonly chains: readonly FilterChain[];
  readonly rejected: readonly Rejected[];
}

function finish(mesh: MeshSnapshot, proxy: Proxy, drafts: readonly Draft[]): GatewayListeners {
  const unprivileged = proxy.pod.template.containers.some((it) => it.env.get('ISTIO_META_UNPRIVILEGED_POD') === 'true');
  const lost = mergedGateways(mesh, proxy.pod).rejected;
  const listeners: Listener[] = [];
  const absent: AbsentListener[] = [];
  for (const draft of drafts) {
    const rejected = [...lost.filter((it) => it.port === draft.port), ...draft.rejected];
    const evidence = uniqueLocations(draft.servers.flatMap((it) => [it.server.port.at, it.translation]));
    const because = whyAbsent(draft, unprivileged);
    if (because) absent.push({ port: draft.port, name: draft.name, evidence, rejected, ...because });
    else {
      const { name, address, port, chains } = draft;
      const rules = ['GW-4', 'GW-7'];
      listeners.push({
        name,
        address,
        port,
        chains,
        defaultChain: undefined,
        evidence,
        rejected,
        rules,
        assumptions: [],
      });
    }
  }
  return { listeners, absent };
}

function whyAbsent(draft: Draft, unprivileged: boolean): { because: string; rules: readonly string[] } | undefined {
  if (unprivileged && draft.port < 1024) {
    return { because: `an unprivileged pod cannot listen on ${draft.port}`, rules: ['GW-6'] };
  }
  if (draft.chains.length === 0) {
    const servers = draft.servers.map(titleOf).join(' and ');
    return {
      because: `no VirtualService gives ${servers} a route, and without one there is no listener`,
      rules: ['GW-22'],
    };
  }
  const twice = sameMatch(draft.chains);
  if (twice) return { because: `two filter chains are for ${twice}: Envoy refuses the listener`, rules: ['GW-10'] };
  return undefined;
}

function chainsOf(mesh: MeshSnapshot, proxy: Proxy, group: ServerGroup, taken: Map<string, string>): Chains {
  const first = group.servers[0]!;
  if (first.kind === 'http') return { chains: [plaintextHttp(group)], rejected: [] };
  const results = group.servers.map((it) => chainsOfServer(mesh, proxy, it, taken));
  return { chains: results.flatMap((it) => it.chains), rejected: results.flatMap((it) => it.rejected) };
}

function chainsOfServer(mesh: MeshSnapshot, proxy: Proxy, it: BoundServer, taken: Map<string, string>): Chains {
  switch (it.kind) {
    case 'http':
      return { chains: [], rejected: [] };
    case 'https':
      return { chains: [httpsChain(mesh, proxy, it)], rejected: [] };
    case 'tcp':
    case 'tls': {
      const { found, rejected } = tcpTarget(mesh, proxy, it);
      if (!found) return { chains: [], rejected };
      const terminated = it.kind === 'tls' ? downstreamTls(mesh, proxy, it) : undefined;
      const chain: FilterChain = {
        name: '',
        match: it.kind === 'tls' ? sniMatch(it.hosts.map((host) => host.value.slice(host.value.indexOf('/') + 1))) : {},
        tls: terminated?.tls,
        filter: { kind: 'tcp', clusters: found.clusters },
        evidence: [it.server.at, ...found.evidence, ...(terminated?.evidence ?? [])],
        rejected,
        rules: ['GW-18', ...(terminated?.rules ?? [])],
        assumptions: terminated?.assumptions ?? [],
      };
      return { chains: [chain], rejected };
    }
    case 'passthrough': {
      const { found, rejected } = sniTargets(mesh, proxy, it, taken);
      const chains = found.map((target): FilterChain => ({
        name: '',
        match: sniMatch(target.sniHosts),
        tls: undefined,
        filter: { kind: 'tcp', clusters: target.clusters },
        evidence: [it.server.at, ...target.evidence],
        rejected: [],
        rules: ['GW-19'],
        assumptions: [],
      }));
      return { chains, rejected };
    }
    case 'auto-passthrough':
      return { chains: autoPassthroughChains(mesh, proxy, it), rejected: [] };
  }
}

/** GW-13: whatever the servers are called, one chain takes HTTP/1.1 and HTTP/2 for all of them. */
function plaintextHttp(group: ServerGroup): FilterChain {
  return {
    name: '',
    match: {},
    tls: undefined,
    filter: { kind: 'http', routeConfig: group.servers[0]!.routeConfig },
    evidence: group.servers.map((it) => it.server.port.at),
    rejected: [],
    rules: ['GW-13'],
    assumptions: [],
  };
}

/** GW-14 */
function httpsChain(mesh: MeshSnapshot, proxy: Proxy, it: BoundServer): FilterChain {
  const terminated = downstreamTls(mesh, proxy, it);
  return {
    name: '',
    match: sniMatch(it.hosts.map((host) => host.value.slice(host.value.indexOf('/') + 1))),
    tls: terminated.tls,
    filter: { kind: 'http', routeConfig: it.routeConfig },
    evidence: [it.server.at, ...terminated.evidence],
    rejected: [],
    rules: ['GW-14', ...terminated.rules],
    assumptions: terminated.assumptions,
  };
}

/** A `*` among the hosts means any SNI, and none. */
function sniMatch(hosts: readonly string[]): ChainMatch {
  return hosts.includes('*') || hosts.length === 0 ? {} : { sni: [...new Set(hosts)].sort() };
}

/** The criterion that two chains share, which Envoy does not allow. */
function sameMatch(chains: readonly FilterChain[]): string | undefined {
  const seen = new Set<string>();
  for (const { match } of chains) {
    const alpn = match.alpn ? ` and ALPN ${match.alpn.join(', ')}` : '';
    for (const name of match.sni ?? ['any SNI']) {
      // Envoy compares server names in lower case
      const key = (match.sni ? name.toLowerCase() : name) + alpn;
      if (seen.has(key)) return match.sni ? `SNI ${key}` : key;
      seen.add(key);
    }
  }
  return undefined;
}
