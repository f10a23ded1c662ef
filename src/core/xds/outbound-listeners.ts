import type { Assumption, Rejected } from '../base/explained.js';
import { uniqueLocations, type Location } from '../base/location.js';
import { agesTie } from '../mesh/order.js';
import { classOf, isTlsProtocol, parseProtocol, type Protocol } from '../mesh/protocol.js';
import type { EgressScope } from '../mesh/scope.js';
import { isBlock, isHeadless, portOfService, type RegistryPort, type RegistryService } from '../mesh/services.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import { egressProxyOf } from './catch-all-host.js';
import { clientView, onlyPortOf } from './client-view.js';
import { BLACK_HOLE_CLUSTER, PASSTHROUGH_CLUSTER } from './cluster-names.js';
import type { FilterChain, HttpManager, Listener } from './config.js';
import { tcpChains, tlsChains } from './l4-routes.js';
import type { Proxy } from './proxy.js';

/** ALPN words by which a chain recognises plaintext HTTP; HTTP/1.0 is not among them (LIS-2). */
const PLAINTEXT_HTTP = ['http/1.1', 'h2c'] as const;

/** Ports that no 0.0.0.0 listener may take (LIS-9). */
const RESERVED_PORTS = new Set([15001, 15006, 15021, 15090]);

/** The listeners that one sidecar has on a port number, by name (section 3.2 of the semantics). */
export function outboundListeners(mesh: MeshSnapshot, proxy: Proxy, port: number): ReadonlyMap<string, Listener> {
  return mesh.remember(`outboundListeners ${proxy.pod.id} ${port}`, () => {
    const builder = new PortBuilder(mesh, proxy, port);
    return builder.build();
  });
}

/** All numbers on which this sidecar may have outbound listeners, in ascending order. */
export function outboundPorts(mesh: MeshSnapshot, proxy: Proxy): readonly number[] {
  const view = clientView(mesh, proxy);
  const numbers = new Set(
    view.services.flatMap((it) => it.ports.filter((port) => port.class !== 'UDP').map((port) => port.number)),
  );
  for (const { listener } of mesh.scopeOf(proxy.pod).egress)
    if (listener?.port) numbers.add(listener.port.number.value);
  return [...numbers].sort((a, b) => a - b);
}

/** The listener that takes what no other does (LIS-11). */
export function virtualOutbound(mesh: MeshSnapshot, proxy: Proxy): Listener {
  return mesh.remember(`virtualOutbound ${proxy.pod.id}`, () => {
    const chain = passthroughChain(mesh, proxy, 'virtualOutbound-catchall-tcp');
    return {
      ...pushed([], ['LIS-11']),
      name: 'virtualOutbound',
      address: '0.0.0.0',
      port: 15001,
      chains: [
        {
          ...pushed([], ['LIS-11']),
          name: 'virtualOutbound-blackhole',
          match: { port: 15001 },
          tls: undefined,
          filter: { kind: 'blackhole' },
        },
      ],
      defaultChain: chain,
    };
  });
}

/** One service's share of a listener. */
interface Contribution {
  readonly service: RegistryService | undefined;
  readonly protocol: Protocol;
  readonly kind: 'HTTP' | 'TCP' | 'AUTO';
  readonly http: HttpManager | undefined;
  readonly tcp: readonly FilterChain[];
  readonly at: readonly Location[];
}

class PortBuilder {
  private readonly drafts = new Map<string, Draft>();
  /** Keys that a Sidecar's own listener holds: nothing is added to them (LIS-15). */
  private readonly locked = new Set<string>();
  /** The Sidecar's listener that is being built: each has VirtualServices of its own. */
  private egressIndex = 0;

  constructor(
    private readonly mesh: MeshSnapshot,
    private readonly proxy: Proxy,
    private readonly port: number,
  ) {}

  build(): ReadonlyMap<string, Listener> {
    const view = clientView(this.mesh, this.proxy);
    const scopes = this.mesh.scopeOf(this.proxy.pod).egress;
    scopes.forEach((scope, index) => {
      const all = (view.egress[index]?.definitions ?? []).filter((it) => it.resolution !== 'alias');
      const services = all.filter((it) => portOfService(it, this.port) !== undefined);
      const port = scope.listener?.port;
      this.egressIndex = index;
      if (port) this.explicit(scope, onlyPortOf(scope) === undefined ? all : services);
      else for (const it of services) this.service(it);
    });
    return new Map([...this.drafts].map(([key, draft]) => [key, draft.finish(this.mesh, this.proxy)]));
  }

