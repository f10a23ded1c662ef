import type { Rejected } from '../base/explained.js';
import { uniqueLocations, type Location } from '../base/location.js';
import { containsLabels } from '../model/fields.js';
import type { L4Match, L4Route, RouteDestination } from '../model/virtual-service.js';
import { hostsMatch, isWildcard } from '../mesh/hosts.js';
import type { RegistryPort, RegistryService } from '../mesh/services.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { EffectiveVirtualService } from '../mesh/virtual-services.js';
import { clusterServices } from './cluster-services.js';
import { outboundCluster } from './cluster-names.js';
import type { ChainMatch, FilterChain, WeightedCluster } from './config.js';
import { hostDomains } from './host-domains.js';
import { clusterOf, type DestinationService } from './http-routes.js';
import { meshVirtualServices, titleOf } from './mesh-virtual-services.js';
import type { Proxy } from './proxy.js';
import { tableServices } from './table-services.js';

/** One service's port on one listener. */
export interface L4Place {
  readonly service: RegistryService;
  readonly port: RegistryPort;
  readonly listenerPort: number;
  /** The listener takes every address. */
  readonly wildcardBind: boolean;
  /** The service's CIDR blocks, when they tell it apart on the listener. */
  readonly subnets: readonly string[] | undefined;
  /** Which of the Sidecar's egress listeners brings the service; 0 without a Sidecar. */
  readonly egressIndex: number;
}

/** The chains of an HTTPS or TLS port: by SNI where a VirtualService says so, else one for all (SNI-1, SNI-2). */
export function tlsChains(mesh: MeshSnapshot, proxy: Proxy, place: L4Place): readonly FilterChain[] {
  const chains: FilterChain[] = [];
  const handled = new Set<string>();
  const rejected: Rejected[] = [];
  let subnets = place.subnets;
  for (const it of virtualServicesOf(mesh, proxy, place)) {
    for (const route of it.tls) {
      for (const match of route.matches) {
        const mismatch = staticMismatch(match, proxy, place.listenerPort);
        if (mismatch) {
          rejected.push({ name: `tls route of ${titleOf(it)}`, because: mismatch.because, evidence: [mismatch.at] });
          continue;
        }
        if (route.route.length === 0) continue;
        // what one match says of addresses, the following ones of the service inherit
        if (match.destinationSubnets.length > 0) subnets = match.destinationSubnets.map(({ value }) => value);
        const sni = match.sniHosts.map(({ value }) => value);
        const key = JSON.stringify([sni, match.destinationSubnets.map(({ value }) => value)]);
        if (handled.has(key)) continue;
        handled.add(key);
        const evidence = [match.sniHosts[0]?.at ?? match.at];
        chains.push(chainTo(weighted(mesh, proxy, it, route, place), { sni, subnets }, evidence, ['SNI-2', 'SNI-5']));
      }
    }
  }
  return chains.length > 0 ? chains : [ownTlsChain(mesh, proxy, place, subnets, rejected)];
}

/** The chains of any other TCP port, and of what is not HTTP on a sniffed one (SNI-3). */
export function tcpChains(mesh: MeshSnapshot, proxy: Proxy, place: L4Place): readonly FilterChain[] {
  const chains: FilterChain[] = [];
  const rejected: Rejected[] = [];
  for (const it of virtualServicesOf(mesh, proxy, place)) {
    for (const route of it.tcp) {
      if (route.route.length === 0) continue;
      const clusters = weighted(mesh, proxy, it, route, place);
      const fitting: L4Match[] = [];
      for (const match of route.matches) {
        const mismatch = staticMismatch(match, proxy, place.listenerPort);
        if (!mismatch) fitting.push(match);
        else rejected.push({ name: `tcp route of ${titleOf(it)}`, because: mismatch.because, evidence: [mismatch.at] });
      }
      const anywhere = route.matches.length === 0 || fitting.some((match) => match.destinationSubnets.length === 0);
      const evidence = [fitting[0]?.at ?? route.at];
      if (anywhere) {
        const chain = chainTo(clusters, { subnets: place.subnets }, evidence, ['SNI-3', 'SNI-5']);
        return [...chains, { ...chain, rejected }];
      }
      const subnets = fitting.flatMap((match) => match.destinationSubnets.map(({ value }) => value));
      if (subnets.length === 0) continue;
      chains.push(chainTo(clusters, { subnets }, evidence, ['SNI-3', 'SNI-5']));
      if (place.subnets && sameSet(subnets, place.subnets)) return chains;
    }
  }
  return [...chains, { ...ownChain(place, { subnets: place.subnets }, 'SNI-3'), rejected }];
}

/** Those whose hosts meet the service's, in the client's order; no most special one is looked for (SNI-2). */
function virtualServicesOf(mesh: MeshSnapshot, proxy: Proxy, place: L4Place): readonly EffectiveVirtualService[] {
  const { all } = meshVirtualServices(mesh, proxy, place.egressIndex);
  return all.filter(
    (it) => it.tcp.length + it.tls.length > 0 && it.hosts.some(({ value }) => hostsMatch(value, place.service.host)),
  );
}

