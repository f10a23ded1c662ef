import { uniqueLocations, type Location } from '../base/location.js';
import type { Rejected } from '../base/explained.js';
import type { MeshPod } from '../mesh/pods.js';
import { isHttp2Protocol, parseProtocol, type Protocol } from '../mesh/protocol.js';
import { serviceTargetsOf, type ServiceTarget } from '../mesh/service-targets.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import { describe } from '../model/resource.js';
import { inboundCluster, INBOUND_PASSTHROUGH_CLUSTER } from './cluster-names.js';

/** Envoy's and the agent's own: no chain is made for them. */
const RESERVED_PORTS = new Set([15001, 15006, 15021, 15090]);

/** One of a pod's ports as its proxy serves it. */
export interface InboundPort {
  /** 0 stands for every port that has no chains of its own. */
  readonly targetPort: number;
  readonly protocol: Protocol;
  /** The port that the virtual host is named after: the Service's. */
  readonly servicePort: number;
  readonly bind: string;
  /** A listener of its own in place of chains in virtualInbound (IN-5). */
  readonly bound: boolean;
  readonly cluster: string;
  readonly evidence: readonly Location[];
  readonly rejected: readonly Rejected[];
  readonly rules: readonly string[];
}

/** The ports that get chains of their own, by number. */
export function inboundPorts(mesh: MeshSnapshot, pod: MeshPod): readonly InboundPort[] {
  const sidecar = mesh.sidecarOf(pod);
  const listed = sidecar && sidecar.ingress.length > 0 ? ingressPorts(mesh, pod) : servicePorts(mesh, pod);
  return listed
    .filter((it) => it.bind !== '0.0.0.0' || !RESERVED_PORTS.has(it.targetPort))
    .sort((a, b) => a.targetPort - b.targetPort);
}

/** IN-2: the oldest of several services on one port decides. */
function servicePorts(mesh: MeshSnapshot, pod: MeshPod): InboundPort[] {
  if (interceptionMode(pod) === 'NONE') return [];
  const byPort = new Map<number, ServiceTarget[]>();
  for (const it of serviceTargetsOf(mesh, pod)) {
    const list = byPort.get(it.targetPort);
    if (list) list.push(it);
    else byPort.set(it.targetPort, [it]);
  }
  return [...byPort].map(([targetPort, [first, ...others]]) => ({
    targetPort,
    protocol: first!.port.protocol,
    servicePort: first!.port.number,
    bind: '0.0.0.0',
    bound: false,
    cluster: inboundCluster(targetPort),
    evidence: uniqueLocations([first!.port.at, selectorOf(first!)]),
    rejected: others
      .filter((it) => it.port.protocol !== first!.port.protocol)
      .map((it) => ({
        name: `${it.service.title} port ${it.port.number} (${it.port.protocol})`,
        because: `${first!.service.title} comes first and makes port ${targetPort} ${first!.port.protocol}`,
        evidence: [it.port.at],
      })),
    rules: ['IN-2', 'PRO-1'],
  }));
}

/** IN-5: a Sidecar with ingress replaces what Services say. */
function ingressPorts(mesh: MeshSnapshot, pod: MeshPod): InboundPort[] {
  const sidecar = mesh.sidecarOf(pod)!;
  const result = new Map<number, InboundPort>();
  for (const it of sidecar.ingress) {
    const targetPort = it.port.number.value;
    if (result.has(targetPort)) continue;
    result.set(targetPort, {
      targetPort,
      protocol: parseProtocol(it.port.protocol?.value),
      servicePort: targetPort,
      bind: it.bind?.value || pod.ip,
      bound: it.captureMode === 'NONE' || (it.captureMode !== 'IPTABLES' && interceptionMode(pod) === 'NONE'),
      cluster: inboundCluster(targetPort),
      evidence: uniqueLocations([it.port.number.at, it.port.protocol?.at]),
      rejected: serviceTargetsOf(mesh, pod)
        .filter((target) => target.targetPort === targetPort)
        .map((target) => ({
          name: `${target.service.title} port ${target.port.number}`,
          because: `${describe(sidecar)} names the ports itself`,
          evidence: [target.port.at],
        })),
      rules: ['IN-5', 'PRO-2'],
    });
  }
  return [...result.values()];
}

/** A port without chains of its own, or with a mode of its own alone (IN-3). */
export function passthroughPort(targetPort: number): InboundPort {
  return {
    targetPort,
    protocol: 'AUTO',
    servicePort: 0,
    bind: '',
    bound: false,
    cluster: INBOUND_PASSTHROUGH_CLUSTER,
    evidence: [],
    rejected: [],
    rules: ['IN-3'],
  };
}

/** Where a Sidecar's ingress leads, when it names another place than the port that was dialed (IN-5). */
export function ingressEndpoint(
  mesh: MeshSnapshot,
  pod: MeshPod,
  port: number,
): { text: string; at: Location } | undefined {
  const ingress = mesh.sidecarOf(pod)?.ingress.find((it) => it.port.number.value === port);
  const written = ingress?.defaultEndpoint;
  return written && written.value !== '' ? { text: written.value, at: written.at } : undefined;
}

/** What the proxy speaks to the application on a port: HTTP/2 where the port says so, the client's where it says nothing (OBS-6). */
export function inboundHttp(mesh: MeshSnapshot, pod: MeshPod, port: number): 'HTTP/1.1' | 'HTTP/2' | 'client' {
  const protocol = inboundPorts(mesh, pod).find((it) => it.targetPort === port && !it.bound)?.protocol ?? 'AUTO';
  if (isHttp2Protocol(protocol)) return 'HTTP/2';
  return protocol === 'AUTO' ? 'client' : 'HTTP/1.1';
}

/** How a pod's traffic is captured (CAP-1). */
export function interceptionMode(pod: MeshPod): 'REDIRECT' | 'TPROXY' | 'NONE' {
  const written = pod.template.annotations.get('sidecar.istio.io/interceptionMode')?.value;
  return written === 'NONE' || written === 'TPROXY' ? written : 'REDIRECT';
}

function selectorOf({ service }: ServiceTarget): Location | undefined {
  if (service.source.kind === 'Service') return service.source.selectorAt;
  return service.source.workloadSelector?.at;
}
