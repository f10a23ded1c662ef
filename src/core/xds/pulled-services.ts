import { exportedTo, type RegistryService } from '../mesh/services.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import { clientView } from './client-view.js';
import { viewKey } from './client-view.js';
import { meshVirtualServices } from './mesh-virtual-services.js';
import type { Proxy } from './proxy.js';
import { destinationsOf } from './destinations.js';

/**
 * Services that a sidecar does not import but gets clusters for, because VirtualServices that it imports send to them
 * (SCO-5): neither listeners nor virtual hosts come with them.
 */
export function pulledServices(mesh: MeshSnapshot, proxy: Proxy): ReadonlyMap<string, RegistryService> {
  return mesh.remember(`pulledServices ${viewKey(mesh, proxy)}`, () => {
    const imported = clientView(mesh, proxy).byHost;
    const wanted = new Map<string, Set<number> | 'any'>();
    mesh.scopeOf(proxy.pod).egress.forEach((_, index) => {
      for (const it of meshVirtualServices(mesh, proxy, index).all) {
        for (const { host, port } of destinationsOf(it, proxy.namespace)) {
          if (imported.has(host.value)) continue;
          const before = wanted.get(host.value);
          if (port === undefined || before === 'any') wanted.set(host.value, 'any');
          else wanted.set(host.value, (before ?? new Set<number>()).add(port.value));
        }
      }
    });
    const result = new Map<string, RegistryService>();
    for (const [host, ports] of wanted) {
      const service = bestOf(mesh, host, proxy.namespace);
      if (service && hasOneOf(service, ports)) result.set(host, service);
    }
    return result;
  });
}

/** Of the client's namespace, else a Kubernetes Service, else the oldest that the client may see. */
function bestOf(mesh: MeshSnapshot, host: string, namespace: string): RegistryService | undefined {
  const all = mesh.servicesNamed(host);
  const own = all.filter((it) => it.namespace === namespace);
  const candidates = own.length > 0 ? own : all.filter((it) => exportedTo(it.exportTo, namespace));
  return candidates.find((it) => it.source.kind === 'Service') ?? candidates[0];
}

/** Where the VirtualServices name only ports that the service lacks, it is left out. */
function hasOneOf(service: RegistryService, ports: ReadonlySet<number> | 'any'): boolean {
  return ports === 'any' || service.ports.some((it) => ports.has(it.number));
}