/** What istiod can tell beforehand; all conditions count together, unlike those of http (RT-3). */
function staticMismatch(match: L4Match, proxy: Proxy, port: number): { because: string; at: Location } | undefined {
  if (match.gateways.length > 0 && !match.gateways.some((it) => it.value === 'mesh')) {
    const named = match.gateways.map((it) => it.value).join(', ');
    return { because: `it is for ${named} only`, at: match.gateways[0]!.at };
  }
  if (match.port && match.port.value !== 0 && match.port.value !== port) {
    return { because: `it is for port ${match.port.value}, this is ${port}`, at: match.port.at };
  }
  if (!containsLabels(proxy.labels, match.sourceLabels)) {
    const [key, value] = [...match.sourceLabels].find(([name, it]) => proxy.labels.get(name)?.value !== it.value)!;
    return { because: `it is for callers with the label ${key}=${value.value}`, at: value.at };
  }
  const namespace = match.sourceNamespace;
  if (namespace && namespace.value !== '' && namespace.value !== proxy.namespace) {
    return { because: `it is for callers in namespace ${namespace.value}`, at: namespace.at };
  }
  return undefined;
}

/** SNI-5 */
function weighted(
  mesh: MeshSnapshot,
  proxy: Proxy,
  virtualService: EffectiveVirtualService,
  route: L4Route,
  place: L4Place,
): WeightedCluster[] {
  return weightedDestinations(route.route, place.listenerPort, (host) => destinationService(mesh, proxy, host)).map(
    (it) => ({ ...it, evidence: uniqueLocations([...it.evidence, virtualService.nameAt]) }),
  );
}

/** The clusters of a tcp or tls route: those without weight are left out, unless one stands alone (SNI-5). */
export function weightedDestinations(
  destinations: readonly RouteDestination[],
  port: number,
  lookup: (host: string) => DestinationService | undefined,
): WeightedCluster[] {
  const parts =
    destinations.length === 1
      ? destinations.map((it) => ({ it, weight: 1 }))
      : destinations.map((it) => ({ it, weight: it.weight?.value ?? 0 })).filter(({ weight }) => weight > 0);
  const sum = parts.reduce((total, { weight }) => total + weight, 0);
  return parts.map(({ it, weight }) => ({
    cluster: clusterOf(it.destination, { port, lookup }),
    weight: weight / sum,
    headers: undefined,
    evidence: uniqueLocations([it.destination.at, destinations.length > 1 ? it.weight?.at : undefined]),
    rejected: [],
    rules: ['SNI-5'],
    assumptions: [],
  }));
}

/** Any service that the client has clusters for counts here, whatever its ports. */
function destinationService(mesh: MeshSnapshot, proxy: Proxy, host: string): DestinationService | undefined {
  const found = clusterServices(mesh, proxy).get(host);
  return found && { ports: found.ports.map((it) => it.number), aliasOf: found.service.aliasOf };
}

/** SNI-1: without an address of its own on the listener, only its names tell the service apart. */
function ownTlsChain(
  mesh: MeshSnapshot,
  proxy: Proxy,
  place: L4Place,
  subnets: readonly string[] | undefined,
  rejected: readonly Rejected[],
): FilterChain {
  const { service, wildcardBind } = place;
  const dynamic = isWildcard(service.host) && service.resolution === 'dynamic-dns';
  const byName = (wildcardBind && service.addresses.length === 0) || subnets !== undefined || dynamic;
  const aliases = byName ? aliasNames(mesh, proxy, place) : [];
  const sni = byName ? [service.host, ...aliases] : undefined;
  return { ...ownChain(place, { sni, subnets }, 'SNI-1'), rejected };
}

function aliasNames(mesh: MeshSnapshot, proxy: Proxy, { service, listenerPort, egressIndex }: L4Place): string[] {
  const entry = tableServices(mesh, proxy, egressIndex, listenerPort).get(service.host.toLowerCase());
  const { namespace } = proxy;
  const { clusterDomain } = mesh.config;
  return (entry?.aliases ?? []).flatMap(({ host }) => {
    return hostDomains({ host, aliases: [], addresses: [], headless: false, namespace, clusterDomain, port: undefined })
      .domains;
  });
}

/** The service's own cluster; on a Sidecar's port that the service lacks, its only port is meant. */
function ownChain({ service, port, listenerPort }: L4Place, match: LooseMatch, rule: string): FilterChain {
  const number = service.ports.length === 1 ? service.ports[0]!.number : listenerPort;
  const cluster: WeightedCluster = {
    cluster: outboundCluster(number, '', service.host),
    weight: 1,
    headers: undefined,
    evidence: [port.at],
    rejected: [],
    rules: [rule],
    assumptions: [],
  };
  return chainTo([cluster], match, [port.at], [rule]);
}

interface LooseMatch {
  readonly sni?: readonly string[] | undefined;
  readonly subnets?: readonly string[] | undefined;
}

function chainTo(
  clusters: readonly WeightedCluster[],
  match: LooseMatch,
  evidence: readonly Location[],
  rules: readonly string[],
): FilterChain {
  return {
    name: '',
    match: tight(match),
    tls: undefined,
    filter: { kind: 'tcp', clusters },
    evidence,
    rejected: [],
    rules,
    assumptions: [],
  };
}

/** A condition that takes everything is none. */
function tight({ sni, subnets }: LooseMatch): ChainMatch {
  return {
    ...(sni && sni.length > 0 && !sni.includes('*') ? { sni: [...sni].sort() } : {}),
    ...(subnets && subnets.length > 0 ? { subnets: [...subnets].sort() } : {}),
  };
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && [...a].sort().join() === [...b].sort().join();
}
