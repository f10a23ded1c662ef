import type { Sourced } from '../../base/location.js';
import type { RegistryPort, RegistryService } from '../../mesh/services.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import type { Related, Report } from '../rule.js';

/** The ports that traffic for a host can be sent to. */
export interface HostPorts {
  readonly ports: readonly RegistryPort[];
  /** `Service shop/reviews` */
  readonly title: string;
  /** `port 80`, `ports 80, 9090` */
  readonly text: string;
  readonly services: readonly RegistryService[];
}

/** What is wrong with a port that the host does not have: often its targetPort is meant. */
export function noSuchPort({ ports, title, text }: HostPorts, { value, at }: Sourced<number>): Report {
  const target = ports.find((it) => it.targetPort?.value === value);
  const right = target ?? (ports.length === 1 ? ports[0] : undefined);
  const hint = target ? `${value} is the targetPort of its port ${target.number}` : `it has ${text}`;
  return {
    at,
    message: `${title} has no port ${value}: ${hint}`,
    fixes: right ? [{ title: `Replace by ${right.number}`, edits: [{ at, text: String(right.number) }] }] : [],
  };
}

/** The places where the ports of a host are written. */
export function placesOf({ ports }: HostPorts): Related[] {
  return ports.map((it) => ({ at: it.at, message: `port ${it.number}` })).filter((it) => it.at.doc !== '');
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