  /** LIS-15: a Sidecar egress listener with a port of its own. */
  private explicit(scope: EgressScope, services: readonly RegistryService[]): void {
    const listener = scope.listener!;
    const written = listener.port!;
    // unix sockets have no number, and are dialed by path
    if (written.number.value !== this.port || this.port === 0) return;
    const protocol = parseProtocol(written.protocol?.value);
    const kind = classOf(protocol);
    if (kind === 'UDP') return;
    const bind = listener.bind?.value ?? (listener.captureMode === 'NONE' ? '127.0.0.1' : undefined);
    const at = [listener.at];
    if (kind === 'HTTP') {
      // no listener without a service behind it
      if (services.length === 0) return;
      const address = bind ?? '0.0.0.0';
      const http: HttpManager = { kind: 'http', routeConfig: String(this.port) };
      this.contribute(address, { service: undefined, protocol, kind: 'HTTP', http, tcp: [], at });
      this.lock(address);
      return;
    }
    for (const service of services) {
      const port = portOfService(service, this.port)!;
      const effective: RegistryPort = { ...port, protocol, class: kind };
      for (const target of bind ? [{ address: bind, subnets: undefined }] : addressesOf(service)) {
        this.contribute(target.address, this.tcpOrAuto(service, effective, target.address, target.subnets, at));
        this.lock(target.address);
      }
    }
  }

  private lock(address: string): void {
    this.locked.add(`${address}_${this.port}`);
  }

  private service(service: RegistryService): void {
    const port = portOfService(service, this.port);
    if (!port || port.class === 'UDP') return;
    if (port.class === 'HTTP') {
      const http: HttpManager = { kind: 'http', routeConfig: String(this.port) };
      this.add('0.0.0.0', { service, protocol: port.protocol, kind: 'HTTP', http, tcp: [], at: [port.at] });
      return;
    }
    for (const { address, subnets } of this.bindings(service, port)) {
      this.add(address, this.tcpOrAuto(service, port, address, subnets, [port.at]));
    }
  }

  /** Where the TCP or AUTO port of a service listens (LIS-3, LIS-4, LIS-7, LIS-8). */
  private bindings(service: RegistryService, port: RegistryPort): Binding[] {
    if (service.addresses.length > 0) return addressesOf(service);
    if (service.resolution === 'passthrough') {
      const endpoints = this.mesh.endpoints(service, port).filter((it) => it.address !== this.proxy.pod.ip);
      const addresses = [...new Set(endpoints.filter((it) => it.health !== 'terminating').map((it) => it.address))];
      if (isHeadless(service) || addresses.length > 0)
        return addresses.map((address) => ({ address, subnets: undefined }));
    }
    return addressesOf(service);
  }

  private tcpOrAuto(
    service: RegistryService,
    port: RegistryPort,
    address: string,
    subnets: readonly string[] | undefined,
    at: readonly Location[],
  ): Contribution {
    const wildcard = address === '0.0.0.0';
    const { egressIndex } = this;
    const place = { service, port, listenerPort: this.port, wildcardBind: wildcard, subnets, egressIndex };
    const chains = isTlsProtocol(port.protocol)
      ? tlsChains(this.mesh, this.proxy, place)
      : tcpChains(this.mesh, this.proxy, place);
    if (port.class !== 'AUTO')
      return { service, protocol: port.protocol, kind: 'TCP', http: undefined, tcp: chains, at };
    // bound to an address of its own, the route table has that service alone (LIS-6)
    const routeConfig = wildcard ? String(this.port) : `${service.host}:${this.port}`;
    return { service, protocol: port.protocol, kind: 'AUTO', http: { kind: 'http', routeConfig }, tcp: chains, at };
  }

  private add(address: string, contribution: Contribution): void {
    const key = `${address}_${this.port}`;
    if (this.locked.has(key)) return;
    this.contribute(address, contribution);
  }

  private contribute(address: string, contribution: Contribution): void {
    if (address === '0.0.0.0' && RESERVED_PORTS.has(this.port)) return;
    const key = `${address}_${this.port}`;
    const draft = this.drafts.get(key);
    if (draft) draft.merge(contribution);
    else this.drafts.set(key, new Draft(address, this.port, contribution));
  }
}

interface Binding {
  readonly address: string;
  readonly subnets: readonly string[] | undefined;
}

/** The addresses of a service, each for itself; blocks, and services without any, listen at every address (LIS-3, LIS-4). */
function addressesOf(service: RegistryService): Binding[] {
  if (service.addresses.length === 0) return [{ address: '0.0.0.0', subnets: undefined }];
  const blocks = service.addresses.filter(isBlock);
  const plain = service.addresses.filter((it) => !isBlock(it));
  return [
    ...plain.map((address) => ({ address, subnets: undefined })),
    ...(blocks.length > 0 ? [{ address: '0.0.0.0', subnets: blocks }] : []),
  ];
}

/** A listener while services are being added to it: the table of LIS-5. */
class Draft {
  /** HTTP at any address looks at the first bytes anyway, and so counts as AUTO. */
  private kind: 'HTTP' | 'TCP' | 'AUTO';
  private http: HttpManager | undefined;
  private tcp: FilterChain[];
  private readonly at: Location[];
  private readonly rejected: Rejected[] = [];
  private readonly assumptions: Assumption[] = [];
  private readonly protocol: Protocol;
  private readonly first: RegistryService | undefined;

