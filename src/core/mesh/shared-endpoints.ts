import type { ServiceEndpoint } from './endpoints.js';
import type { RegistryPort, RegistryService } from './services.js';
import type { MeshSnapshot } from './snapshot.js';

/**
 * The endpoints that proxies are sent for a port of a service. istiod keeps endpoints by host and namespace, and tells ports
 * apart by their names only: all definitions of a host in one namespace share theirs, whichever of them counts otherwise.
 */
export function sharedEndpoints(
  mesh: MeshSnapshot,
  service: RegistryService,
  port: RegistryPort,
): readonly ServiceEndpoint[] {
  const others = mesh
    .servicesNamed(service.host)
    .filter((it) => it.namespace === service.namespace && it.source !== service.source);
  if (others.length === 0) return mesh.endpoints(service, port);
  // a merged service may have a port of another definition
  const own = service.ports.includes(port) ? [port] : service.ports.filter((it) => it.name === port.name);
  return [
    ...own.flatMap((it) => mesh.endpoints(service, it)),
    ...others.flatMap((it) =>
      it.ports.filter((theirs) => theirs.name === port.name).flatMap((theirs) => mesh.endpoints(it, theirs)),
    ),
  ];
}
