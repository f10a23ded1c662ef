import { uniqueLocations, type Location } from '../base/location.js';
import { containsLabels } from '../model/fields.js';
import type { Service } from '../model/kubernetes.js';
import { parseDuration } from '../model/reading.js';
import { targetPortOf, type MeshPod } from './pods.js';
import type { MeshSnapshot } from './snapshot.js';
import { PODS } from './sources.js';
import type { AppBehaviour } from './world.js';

/** What is known (or taken for granted) of the application in a pod. */
export interface Application {
  /** Ports that it listens on, with the lines that say so. */
  readonly ports: ReadonlyMap<number, readonly Location[]>;
  readonly speaksTls: (port: number) => boolean;
  readonly status: number;
  /** The first answers to a request, before `status`. */
  readonly failing: { readonly times: number; readonly status: number } | undefined;
  readonly delaySeconds: number;
  /** Nothing listens at all. */
  readonly down: boolean;
  /** Connections are accepted and reset at once. */
  readonly reset: boolean;
}

/**
 * The application of a pod: it listens where its containers or the Services that select it say, and answers 200 at once, unless the
 * world says otherwise. Ports named `https` or `tls`, 443 and 8443 speak TLS.
 */
export function applicationOf(mesh: MeshSnapshot, pod: MeshPod): Application {
  return mesh.derive(`application ${pod.id}`, ['Service', ...PODS], () => {
    const behaviours = mesh.world.apps.filter((it) => isMeant(it, pod));
    const services = mesh.of('Service').filter((it) => selects(it, pod));
    const failing = behaviours.filter((it) => it.failFirst).at(-1);
    return {
      ports: portsOf(pod, services, behaviours),
      speaksTls: tlsPortsOf(pod, services, behaviours),
      status: behaviours.filter((it) => it.status).at(-1)?.status ?? 200,
      failing: failing && { times: failing.failFirst!, status: failing.failStatus ?? 503 },
      delaySeconds: seconds(behaviours.filter((it) => it.delay).at(-1)?.delay),
      down: pod.finished || isPending(pod) || behaviours.some((it) => it.down),
      reset: behaviours.some((it) => it.reset),
    };
  });
}

function isMeant(it: AppBehaviour, pod: MeshPod): boolean {
  return it.pod === pod.id || it.pod === pod.workload || it.pod === `${pod.namespace}/*`;
}

function selects(service: Service, pod: MeshPod): boolean {
  const { selector, namespace } = service;
  return (
    namespace === pod.namespace && selector !== undefined && selector.size > 0 && containsLabels(pod.labels, selector)
  );
}

function portsOf(
  pod: MeshPod,
  services: readonly Service[],
  behaviours: readonly AppBehaviour[],
): Map<number, Location[]> {
  const result = new Map<number, Location[]>();
  const add = (port: number, at: Location[]): void => {
    result.set(port, uniqueLocations([...(result.get(port) ?? []), ...at]));
  };
  if (pod.proxy.value === 'gateway') return result;
  for (const container of pod.template.containers) {
    if (container.name === 'istio-proxy') continue;
    for (const it of container.ports) if (it.protocol === 'TCP') add(it.containerPort.value, [it.containerPort.at]);
  }
  for (const service of services) {
    for (const it of service.ports) {
      const number = targetPortOf(pod.template, it.port.value, it.targetPort, it.protocol);
      if (it.protocol === 'TCP' && number !== undefined) add(number, [it.targetPort?.at ?? it.port.at]);
    }
  }
  for (const it of behaviours) for (const port of it.ports ?? []) add(port, []);
  return result;
}

const TLS_WORDS = new Set(['https', 'tls']);
const PLAIN_WORDS = new Set(['http', 'http2', 'grpc', 'tcp']);

function tlsPortsOf(
  pod: MeshPod,
  services: readonly Service[],
  behaviours: readonly AppBehaviour[],
): (port: number) => boolean {
  const ports = new Map<number, boolean>([
    [443, true],
    [8443, true],
  ]);
  for (const service of services) {
    for (const it of service.ports) {
      const number = targetPortOf(pod.template, it.port.value, it.targetPort, it.protocol);
      const word = (it.appProtocol ?? it.name)?.value.toLowerCase().split('-')[0] ?? '';
      if (number === undefined) continue;
      if (TLS_WORDS.has(word)) ports.set(number, true);
      else if (PLAIN_WORDS.has(word)) ports.set(number, false);
    }
  }
  for (const it of behaviours) {
    for (const port of it.tlsPorts ?? []) ports.set(port, true);
    for (const port of it.plainPorts ?? []) ports.set(port, false);
  }
  return (port) => ports.get(port) ?? false;
}

function isPending(pod: MeshPod): boolean {
  const phase = pod.source?.kind === 'Pod' ? pod.source.phase : undefined;
  return phase !== undefined && phase !== 'Running';
}

function seconds(delay: number | string | undefined): number {
  if (delay === undefined) return 0;
  return typeof delay === 'number' ? delay : (parseDuration(delay) ?? 0);
}
