import type { Explained, Rejected } from '../base/explained.js';
import { uniqueLocations, type Location } from '../base/location.js';
import { extensionAssumptions } from '../mesh/extensions.js';
import { peerModeOf, peerModePorts, type MutualTlsMode } from '../mesh/policies.js';
import type { MeshPod } from '../mesh/pods.js';
import { classOf, isHttp2Protocol, parseProtocol, type Protocol, type ProtocolClass } from '../mesh/protocol.js';
import { serviceTargetsOf, type ServiceTarget } from '../mesh/service-targets.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import { ENDPOINTS } from '../mesh/sources.js';
import { describe } from '../model/resource.js';
import { inboundCluster, INBOUND_PASSTHROUGH_CLUSTER } from './cluster-names.js';
import type { ChainMatch, FilterChain, HttpManager, Listener, Route, TcpProxy } from './config.js';

const INBOUND_PORT = 15006;
const SOURCES = ['PeerAuthentication', 'Sidecar', ...ENDPOINTS] as const;
/** Envoy's and the agent's own: no chain is made for them. */
const RESERVED_PORTS = new Set([15001, INBOUND_PORT, 15021, 15090]);

/** One of a pod's ports as its proxy serves it. */
interface InboundPort {
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

/**
 * The listener that takes what iptables hands over: a set of chains for each of the pod's ports that a Service or its Sidecar
 * names, and passthrough chains for all others (IN-1..IN-6).
 */
export function inboundListener(mesh: MeshSnapshot, pod: MeshPod): Listener {
  return mesh.derive(`inboundListener ${pod.id}`, SOURCES, () => {
    const ports = inboundPorts(mesh, pod);
    const own = new Set(ports.map((it) => it.targetPort));
    const passthrough = [0, ...peerModePorts(mesh, pod).filter((it) => !own.has(it))].map(passthroughPort);
    const chained = ports.filter((it) => !it.bound);
    const chains = [blackHole(), ...[...passthrough, ...chained].flatMap((it) => chainsOf(mesh, pod, it))];
    return {
      ...listener('virtualInbound', INBOUND_PORT, chains, []),
      assumptions: extensionAssumptions(mesh, pod, 'inbound'),
    };
  });
}

/**
 * The listener that a proxy opens on one of the pod's ports itself, as a Sidecar with `captureMode: NONE` asks (IN-5, LIS-16);
 * `undefined` for ports that it leaves to the application.
 */
export function boundListener(mesh: MeshSnapshot, pod: MeshPod, port: number): Listener | undefined {
  const it = inboundPorts(mesh, pod).find((candidate) => candidate.bound && candidate.targetPort === port);
  if (!it) return undefined;
  const chains = chainsOf(mesh, pod, it).map((chain) => ({ ...chain, match: withoutPort(chain.match) }));
  return listener(`${it.bind}_${port}`, port, chains, it.evidence);
}

function listener(name: string, port: number, chains: readonly FilterChain[], evidence: readonly Location[]): Listener {
  return {
    name,
    address: '0.0.0.0',
    port,
    chains,
    defaultChain: undefined,
    evidence,
    rejected: [],
    rules: ['IN-1'],
    assumptions: [],
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

/** The ports that get chains of their own, by number. */
function inboundPorts(mesh: MeshSnapshot, pod: MeshPod): readonly InboundPort[] {
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

/** IN-3 */
function passthroughPort(targetPort: number): InboundPort {
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

/** A connection to 15006 itself would go round for ever (IN-1). */
function blackHole(): FilterChain {
  return {
    name: 'virtualInbound-blackhole',
    match: { port: INBOUND_PORT },
    tls: undefined,
    filter: { kind: 'blackhole' },
    evidence: [],
    rejected: [],
    rules: ['IN-1'],
    assumptions: [],
  };
}

interface ChainKind {
  readonly match: ChainMatch;
  readonly http: boolean;
  /** Mesh TLS is taken off. */
  readonly mesh?: true;
}

const HTTP_ALPN = ['istio-http/1.0', 'istio-http/1.1', 'istio-h2'];
const TCP_ALPN = ['istio-peer-exchange', 'istio'];
const MESH_ALPN = ['istio', 'istio-peer-exchange', ...HTTP_ALPN];
const PLAIN_HTTP = ['http/1.1', 'h2c'];

const PLAIN_BYTES: ChainKind = { match: { transport: 'raw_buffer' }, http: false };
const OWN_TLS: ChainKind = { match: { transport: 'tls' }, http: false };
const SNIFFED: ChainKind = { match: { transport: 'raw_buffer', alpn: PLAIN_HTTP }, http: true };

/** The table of IN-6. */
const KINDS: Readonly<Record<Exclude<ProtocolClass, 'UDP'>, Readonly<Record<MutualTlsMode, readonly ChainKind[]>>>> = {
  HTTP: {
    STRICT: [{ match: { transport: 'tls' }, http: true, mesh: true }],
    PERMISSIVE: [
      { match: { transport: 'tls', alpn: MESH_ALPN }, http: true, mesh: true },
      { match: { transport: 'raw_buffer' }, http: true },
    ],
    DISABLE: [{ match: { transport: 'raw_buffer' }, http: true }],
  },
  TCP: {
    STRICT: [{ match: { transport: 'tls' }, http: false, mesh: true }],
    PERMISSIVE: [{ match: { transport: 'tls', alpn: MESH_ALPN }, http: false, mesh: true }, OWN_TLS, PLAIN_BYTES],
    DISABLE: [PLAIN_BYTES],
  },
  AUTO: {
    STRICT: [
      { match: { transport: 'tls', alpn: HTTP_ALPN }, http: true, mesh: true },
      { match: { transport: 'tls' }, http: false, mesh: true },
    ],
    PERMISSIVE: [
      { match: { transport: 'tls', alpn: HTTP_ALPN }, http: true, mesh: true },
      SNIFFED,
      { match: { transport: 'tls', alpn: TCP_ALPN }, http: false, mesh: true },
      PLAIN_BYTES,
      OWN_TLS,
    ],
    DISABLE: [SNIFFED, PLAIN_BYTES],
  },
};

function chainsOf(mesh: MeshSnapshot, pod: MeshPod, port: InboundPort): FilterChain[] {
  const mode = peerModeOf(mesh, pod, port.targetPort);
  const portClass = classOf(port.protocol);
  const kinds = KINDS[portClass === 'UDP' ? 'TCP' : portClass][mode.value];
  return kinds.map((kind) => chainOf(port, kind, mode));
}

function chainOf(port: InboundPort, kind: ChainKind, mode: Explained<MutualTlsMode>): FilterChain {
  const passthrough = port.cluster === INBOUND_PASSTHROUGH_CLUSTER;
  const ofPassthrough = kind.http ? 'virtualInbound-catchall-http' : 'virtualInbound';
  return {
    name: passthrough ? ofPassthrough : `${port.bind}_${port.targetPort}`,
    match: port.targetPort > 0 ? { ...kind.match, port: port.targetPort } : kind.match,
    tls: kind.mesh && { mode: 'mesh' },
    filter: kind.http ? httpManager(port) : tcpProxy(port),
    evidence: uniqueLocations([...port.evidence, ...mode.evidence]),
    rejected: [...port.rejected, ...mode.rejected],
    rules: [...port.rules, 'IN-6', ...mode.rules],
    assumptions: mode.assumptions,
  };
}

function tcpProxy({ cluster, evidence, rules }: InboundPort): TcpProxy {
  const target = { cluster, weight: 1, headers: undefined, evidence, rejected: [], rules, assumptions: [] };
  return { kind: 'tcp', clusters: [target] };
}

/** IN-10: whatever the request says, it goes to the one cluster; no VirtualService acts here. */
function httpManager(port: InboundPort): HttpManager {
  const { cluster, evidence } = port;
  const pushed = { evidence, rejected: [], rules: ['IN-10'], assumptions: [] };
  const retried = port.protocol !== 'GRPC' && port.protocol !== 'GRPC-Web';
  const route: Route = {
    ...pushed,
    name: 'default',
    match: undefined,
    action: {
      kind: 'clusters',
      clusters: [{ ...pushed, cluster, weight: 1, headers: undefined }],
      rewrite: undefined,
      mirrors: [],
      clusterNotFoundStatus: 503,
    },
    timeout: undefined,
    retries: {
      attempts: retried ? 2 : 0,
      retryOn: retried ? ['reset-before-request'] : [],
      statusCodes: [],
      perTryTimeout: undefined,
      at: undefined,
    },
    fault: undefined,
    cors: undefined,
    headers: undefined,
    title: `default → ${cluster}`,
    config: undefined,
  };
  const virtualHost = {
    ...pushed,
    name: `inbound|http|${port.servicePort}`,
    domains: ['*'],
    routes: [route],
    requireTls: false,
  };
  return {
    kind: 'http',
    routeConfig: cluster,
    inline: { ...pushed, name: cluster, virtualHosts: [virtualHost], ignorePort: true },
  };
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

function withoutPort({ sni, transport, alpn }: ChainMatch): ChainMatch {
  return { ...(sni && { sni }), ...(transport && { transport }), ...(alpn && { alpn }) };
}
