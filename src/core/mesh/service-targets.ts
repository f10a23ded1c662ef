import { compareText } from '../base/lists.js';
import { containsLabels, type StringMap } from '../model/fields.js';
import { byAge } from './order.js';
import { targetPortOf, type MeshPod } from './pods.js';
import type { RegistryPort, RegistryService } from './services.js';
import type { MeshSnapshot } from './snapshot.js';
import { ENDPOINTS } from './sources.js';
import type { WorkloadEntry } from '../model/service-entry.js';

/** A service port that a pod serves, with the pod's own port behind it. */
export interface ServiceTarget {
  readonly service: RegistryService;
  readonly port: RegistryPort;
  readonly targetPort: number;
}

/**
 * What a pod serves, oldest service first, then by host name (IN-2): Services that select it (or, if none does, whose
 * EndpointSlices name its address), and ServiceEntries of its namespace that have it as an endpoint. Where a WorkloadEntry
 * names the pod's address, its labels choose the Services in place of the pod's.
 */
export function serviceTargetsOf(mesh: MeshSnapshot, pod: MeshPod): readonly ServiceTarget[] {
  return mesh.derive(`serviceTargets ${pod.id}`, ENDPOINTS, () => {
    const all = [...kubernetesTargets(mesh, pod), ...entryTargets(mesh, pod)];
    return all.sort((a, b) => created(a) - created(b) || compareText(a.service.host, b.service.host));
  });
}

function kubernetesTargets(mesh: MeshSnapshot, pod: MeshPod): ServiceTarget[] {
  const entry = workloadEntryAt(mesh, pod);
  if (entry) return targetsOfWorkloadEntry(mesh, entry);
  const selecting = kubernetesServices(mesh, pod.namespace).filter((it) => selects(it, pod.labels));
  if (selecting.length === 0) return slicedTargets(mesh, pod);
  return selecting.flatMap((service) =>
    service.ports.flatMap((port) => {
      const number = targetPortOf(pod.template, port.number, port.targetPort, port.transport);
      return number === undefined ? [] : [{ service, port, targetPort: number }];
    }),
  );
}

/** Services without a selector, whose slices name the pod. */
function slicedTargets(mesh: MeshSnapshot, pod: MeshPod): ServiceTarget[] {
  return kubernetesServices(mesh, pod.namespace).flatMap((service) =>
    service.ports.flatMap((port) => {
      const found = mesh.endpoints(service, port).find((it) => it.address === pod.ip);
      return found ? [{ service, port, targetPort: found.port }] : [];
    }),
  );
}

/** EP-5, seen from the workload. */
function targetsOfWorkloadEntry(mesh: MeshSnapshot, entry: WorkloadEntry): ServiceTarget[] {
  const services = kubernetesServices(mesh, entry.namespace).filter((it) => selects(it, entry.spec.labels));
  return services
    .filter((it) => it.resolution === 'client-side')
    .flatMap((service) =>
      service.ports.flatMap((port) => {
        if (port.class === 'UDP') return [];
        const target = port.targetPort?.value;
        const number =
          typeof target === 'string'
            ? entry.spec.ports.get(target)?.value
            : (entry.spec.ports.get(port.name)?.value ?? (target === 0 ? undefined : target) ?? port.number);
        return number === undefined ? [] : [{ service, port, targetPort: number }];
      }),
    );
}

function entryTargets(mesh: MeshSnapshot, pod: MeshPod): ServiceTarget[] {
  const entries = mesh.services.filter((it) => it.source.kind === 'ServiceEntry' && it.namespace === pod.namespace);
  return entries.flatMap((service) =>
    service.ports.flatMap((port) => {
      const found = mesh.endpoints(service, port).find((it) => it.address === pod.ip);
      return found ? [{ service, port, targetPort: found.port }] : [];
    }),
  );
}

function kubernetesServices(mesh: MeshSnapshot, namespace: string): readonly RegistryService[] {
  return mesh.services.filter(
    (it) => it.source.kind === 'Service' && it.namespace === namespace && it.resolution !== 'alias',
  );
}

function selects(service: RegistryService, labels: StringMap): boolean {
  const selector = service.source.kind === 'Service' ? service.source.selector : undefined;
  return selector !== undefined && selector.size > 0 && containsLabels(labels, selector);
}

/** Of several WorkloadEntries at the address: the pod's namesake, else one of its namespace, else the first by name. */
function workloadEntryAt(mesh: MeshSnapshot, pod: MeshPod): WorkloadEntry | undefined {
  const found = mesh.of('WorkloadEntry').filter((it) => it.spec.address?.value === pod.ip);
  const sorted = [...found].sort(
    (a, b) => compareText(`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`) || byAge(a, b),
  );
  const own = sorted.filter((it) => it.namespace === pod.namespace);
  return own.find((it) => it.name === pod.name) ?? own[0] ?? sorted[0];
}

function created(it: ServiceTarget): number {
  return it.service.created === undefined ? 0 : Math.floor(it.service.created / 1000);
}
