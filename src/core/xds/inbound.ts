import type { Explained } from '../base/explained.js';
import { uniqueLocations, type Location } from '../base/location.js';
import { extensionAssumptions } from '../mesh/extensions.js';
import { peerModeOf, peerModePorts, type MutualTlsMode } from '../mesh/policies.js';
import type { MeshPod } from '../mesh/pods.js';
import { classOf, type ProtocolClass } from '../mesh/protocol.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import { ENDPOINTS } from '../mesh/sources.js';
import { INBOUND_PASSTHROUGH_CLUSTER } from './cluster-names.js';
import type { ChainMatch, FilterChain, HttpManager, Listener, Route, TcpProxy } from './config.js';
import { inboundPorts, passthroughPort, type InboundPort } from './inbound-ports.js';

const INBOUND_PORT = 15006;
const SOURCES = ['PeerAuthentication', 'Sidecar', ...ENDPOINTS] as const;

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

function withoutPort({ sni, transport, alpn }: ChainMatch): ChainMatch {
  return { ...(sni && { sni }), ...(transport && { transport }), ...(alpn && { alpn }) };
}
