import type { Rejected } from '../base/explained.js';
import { uniqueLocations, type Location } from '../base/location.js';
import { unusedRoutes } from '../mesh/api-virtual-services.js';
import { hostsFor, mergedGateways, titleOf, type BoundServer } from '../mesh/gateways.js';
import { bySpecificity, isSubsetOf } from '../mesh/hosts.js';
import { exportedTo, type RegistryService } from '../mesh/services.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import { virtualServicesFor, type EffectiveVirtualService } from '../mesh/virtual-services.js';
import { clientView } from './client-view.js';
import type { Route, RouteConfiguration, VirtualHost } from './config.js';
import { titleOfConfig } from './gateway-l4.js';
import { httpRoutesOf, isCatchAll, type DestinationService, type HttpRoutes } from './http-routes.js';
import type { Proxy } from './proxy.js';

/** One route configuration of a gateway's proxy (GWR-2..GWR-17). */
export function gatewayRoutes(mesh: MeshSnapshot, proxy: Proxy, name: string): RouteConfiguration {
  return mesh.remember(`gatewayRoutes ${proxy.pod.id} ${name}`, () => {
    const servers = mergedGateways(mesh, proxy.pod).byRouteConfig.get(name) ?? [];
    return new RouteTable(mesh, proxy, name, servers).build();
  });
}

/** A virtual host while servers and VirtualServices still add to it. */
interface Draft {
  readonly host: string;
  readonly name: string;
  readonly parts: HttpRoutes[];
  requireTls: boolean;
  readonly evidence: Location[];
  readonly rules: Set<string>;
}

class RouteTable {
  private readonly drafts = new Map<string, Draft>();
  /** The routes of one VirtualService on one Gateway are made once, for the first server that they fit (GWR-8). */
  private readonly made = new Map<string, HttpRoutes>();
  private readonly rejected: Rejected[] = [];

  constructor(
    private readonly mesh: MeshSnapshot,
    private readonly proxy: Proxy,
    private readonly name: string,
    private readonly servers: readonly BoundServer[],
  ) {}

  build(): RouteConfiguration {
    for (const server of this.servers) {
      for (const it of virtualServicesFor(this.mesh, this.proxy.namespace, server.gateway.id))
        this.addVirtualService(server, it);
      if (server.gateway.semantics === 'gateway-api') this.rejected.push(...unusedRoutes(this.mesh, server.gateway.id));
      if (server.server.tls?.httpsRedirect?.value) this.addRedirects(server);
    }
    const virtualHosts = this.drafts.size === 0 ? [this.blackhole()] : this.finish();
    const evidence = uniqueLocations(this.servers.map((it) => it.server.at));
    return {
      name: this.name,
      virtualHosts,
      ignorePort: true,
      evidence,
      rejected: this.rejected,
      rules: ['GW-12'],
      assumptions: [],
    };
  }

  private addVirtualService(server: BoundServer, it: EffectiveVirtualService): void {
    const shared = intersection(
      hostsFor(server, it.namespace).map((host) => host.value),
      it.hosts.map((host) => host.value),
    );
    if (shared.length === 0) {
      const because = `none of its hosts meets ${server.hosts.map((host) => host.value).join(', ')} of ${titleOf(server)}`;
      this.rejected.push({
        name: titleOfConfig(it),
        because,
        evidence: [it.hosts[0]?.at ?? it.nameAt, server.server.at],
      });
      return;
    }
    const routes = this.routesOf(server, it);
    if (!routes) return;
    const redirects = server.server.tls?.httpsRedirect;
    for (const shown of shared) {
      const host = shown.toLowerCase();
      const draft = this.draft(host, server);
      draft.parts.push(routes);
      draft.evidence.push(it.hosts.find((own) => covers(own.value, shown))?.at ?? it.nameAt);
      draft.rules.add('GWR-2');
      if (draft.parts.length > 1) draft.rules.add('GWR-5');
      if (redirects?.value) requireTls(draft, redirects.at);
    }
  }

  /** GWR-8: a VirtualService all of whose entries drop leaves no trace; another server's port may still fit. */
  private routesOf(server: BoundServer, it: EffectiveVirtualService): HttpRoutes | undefined {
    const key = `${server.gateway.id} ${it.namespace}/${it.name}`;
    const known = this.made.get(key);
    if (known) return known;
    const made = httpRoutesOf(this.mesh, this.proxy, it, {
      port: server.server.port.value,
      gateways: new Set([server.gateway.id]),
      tls: server.server.tls !== undefined,
      lookup: (host) => this.lookup(host, it.namespace),
    });
    if (made.routes.length > 0) {
      this.made.set(key, made);
      return made;
    }
    this.rejected.push(...made.pruned);
    if (made.pruned.length === 0) {
      const because = 'it has no http route, and only those count here';
      this.rejected.push({ name: titleOfConfig(it), because, evidence: [it.nameAt] });
    }
    return undefined;
  }

