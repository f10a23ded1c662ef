import type { Location } from '../base/location.js';
import { containsLabels } from '../model/fields.js';
import type { Service, ServicePort } from '../model/kubernetes.js';
import type { MeshPod } from '../mesh/pods.js';
import type { RegistryService } from '../mesh/services.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import { nameOf } from '../xds/proxy.js';
import type { AppMessage, Arrival } from './arrival.js';
import { decision } from './decide.js';
import { messageOf, packetOf } from './message.js';
import type { Decision, Hop, Outcome } from './path.js';
import { portOf, type TraceRequest } from './request.js';
import { visitGateway, type GatewayVisit } from './visit-gateway.js';

/** One course of a request that a client outside of the cluster sends to a gateway. */
export interface GatewayEntry {
  readonly share: number;
  /** Empty when there is only one. */
  readonly label: string;
  /** Client and node. */
  readonly hops: readonly Hop[];
  readonly then:
    { readonly kind: 'end'; readonly outcome: Outcome } | { readonly kind: 'gateway'; readonly visit: GatewayVisit };
}

/** The address of the client outside, of the block that documents use. */
const OUTSIDE_CLIENT = '203.0.113.10';

/** From outside to a gateway: the client, the Service's door on a node, the gateway itself (GW-27). */
export function enterGateway(mesh: MeshSnapshot, request: TraceRequest): readonly GatewayEntry[] {
  const { from } = request;
  if (!('gateway' in from)) throw new Error('the request does not come from outside');
  const message = messageOf(request);
  const gateway = gatewayNamed(mesh, from.gateway);
  const client = clientHop(message, from.gateway, portOf(request.to));
  if (gateway.pods.length === 0) {
    const because = `There is no gateway ${from.gateway} in the environment`;
    return [{ share: 1, label: '', hops: [client], then: { kind: 'end', outcome: { result: 'unknown', because } } }];
  }
  const door = doorOf(mesh, gateway, portOf(request.to), from.via === 'pod');
  if (door.kind === 'refused') {
    const outcome: Outcome = { result: 'refused', because: door.decision.because };
    return [{ share: 1, label: '', hops: [client, nodeHop(message, door)], then: { kind: 'end', outcome } }];
  }
  const groups = alike(door.targets);
  return groups.map((targets): GatewayEntry => {
    const { pod, port } = targets[0]!;
    return {
      share: targets.length / door.targets.length,
      label: groups.length > 1 ? `→ ${nameOf(pod)}:${port}` : '',
      hops: [client, nodeHop(message, door, targets[0])],
      then: arriveAt(mesh, pod, port, message),
    };
  });
}

interface NamedGateway {
  readonly pods: readonly MeshPod[];
  /** The Service, when that is what was named. */
  readonly service: Service | undefined;
}

/** By the name of a pod, a workload or a Service. */
function gatewayNamed(mesh: MeshSnapshot, id: string): NamedGateway {
  const pods = mesh.podsOf(id);
  if (pods.length > 0) return { pods, service: undefined };
  const slash = id.indexOf('/');
  const service = mesh.kubernetesServiceOf(id.slice(0, slash), id.slice(slash + 1))?.source;
  if (service?.kind !== 'Service' || !service.selector) return { pods: [], service: undefined };
  const { selector, namespace } = service;
  return { pods: mesh.podsIn(namespace).filter((it) => containsLabels(it.labels, selector)), service };
}

interface Target {
  readonly pod: MeshPod;
  readonly port: number;
}

type Door =
  | {
      readonly kind: 'open';
      readonly targets: readonly Target[];
      readonly decision: Decision;
      readonly address: string;
    }
  | { readonly kind: 'refused'; readonly decision: Decision; readonly address: string };

/** How the connection gets to a pod: through the Service that has the port, or straight (NODE-1, NODE-7, KP-1, KP-2). */
function doorOf(mesh: MeshSnapshot, gateway: NamedGateway, port: number, straight: boolean): Door {
  const first = gateway.pods[0]!;
  const found = straight ? undefined : serviceWithPort(mesh, gateway, port);
  if (!found) {
    const address = `${first.ip}:${port}`;
    const because = straight
      ? 'The client calls the pod itself'
      : `No Service in front of ${nameOf(first)} has port ${port}: only the pod itself can be called there`;
    const chose = `pod ${first.id}, port ${port}`;
    const evidence = straight ? [] : serviceEvidence(mesh, gateway);
    const parts = {
      chose,
      because,
      rules: ['KP-1', 'NODE-7'],
      evidence,
      byDefault: 'a pod answers at its own address',
    };
    const passing = decision('pass node', { ...parts, ...(straight ? {} : { state: 'warning' as const }) });
    return { kind: 'open', targets: [{ pod: first, port }], decision: passing, address };
  }
  const { service, servicePort } = found;
  const address = `${publicAddress(service)}:${port}`;
  const registryPort = service.ports.find((it) => it.number === port && it.transport === 'TCP')!;
  const all = mesh.kubeProxyEndpoints(service, registryPort);
  const ready = all.filter((it) => it.health === 'healthy');
  const usable = ready.length > 0 ? ready : all.filter((it) => it.health === 'terminating');
  const targets = usable.flatMap((it) => (it.pod ? [{ pod: it.pod, port: it.port }] : []));
  if (targets.length === 0) {
    const refusal = decision('pass node', {
      chose: `${service.title} has no endpoint for port ${port}`,
      because: `No pod behind ${service.title} is ready: the node refuses the connection`,
      rules: ['NODE-6', 'KP-2'],
      evidence: [servicePort.at, service.hostAt],
      byDefault: 'a Service without endpoints is refused',
      state: 'broken',
    });
    return { kind: 'refused', decision: refusal, address };
  }
  const ports = [...new Set(targets.map((it) => it.port))].join(', ');
  const passing = decision('pass node', {
    chose: `${service.title} ${port} → ${[...new Set(targets.map((it) => nameOf(it.pod)))].join(', ')}:${ports}`,
    because: 'The node passes the connection on to one of the ready pods behind the Service',
    rules: ['NODE-1', 'KP-1', 'KP-3', 'KP-4'],
    evidence: [servicePort.at, service.hostAt, ...usable.flatMap((it) => it.evidence)],
    byDefault: 'the Service that every default gateway has',
    assumptions: first.assumptions,
    effects: [{ what: 'destination', before: address, after: `${targets[0]!.pod.ip}:${targets[0]!.port}` }],
  });
  return { kind: 'open', targets, decision: passing, address };
}

