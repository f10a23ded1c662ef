import type { RegistryPort, RegistryService } from '../../mesh/services.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';

/** The ports that traffic for a host can be sent to. */
export interface HostPorts {
  readonly ports: readonly RegistryPort[];
  /** `Service shop/reviews` */
  readonly title: string;
  /** `port 80`, `ports 80, 9090` */
  readonly text: string;
  readonly services: readonly RegistryService[];
}

/** The ports of a host, of all its definitions; of an alias, those of its target. `undefined` where nobody can tell. */
export function portsOf(mesh: MeshSnapshot, host: string): HostPorts | undefined {
  const services = mesh
    .servicesNamed(host)
    .flatMap((it) => (it.aliasOf === undefined ? [it] : mesh.servicesNamed(it.aliasOf)));
  if (services.length === 0 || services.some((it) => it.aliasOf !== undefined)) return undefined;
  const ports = [...new Map(services.flatMap((it) => it.ports).map((it) => [it.number, it])).values()];
  if (ports.length === 0) return undefined;
  const numbers = ports.map((it) => it.number).join(', ');
  return {
    ports,
    title: services[0]!.title,
    text: ports.length === 1 ? `port ${numbers} only` : `ports ${numbers}`,
    services,
  };
}