  /** GWR-19: the service in the VirtualService's namespace before the one that the gateway sees. */
  private lookup(host: string, namespace: string): DestinationService | undefined {
    const own = this.mesh.servicesNamed(host.toLowerCase()).find((it) => it.namespace === namespace && this.sees(it));
    const service = own ?? clientView(this.mesh, this.proxy).byHost.get(host.toLowerCase());
    return service && { ports: service.ports.map((it) => it.number), aliasOf: service.aliasOf };
  }

  private sees(it: RegistryService): boolean {
    return exportedTo(it.exportTo, this.proxy.namespace);
  }

  /** GW-17: hosts of the server go to https, whether or not somebody has routes for them. */
  private addRedirects(server: BoundServer): void {
    for (const host of server.hosts) {
      // a namespace in front stays part of the domain, which then no request has
      requireTls(this.draft(host.value.toLowerCase(), server), server.server.tls!.httpsRedirect!.at);
    }
  }

  private draft(host: string, server: BoundServer): Draft {
    const known = this.drafts.get(host);
    if (known) return known;
    const name = `${host}:${server.server.port.value}`;
    const draft: Draft = {
      host,
      name,
      parts: [],
      requireTls: false,
      evidence: [server.server.at],
      rules: new Set(['GW-12']),
    };
    this.drafts.set(host, draft);
    return draft;
  }

  /** Virtual hosts with the very same routes become one, named after the most specific. */
  private finish(): VirtualHost[] {
    const byContent = new Map<string, Draft[]>();
    const numbers = new Map<HttpRoutes, number>();
    const numberOf = (it: HttpRoutes): number => numbers.get(it) ?? (numbers.set(it, numbers.size), numbers.size - 1);
    for (const draft of [...this.drafts.values()].sort((a, b) => bySpecificity(a.host, b.host))) {
      const content = `${draft.parts.map(numberOf).join(' ')}${draft.requireTls ? ' tls' : ''}`;
      const alike = byContent.get(content);
      if (alike) alike.push(draft);
      else byContent.set(content, [draft]);
    }
    return [...byContent.values()].map(merged);
  }

  /** GWR-16 */
  private blackhole(): VirtualHost {
    const port = this.servers[0]?.server.port.value ?? 0;
    const evidence = this.servers.map((it) => it.server.at);
    const rules = ['GWR-16'];
    const domains = ['*'];
    return {
      name: `blackhole:${port}`,
      domains,
      routes: [],
      requireTls: false,
      evidence,
      rejected: this.rejected,
      rules,
      assumptions: [],
    };
  }
}

function requireTls(draft: Draft, at: Location): void {
  draft.requireTls = true;
  draft.evidence.push(at);
  draft.rules.add('GW-17');
}

function merged(drafts: readonly Draft[]): VirtualHost {
  const first = drafts[0]!;
  return {
    name: first.name,
    domains: drafts.map((it) => it.host),
    routes: catchAllsLast(first.parts.flatMap((it) => it.routes)),
    requireTls: first.requireTls,
    evidence: uniqueLocations(drafts.flatMap((it) => it.evidence)),
    rejected: first.parts.flatMap((it) => it.pruned),
    rules: [...new Set(drafts.flatMap((it) => [...it.rules]))],
    assumptions: [],
  };
}

/** For each pair of hosts of which one covers the other, the more specific one (GWR-2). */
function intersection(ofServer: readonly string[], ofVirtualService: readonly string[]): readonly string[] {
  const result = new Set<string>();
  for (const a of ofServer) {
    for (const b of ofVirtualService) {
      if (isSubsetOf(a, b)) result.add(a);
      else if (isSubsetOf(b, a)) result.add(b);
    }
  }
  return [...result];
}

function covers(own: string, shown: string): boolean {
  return own === shown || isSubsetOf(shown, own);
}

/** GWR-5 */
function catchAllsLast(routes: readonly Route[]): readonly Route[] {
  return [...routes.filter((it) => !isCatchAll(it.match)), ...routes.filter((it) => isCatchAll(it.match))];
}
