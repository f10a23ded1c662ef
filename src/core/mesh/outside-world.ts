import ipaddr from 'ipaddr.js';
import type { MeshSnapshot } from './snapshot.js';

/** Names and addresses outside of the cluster: what resolves there, and what an address there is called. */
export interface Outside {
  /** The address of a name; `undefined` when it is taken not to resolve. */
  resolve(host: string): string | undefined;
  /** The name at an address, if one is known. */
  nameOf(ip: string): string | undefined;
}

/**
 * Hosts that the files name (ServiceEntries, ExternalName Services) or that somebody asks for resolve, unless the world says
 * otherwise; their addresses are made up in 198.18.0.0/15, the block for such purposes.
 */
export function outsideOf(mesh: MeshSnapshot): Outside {
  return mesh.remember('outside', () => new OutsideWorld(mesh));
}

class OutsideWorld implements Outside {
  private readonly byHost = new Map<string, string>();
  private readonly byIp = new Map<string, string>();
  private readonly absent: ReadonlySet<string>;
  private count = 10;

  constructor(private readonly mesh: MeshSnapshot) {
    this.absent = new Set(mesh.world.nxdomain.map((it) => it.toLowerCase()));
    for (const it of mesh.world.external) this.learn(it.host, it.ip);
    for (const entry of mesh.of('ServiceEntry')) {
      for (const host of entry.hosts) this.learn(host.value);
      for (const endpoint of entry.endpoints) if (endpoint.address) this.learn(endpoint.address.value);
    }
    for (const service of mesh.of('Service')) if (service.externalName) this.learn(service.externalName.value);
  }

  resolve(host: string): string | undefined {
    const name = normalized(host);
    return this.byHost.get(name) ?? this.learn(name);
  }

  nameOf(ip: string): string | undefined {
    return this.byIp.get(ip);
  }

  private learn(host: string, ip?: string): string | undefined {
    const name = normalized(host);
    const known = this.byHost.get(name);
    if (known !== undefined) return known;
    if (!this.canBeOutside(name)) return undefined;
    const address = ip && ip !== '' ? ip : this.nextAddress();
    this.byHost.set(name, address);
    if (!this.byIp.has(address)) this.byIp.set(address, name);
    return address;
  }

  private canBeOutside(name: string): boolean {
    if (name === '' || name.includes('*') || !name.includes('.') || ipaddr.isValid(name) || this.absent.has(name))
      return false;
    const { clusterDomain } = this.mesh.config;
    if (name.endsWith(`.${clusterDomain}`) || name.endsWith('.svc')) return false;
    // `name.namespace` of this cluster is no name of the world outside
    const parts = name.split('.');
    return !(parts.length === 2 && this.mesh.knownNamespaces.has(parts[1]!));
  }

  private nextAddress(): string {
    const index = this.count++;
    return `198.18.${1 + Math.floor(index / 250)}.${(index % 250) + 1}`;
  }
}

function normalized(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}
