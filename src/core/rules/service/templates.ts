import type { Location } from '../../base/location.js';
import { selectedBy } from '../../mesh/label-sets.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import type { ContainerPort, PodTemplate, Service } from '../../model/kubernetes.js';

/** What the pods of one workload listen on, as far as they say. */
export interface ServedPorts {
  readonly title: string;
  readonly ports: readonly ContainerPort[];
  readonly at: Location;
  readonly isGateway: boolean;
}

/** The pod templates that a Service selects, where their containers are known. */
export function templatesOf(mesh: MeshSnapshot, { namespace, selector }: Service): ServedPorts[] {
  if (!selector || selector.size === 0) return [];
  return selectedBy(mesh, selector, namespace).flatMap((set) => {
    const { template, title, labelsAt } = set;
    if (!template || template.containers.length === 0) return [];
    const ports = [...template.containers, ...template.nativeSidecars].flatMap((it) => it.ports);
    return [{ title, ports, at: labelsAt, isGateway: isGateway(template) }];
  });
}

function isGateway({ annotations, containers }: PodTemplate): boolean {
  const templates = annotations.get('inject.istio.io/templates')?.value.split(',') ?? [];
  return templates.includes('gateway') || (containers.length === 1 && containers[0]!.name === 'istio-proxy');
}