  constructor(
    private readonly address: string,
    private readonly port: number,
    first: Contribution,
  ) {
    this.kind = first.kind === 'HTTP' && address === '0.0.0.0' ? 'AUTO' : first.kind;
    this.http = first.http;
    this.tcp = [...first.tcp];
    this.at = [...first.at];
    this.protocol = first.protocol;
    this.first = first.service;
  }

  merge(next: Contribution): void {
    if (next.kind === 'HTTP' && this.kind !== 'TCP') {
      this.at.push(...next.at);
      return;
    }
    if (next.kind === 'AUTO' && this.kind === 'AUTO') {
      // its HTTP goes by the shared table; for what is not HTTP it comes too late
      this.reject(next, `${this.holder()} has ${this.address}:${this.port}`);
      return;
    }
    const wellKnown = (it: Protocol): boolean => it === 'Mongo' || it === 'MySQL';
    if (this.protocol !== next.protocol && (wellKnown(this.protocol) || wellKnown(next.protocol))) {
      this.reject(next, `${this.protocol} holds ${this.address}:${this.port} and merges with no other protocol`);
      return;
    }
    this.at.push(...next.at);
    if (next.kind === 'AUTO' && this.kind === 'HTTP') {
      this.tcp = [...next.tcp];
      this.http = next.http;
    } else {
      this.append(next);
      this.http ??= next.http;
    }
    if (next.kind !== this.kind) this.kind = 'AUTO';
  }

  finish(mesh: MeshSnapshot, proxy: Proxy): Listener {
    const rules = this.kind === 'HTTP' ? ['LIS-2'] : this.kind === 'TCP' ? ['LIS-3'] : ['LIS-3', 'LIS-6'];
    const chains: FilterChain[] = [];
    if (this.http) {
      chains.push({
        ...pushed(this.at, rules),
        name: '',
        match: this.kind === 'HTTP' ? {} : { transport: 'raw_buffer', alpn: PLAINTEXT_HTTP },
        tls: undefined,
        filter: this.http,
      });
    }
    const catchAll = this.tcp.find(isMatchAll);
    chains.push(...this.tcp.filter((it) => !isMatchAll(it)));
    return {
      ...pushed(this.at, this.address === '0.0.0.0' && this.kind !== 'HTTP' ? [...rules, 'LIS-4'] : rules),
      rejected: this.rejected,
      assumptions: this.assumptions,
      name: `${this.address}_${this.port}`,
      address: this.address,
      port: this.port,
      chains,
      defaultChain: catchAll ?? passthroughChain(mesh, proxy, 'PassthroughFilterChain'),
    };
  }

  /** Chains whose match stands there already are dropped: the first service wins. */
  private append(next: Contribution): void {
    for (const chain of next.tcp) {
      const rival = this.tcp.find((it) => sameMatch(it, chain));
      if (rival) this.reject(next, `${this.holder()} has ${this.address}:${this.port} with the same match`);
      else this.tcp.push(chain);
    }
  }

  private holder(): string {
    return this.first?.title ?? 'an earlier one';
  }

  private reject(next: Contribution, because: string): void {
    this.rejected.push({ name: next.service?.title ?? `port ${this.port}`, because, evidence: next.at });
    if (this.first && next.service && agesTie(this.first, next.service)) {
      this.assumptions.push({
        text: `${this.first.title} is taken to be older than ${next.service.title} (by name): neither says when it was created`,
      });
    }
  }
}

function isMatchAll(chain: FilterChain): boolean {
  const { port, subnets, sni, transport, alpn } = chain.match;
  return port === undefined && !subnets && !sni && !transport && !alpn;
}

function sameMatch(a: FilterChain, b: FilterChain): boolean {
  const key = ({ match }: FilterChain): string =>
    JSON.stringify([match.transport, match.alpn, [...(match.sni ?? [])].sort(), [...(match.subnets ?? [])].sort()]);
  return key(a) === key(b);
}

/** Where traffic goes that no chain takes: on to where it was going, or nowhere (LIS-11, LIS-13, LIS-14). */
function passthroughChain(mesh: MeshSnapshot, proxy: Proxy, name: string): FilterChain {
  const { mode, at } = mesh.scopeOf(proxy.pod).outboundPolicy;
  const cluster = mode === 'REGISTRY_ONLY' ? BLACK_HOLE_CLUSTER : (egressProxyOf(mesh, proxy) ?? PASSTHROUGH_CLUSTER);
  const base = pushed(at ? [at] : [], ['LIS-13', 'LIS-14']);
  return {
    ...base,
    name,
    match: {},
    tls: undefined,
    filter: { kind: 'tcp', clusters: [{ ...base, cluster, weight: 1, headers: undefined }] },
  };
}

function pushed(
  evidence: readonly Location[],
  rules: readonly string[],
): Pick<Listener, 'evidence' | 'rejected' | 'rules' | 'assumptions'> {
  return { evidence: uniqueLocations(evidence).filter((it) => it.doc !== ''), rejected: [], rules, assumptions: [] };
}
