import type { Rejected } from '../base/explained.js';
import { uniqueLocations, type Location, type Sourced } from '../base/location.js';
import { hostsMatch, isWildcard } from '../mesh/hosts.js';
import { portOfService, type RegistryPort, type RegistryService } from '../mesh/services.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { EffectiveVirtualService } from '../mesh/virtual-services.js';
import type { MeshConfig } from '../model/mesh-config.js';
import { onlyPortOf } from './client-view.js';
import { outboundCluster } from './cluster-names.js';
import type { Route, VirtualHost } from './config.js';
import { bracketed, hostDomains, portForms } from './host-domains.js';
import { httpRoutesOf, type HttpRoutes, type RoutePlace } from './http-routes.js';
import {
  egressIndexFor,
  hiddenVirtualServices,
  meshVirtualServices,
  titleOf,
  type MeshVirtualServices,
} from './mesh-virtual-services.js';
import type { Proxy } from './proxy.js';
import { retryPolicyOf } from './retry-policy.js';
import { tableServices, type TableService } from './table-services.js';

/** The virtual hosts of a port's table but the catch-all, sorted by name (VH-1..VH-6, VH-9). */
export function portVirtualHosts(
  mesh: MeshSnapshot,
  proxy: Proxy,
  port: number,
  callers: string,
): readonly VirtualHost[] {
  const egressIndex = egressIndexFor(mesh, proxy, port);
  if (egressIndex < 0) return [];
  const scope = mesh.scopeOf(proxy.pod).egress[egressIndex]!;
  const one = port === 0 || scope.listener?.port ? onlyPortOf(scope) : port;
  return new TableBuilder(mesh, proxy, egressIndex, one, callers).build();
}

/** Hosts that get one virtual host each, with routes that they share. */
interface Wrapper {
  readonly port: number;
  /** Hosts of the VirtualService that the registry does not know on this port (VH-4). */
  readonly hosts: readonly Sourced<string>[];
  readonly services: readonly TableService[];
  readonly routes: readonly Route[];
  readonly virtualService: EffectiveVirtualService | undefined;
}

interface Translated {
  readonly services: ReadonlyMap<string, TableService>;
  readonly config: MeshConfig;
  readonly routes: HttpRoutes;
}

const translated = new WeakMap<EffectiveVirtualService, Map<string, Translated>>();

class TableBuilder {
  private readonly services: ReadonlyMap<string, TableService>;
  private readonly virtualServices: MeshVirtualServices;
  private readonly known: ReadonlySet<EffectiveVirtualService>;
  private readonly place: RoutePlace;
  /** Why VirtualServices have no part in a host. */
  private readonly losers = new Map<string, Rejected[]>();
  private readonly drafts = new Map<string, VirtualHost & { readonly rejected: Rejected[]; readonly port: number }>();
  private readonly takenDomains = new Set<string>();

  constructor(
    private readonly mesh: MeshSnapshot,
    private readonly proxy: Proxy,
    egressIndex: number,
    /** `undefined` when the table has the hosts of all ports (VH-9). */
    private readonly port: number | undefined,
    /** What of the client's labels its routes depend on. */
    private readonly callers: string,
  ) {
    this.services = tableServices(mesh, proxy, egressIndex, port);
    this.virtualServices = meshVirtualServices(mesh, proxy, egressIndex);
    this.known = new Set(this.virtualServices.all);
    this.place = {
      port: port ?? 0,
      gateways: new Set(['mesh']),
      tls: false,
      lookup: (host) => {
        const found = this.services.get(host);
        return found && { ports: found.ports.map((it) => it.number), aliasOf: found.service.aliasOf };
      },
    };
  }