/** The Service named, or the last one that has the port in front of the pod. */
function serviceWithPort(
  mesh: MeshSnapshot,
  gateway: NamedGateway,
  port: number,
): { service: RegistryService; servicePort: ServicePort } | undefined {
  const candidates = servicesOf(mesh, gateway.pods[0]!).flatMap((service) => {
    const { source } = service;
    const servicePort = source.kind === 'Service' ? source.ports.find((it) => it.port.value === port) : undefined;
    return servicePort ? [{ service, servicePort }] : [];
  });
  return candidates.find((it) => it.service.source === gateway.service) ?? candidates.at(-1);
}

/** In the order of the files. */
function servicesOf(mesh: MeshSnapshot, pod: MeshPod): readonly RegistryService[] {
  const written = mesh.of('Service');
  const place = ({ source }: RegistryService): number => (source.kind === 'Service' ? written.indexOf(source) : -1);
  return mesh.services
    .filter(({ source, namespace }) => {
      if (source.kind !== 'Service' || namespace !== pod.namespace) return false;
      return source.selector !== undefined && source.selector.size > 0 && containsLabels(pod.labels, source.selector);
    })
    .sort((a, b) => place(a) - place(b));
}

function serviceEvidence(mesh: MeshSnapshot, gateway: NamedGateway): Location[] {
  return servicesOf(mesh, gateway.pods[0]!).map((it) => it.hostAt);
}

function publicAddress(service: RegistryService): string {
  const { source } = service;
  const written = source.kind === 'Service' ? (source.loadBalancerIPs[0] ?? source.externalIPs[0])?.value : undefined;
  return written ?? service.addresses[0] ?? service.host;
}

function clientHop(message: AppMessage, gateway: string, port: number): Hop {
  const what =
    message.protocol === 'tcp' || message.protocol === 'tls'
      ? `opens a connection`
      : `sends ${message.method} ${message.path}`;
  const sending = decision('send request', {
    chose: `a client outside of the cluster ${what} to ${gateway}, port ${port}`,
    because: 'This is the request that is followed',
    rules: ['NODE-1'],
    byDefault: 'the request that was asked about',
    assumptions: [
      {
        text: `The client's address is taken to be ${OUTSIDE_CLIENT}, and to reach the gateway unchanged (NODE-3, NODE-4)`,
      },
    ],
  });
  const place = { kind: 'client', name: 'outside', side: 'client' } as const;
  return { place, decisions: [sending], packet: packetOf(message, OUTSIDE_CLIENT, `${gateway}:${port}`) };
}

function nodeHop(message: AppMessage, door: Door, target?: Target): Hop {
  const to = target ? `${target.pod.ip}:${target.port}` : door.address;
  const place = { kind: 'node', name: 'node', side: 'client' } as const;
  return { place, decisions: [door.decision], packet: packetOf(message, OUTSIDE_CLIENT, to) };
}

/** Pods of one workload fare alike. */
function alike(targets: readonly Target[]): readonly (readonly Target[])[] {
  const groups = new Map<string, Target[]>();
  for (const it of targets) {
    const key = `${nameOf(it.pod)}:${it.port}`;
    const group = groups.get(key);
    if (group) group.push(it);
    else groups.set(key, [it]);
  }
  return [...groups.values()];
}

function arriveAt(mesh: MeshSnapshot, pod: MeshPod, port: number, message: AppMessage): GatewayEntry['then'] {
  if (pod.proxy.value !== 'gateway') {
    const because = `Pod ${pod.id} runs no gateway; requests from outside are followed to gateways only`;
    return { kind: 'end', outcome: { result: 'unknown', because } };
  }
  const tls: Arrival['tls'] = message.protocol === 'tls' ? { kind: 'own', sni: message.sni } : { kind: 'none' };
  return { kind: 'gateway', visit: visitGateway(mesh, pod, { sourceIp: OUTSIDE_CLIENT, port, tls, message }) };
}
