import { containsLabels, type StringMap } from '../core/model/fields.js';
import type { DestinationRule } from '../core/model/destination-rule.js';
import type { Pod, Service, Workload } from '../core/model/kubernetes.js';
import type { ServiceEntry } from '../core/model/service-entry.js';
import { expandHost } from '../core/mesh/hosts.js';
import type { MeshPod } from '../core/mesh/pods.js';
import type { RegistryPort, RegistryService } from '../core/mesh/services.js';
import type { MeshSnapshot } from '../core/mesh/snapshot.js';
import { effectiveVirtualServices } from '../core/mesh/virtual-services.js';
import { branchRows, counted } from './branch-rows.js';
import { doorsToService } from './doors.js';
import type { HoverContent, HoverContext } from './hover.js';
import { requestNote, shownPath } from './hover-routes.js';
import { admittedRequests } from './policy-requests.js';
import type { Session } from './session.js';
import { bestOfDoors, witnessOfRoute, type Witness } from './witness.js';

/** What a Service means: its full name, who is behind it, and what a plain request to it gets. */
export function hoverService({ session, keys }: HoverContext, it: Service): HoverContent | undefined {
  const service = session.snapshot.kubernetesServiceOf(it.namespace, it.name);
  if (!service) return undefined;
  const index = keys[0] === 'spec' && keys[1] === 'ports' && typeof keys[2] === 'number' ? keys[2] : undefined;
  const port = index === undefined ? undefined : service.ports[index];
  return hoverOfService(session, service, port);
}

export function hoverServiceEntry({ session, keys }: HoverContext, it: ServiceEntry): HoverContent | undefined {
  const host = keys[1] === 'hosts' && typeof keys[2] === 'number' ? it.hosts[keys[2]]?.value : it.hosts[0]?.value;
  const service =
    host === undefined
      ? undefined
      : session.snapshot.servicesNamed(host.toLowerCase()).find((one) => one.source === it);
  if (!service) return undefined;
  const index = keys[1] === 'ports' && typeof keys[2] === 'number' ? keys[2] : undefined;
  return hoverOfService(session, service, index === undefined ? undefined : service.ports[index]);
}

/** A DestinationRule: which host it is for; on a subset, which pods that one selects. */
export function hoverDestinationRule({ session, keys }: HoverContext, it: DestinationRule): HoverContent | undefined {
  const mesh = session.snapshot;
  const host = expandHost(it.host.value, it.namespace, mesh.config.clusterDomain);
  const service = mesh.servicesNamed(host.toLowerCase())[0];
  if (!service) return hostOnly(host, `No Service or ServiceEntry in these files is called ${host}`);
  const subset = keys[1] === 'subsets' && typeof keys[2] === 'number' ? it.subsets[keys[2]] : undefined;
  if (!subset) {
    const content = hoverOfService(session, service, undefined);
    const subsets = it.subsets.map((one) => `${one.name.value}: ${podsText(podsBehind(mesh, service), one.labels)}`);
    return { ...content, facts: [...content.facts, ...subsets] };
  }
  const behind = podsBehind(mesh, service);
  return {
    title: `${service.host} ${subset.name.value}`,
    note: labelText(subset.labels),
    rows: [],
    facts: [
      podsText(behind, subset.labels),
      ...namesOf(behind.filter((pod) => containsLabels(pod.labels, subset.labels))),
    ],
    path: [],
    request: undefined,
  };
}

/** A workload: whether it has a sidecar, which Services lead to it, and what a request there gets. */
export function hoverWorkload({ session }: HoverContext, it: Workload | Pod): HoverContent | undefined {
  const mesh = session.snapshot;
  const pods = mesh.podsOf(`${it.namespace}/${it.name}`);
  const pod = pods[0];
  if (!pod) return undefined;
  const services = mesh.services.filter(
    (service) => mayLeadTo(service, pod) && podsBehind(mesh, service).includes(pod),
  );
  const first = services[0] && hoverOfService(session, services[0], undefined);
  const proxy = { sidecar: 'with a sidecar', gateway: 'a gateway', none: 'without a sidecar' }[pod.proxy.value];
  const leading =
    services.length > 0 ? `Reached as ${services.map((one) => one.host).join(', ')}` : 'No Service selects these pods';
  return {
    title: `${it.namespace}/${it.name}`,
    note: `${counted(pods.length, 'pod')}, ${proxy}`,
    rows: first?.rows ?? [],
    facts: [leading],
    path: first?.path ?? [],
    request: first?.request,
  };
}