  build(): VirtualHost[] {
    const owned = this.relevant().flatMap((it) => this.wrappersOf(it));
    const governed = new Set(owned.flatMap((it) => it.services));
    const wrappers = [...owned, ...this.defaults(governed)];
    const registryNames = new Set(wrappers.flatMap((it) => it.services.map(({ host }) => host)));
    for (const wrapper of wrappers) {
      for (const host of wrapper.hosts) this.addHost(wrapper, host);
      for (const service of wrapper.services) this.addService(wrapper, service, registryNames);
    }
    const hosts = [...this.drafts.values()].flatMap((it) => this.onlyWithPort(it));
    return hosts.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  /** VS-6: on port 80 all count, elsewhere those with a host that some service on the port goes by. */
  private relevant(): readonly EffectiveVirtualService[] {
    if (this.port === 80) return this.virtualServices.all;
    const wildServices = [...this.services.keys()].filter(isWildcard);
    return this.virtualServices.all.filter(({ hosts }) =>
      hosts.some(({ value }) => {
        const host = value.toLowerCase();
        if (this.services.has(host)) return true;
        const others = isWildcard(host) ? this.services.keys() : wildServices;
        for (const it of others) if (hostsMatch(host, it)) return true;
        return false;
      }),
    );
  }

  /** Routes outlive edits of other VirtualServices, as long as what they can lead to stays the same. */
  private routesOf(it: EffectiveVirtualService): HttpRoutes {
    const key = `${this.proxy.namespace} ${this.callers} ${this.port ?? '*'}`;
    const kept = translated.get(it) ?? new Map<string, Translated>();
    translated.set(it, kept);
    const before = kept.get(key);
    const { config } = this.mesh;
    if (before && before.services === this.services && before.config === config) return before.routes;
    const routes = httpRoutesOf(this.mesh, this.proxy, it, this.place);
    kept.set(key, { services: this.services, config, routes });
    return routes;
  }

  private wrappersOf(it: EffectiveVirtualService): Wrapper[] {
    const { routes, pruned } = this.routesOf(it);
    if (routes.length === 0) {
      this.noteWithoutRoutes(it, pruned);
      return [];
    }
    const { strangers, services } = this.hostsOf(it);
    const allowed =
      it.semantics === 'gateway-api' ? services.filter((entry) => this.mayRule(it, entry.service)) : services;
    if (it.semantics === 'gateway-api' && allowed.length === 0) return [];
    const byPort = new Map<number, TableService[]>();
    for (const entry of allowed) {
      for (const port of entry.ports.filter(isHttp))
        byPort.set(port.number, [...(byPort.get(port.number) ?? []), entry]);
    }
    if (byPort.size === 0 && this.port === 80) byPort.set(80, []);
    return [...byPort].map(([port, entries]) => ({
      port,
      hosts: strangers,
      services: entries,
      routes,
      virtualService: it,
    }));
  }

  /** Routes of the Gateway API act for clients of their own namespace, or on services of it (VS-8). */
  private mayRule(it: EffectiveVirtualService, service: RegistryService): boolean {
    return service.namespace === it.namespace || this.proxy.namespace === it.namespace;
  }

  /** VS-4, VH-4: which services a VirtualService's hosts stand for, and which of them are strangers to the registry. */
  private hostsOf(it: EffectiveVirtualService): { strangers: Sourced<string>[]; services: TableService[] } {
    const strangers: Sourced<string>[] = [];
    const services: TableService[] = [];
    for (const host of it.hosts.filter(({ value }) => !isWildcard(value))) {
      const found = this.services.get(host.value.toLowerCase());
      if (found) services.push(found);
      else strangers.push(host);
    }
    for (const host of it.hosts.filter(({ value }) => isWildcard(value))) {
      if (it.semantics === 'gateway-api') {
        strangers.push(host);
        continue;
      }
      let known = false;
      for (const [name, entry] of this.services) {
        if (!hostsMatch(name, host.value.toLowerCase())) continue;
        known = true;
        // istiod looks up the name in lower case among names as written: one with capitals has no owner
        const owner = entry.service.host === name ? this.virtualServices.ownerOf(name) : undefined;
        if (owner?.value === it) services.push(entry);
        else if (owner) this.noteLess(name, it, host, owner);
      }
      if (!known) strangers.push(host);
    }
    return { strangers, services: [...new Set(services)] };
  }

  /** VH-2: services of which no VirtualService took hold. */
  private *defaults(governed: ReadonlySet<TableService>): Generator<Wrapper> {
    for (const entry of this.services.values()) {
      if (governed.has(entry) || entry.service.resolution === 'alias') continue;
      for (const port of entry.ports.filter(isHttp)) {
        const route = defaultRoute(this.mesh, entry.host, port);
        yield { port: port.number, hosts: [], services: [entry], routes: [route], virtualService: undefined };
      }
    }
  }

  private addHost(wrapper: Wrapper, host: Sourced<string>): void {
    const name = host.value.toLowerCase();
    this.add(wrapper, name, portForms(bracketed(name), undefined), new Set(), new Set(), [host.at], ['VH-4']);
  }

  private addService(wrapper: Wrapper, entry: TableService, registryNames: ReadonlySet<string>): void {
    const { service, host } = entry;
    const { domains, shortForms } = hostDomains({
      host,
      aliases: entry.aliases.map((it) => it.host),
      addresses: entry.addresses.filter((it) => it !== '0.0.0.0'),
      headless: entry.headless,
      namespace: this.proxy.namespace,
      clusterDomain: this.mesh.config.clusterDomain,
      port: this.port === undefined ? wrapper.port : undefined,
    });
    const written = wrapper.virtualService?.hosts.find(({ value }) => value.toLowerCase() === host);
    const at = written?.at ?? wrapper.virtualService?.nameAt;
    const evidence = uniqueLocations([at, portOfService(service, wrapper.port)?.at, service.hostAt]);
    this.add(wrapper, host, domains, shortForms, registryNames, evidence, [at ? 'VH-3' : 'VH-2', 'VH-5']);
  }

  /** VS-3, VH-6: the first of a name has it, and each domain belongs to the first that asks for it. */
  private add(
    wrapper: Wrapper,
    host: string,
    domains: readonly string[],
    shortForms: ReadonlySet<string>,
    registryNames: ReadonlySet<string>,
    evidence: readonly Location[],
    rules: readonly string[],
  ): void {
    const name = `${bracketed(host)}:${wrapper.port}`;
    const first = this.drafts.get(name);
    if (first) {
      if (wrapper.virtualService) first.rejected.push(lateComer(wrapper.virtualService, evidence));
      return;
    }
    const free = domains.filter((it) => {
      const key = it.toLowerCase();
      if (this.takenDomains.has(key) || (shortForms.has(it) && registryNames.has(it))) return false;
      this.takenDomains.add(key);
      return true;
    });
    if (free.length === 0) return;
    const hidden = hiddenVirtualServices(this.mesh, this.proxy, host, this.known);
    this.drafts.set(name, {
      name,
      domains: free,
      routes: wrapper.routes,
      requireTls: false,
      port: wrapper.port,
      evidence,
      rejected: [...(this.losers.get(host) ?? []), ...hidden],
      rules,
      assumptions: [],
    });
  }

  /** VH-9: in a table of all ports, only those of port 80 answer without a port in `Host`. */
  private onlyWithPort({ port, ...host }: VirtualHost & { readonly port: number }): VirtualHost[] {
    if (this.port !== undefined || port === 80) return [host];
    const domains = host.domains.filter((it) => it.includes(':'));
    return domains.length > 0 ? [{ ...host, domains }] : [];
  }

  /** VS-5 */
  private noteWithoutRoutes(it: EffectiveVirtualService, pruned: readonly Rejected[]): void {
    const because =
      it.http.length === 0 && it.dropped.length === 0
        ? 'it has no http routes'
        : `none of its http entries is for this client and port: ${[...it.dropped, ...pruned].map((entry) => entry.because).join('; ')}`;
    const evidence = uniqueLocations([it.nameAt, ...[...it.dropped, ...pruned].flatMap((entry) => entry.evidence)]);
    for (const { value } of it.hosts) {
      if (isWildcard(value)) {
        for (const name of this.services.keys()) {
          if (hostsMatch(name, value) && this.virtualServices.ownerOf(name)?.value === it)
            this.note(name, { name: titleOf(it), because, evidence });
        }
      } else this.note(value.toLowerCase(), { name: titleOf(it), because, evidence });
    }
  }

  private noteLess(
    service: string,
    it: EffectiveVirtualService,
    host: Sourced<string>,
    owner: { readonly host: string; readonly value: EffectiveVirtualService },
  ): void {
    const same = owner.host === host.value;
    const because = same
      ? `${titleOf(owner.value)} with the same host comes first`
      : `${titleOf(owner.value)} names ${owner.host}, which is more special than ${host.value}`;
    this.note(service, { name: titleOf(it), because, evidence: [host.at, owner.value.nameAt] });
  }

  private note(host: string, rejected: Rejected): void {
    const list = this.losers.get(host);
    if (list) list.push(rejected);
    else this.losers.set(host, [rejected]);
  }
}

function lateComer(it: EffectiveVirtualService, evidence: readonly Location[]): Rejected {
  return { name: titleOf(it), because: 'another VirtualService for this host comes first', evidence };
}

function isHttp(port: RegistryPort): boolean {
  return port.class === 'HTTP' || port.class === 'AUTO';
}

/** VH-2 */
function defaultRoute(mesh: MeshSnapshot, host: string, port: RegistryPort): Route {
  const evidence = [port.at];
  return {
    name: 'default',
    match: undefined,
    action: {
      kind: 'clusters',
      clusters: [
        {
          cluster: outboundCluster(port.number, '', host),
          weight: 1,
          headers: undefined,
          evidence,
          rejected: [],
          rules: ['VH-2'],
          assumptions: [],
        },
      ],
      rewrite: undefined,
      mirrors: [],
      clusterNotFoundStatus: 503,
    },
    timeout: undefined,
    retries: retryPolicyOf(undefined, mesh.config),
    fault: undefined,
    cors: undefined,
    headers: undefined,
    title: 'default route',
    config: undefined,
    evidence,
    rejected: [],
    rules: ['VH-2', 'RT-10'],
    assumptions: [],
  };
}