function hoverOfService(session: Session, service: RegistryService, port: RegistryPort | undefined): HoverContent {
  const mesh = session.snapshot;
  const doors = doorsToService(mesh, service, port?.number);
  const witness = witnessToService(session, service, port);
  const chosen = port ?? service.ports.find((it) => it.number === doors[0]?.port);
  const rows = witness ? branchRows(mesh, witness.paths) : [];
  const behind = podsBehind(mesh, service);
  const address = service.addresses[0];
  const facts = [
    ...(chosen ? [portText(chosen)] : []),
    service.source.kind === 'Service'
      ? selectedText(service.source, behind)
      : `${service.external ? 'Outside of the mesh' : 'Part of the mesh'}, found by ${service.resolution}`,
  ];
  return {
    title: service.host,
    note: [witness && requestNote(witness.request), address].filter(Boolean).join(', '),
    rows,
    facts,
    path: witness ? shownPath(witness) : [],
    request: witness?.request,
  };
}

/** A request that the service's pods answer, if there is one: of the plainest kind, of one that a policy lets in, or that a route takes. */
function witnessToService(
  session: Session,
  service: RegistryService,
  port: RegistryPort | undefined,
): Witness | undefined {
  const mesh = session.snapshot;
  const plain = bestOfDoors(session, doorsToService(mesh, service, port?.number));
  const outcome = plain?.paths[0]?.outcome;
  if (outcome?.result !== 'status') return plain;
  if (outcome.status === 403) {
    for (const request of admittedRequests(mesh, podsBehind(mesh, service), service)) {
      const trace = session.trace(request);
      if (trace.paths.some((it) => it.outcome.result === 'delivered')) return { request, trace, paths: trace.paths };
    }
  }
  if (outcome.status === 404) {
    const routes = effectiveVirtualServices(mesh).find((it) => it.hosts.some((host) => host.value === service.host));
    const route = routes?.http[0];
    const routed = routes && route && witnessOfRoute(session, { routes, route });
    if (routed && !('because' in routed) && routed.paths.length > 0) return routed;
  }
  return plain;
}

function portText(port: RegistryPort): string {
  const target = port.targetPort ? ` → container port ${port.targetPort.value}` : '';
  const name = port.name ? `${port.name} ` : '';
  return `Port ${name}${port.number}${target}, spoken as ${port.protocol === 'AUTO' ? 'whatever the first bytes look like' : port.protocol}`;
}

function selectedText(it: Service, behind: readonly MeshPod[]): string {
  if (!it.selector) return it.externalName ? `Stands for ${it.externalName.value}` : 'Has no selector';
  return behind.length > 0
    ? `Selects ${counted(behind.length, 'pod')} (${labelText(it.selector)})`
    : `No pod carries ${labelText(it.selector)}`;
}

/** Cheap: spares looking up the endpoints of every service of a large mesh. */
function mayLeadTo({ source, namespace }: RegistryService, pod: MeshPod): boolean {
  if (namespace !== pod.namespace) return false;
  return source.kind !== 'Service' || !source.selector || containsLabels(pod.labels, source.selector);
}

function podsBehind(mesh: MeshSnapshot, service: RegistryService): MeshPod[] {
  const port = service.ports[0];
  if (!port) return [];
  return [...new Set(mesh.endpoints(service, port).flatMap((it) => it.pod ?? []))];
}

function podsText(pods: readonly MeshPod[], labels: StringMap): string {
  const fitting = pods.filter((it) => containsLabels(it.labels, labels));
  if (fitting.length > 0)
    return `${counted(fitting.length, 'pod')} ${fitting.length === 1 ? 'carries' : 'carry'} ${labelText(labels)}`;
  const keys = [...labels.keys()];
  const have = new Set(pods.flatMap((it) => keys.flatMap((key) => it.labels.get(key)?.value ?? [])));
  return `No pod carries ${labelText(labels)}${have.size > 0 ? ` (pods have ${[...have].sort().join(', ')})` : ''}`;
}

function namesOf(pods: readonly MeshPod[]): string[] {
  const names = [...new Set(pods.map((it) => it.workload))];
  return names.length > 0
    ? [names.slice(0, 4).join(', ') + (names.length > 4 ? ` and ${names.length - 4} more` : '')]
    : [];
}

export function labelText(labels: StringMap): string {
  return labels.size === 0 ? 'any labels' : [...labels].map(([key, value]) => `${key}=${value.value}`).join(', ');
}

function hostOnly(title: string, fact: string): HoverContent {
  return { title, note: '', rows: [], facts: [fact], path: [], request: undefined };
}
