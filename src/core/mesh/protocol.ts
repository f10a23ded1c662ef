/** What a port speaks, as its declaration says (PRO-1..3); AUTO is found out by looking at the first bytes. */
export type Protocol =
  | 'HTTP'
  | 'HTTP2'
  | 'GRPC'
  | 'GRPC-Web'
  | 'HTTP_PROXY'
  | 'HTTPS'
  | 'TLS'
  | 'TCP'
  | 'Mongo'
  | 'Redis'
  | 'MySQL'
  | 'UDP'
  | 'AUTO';

/** How listeners treat a protocol. */
export type ProtocolClass = 'HTTP' | 'TCP' | 'AUTO' | 'UDP';

const WORDS: Readonly<Record<string, Protocol>> = {
  tcp: 'TCP',
  udp: 'UDP',
  grpc: 'GRPC',
  'grpc-web': 'GRPC-Web',
  http: 'HTTP',
  http_proxy: 'HTTP_PROXY',
  http2: 'HTTP2',
  https: 'HTTPS',
  tls: 'TLS',
  mongo: 'Mongo',
  redis: 'Redis',
  mysql: 'MySQL',
};

const APP_PROTOCOLS: Readonly<Record<string, Protocol>> = {
  'kubernetes.io/h2c': 'HTTP2',
  'kubernetes.io/ws': 'HTTP',
  'kubernetes.io/wss': 'HTTPS',
};

/** Ports whose protocols let the server speak first; an undeclared protocol there is plain TCP. */
const SERVER_FIRST_PORTS = new Set([25, 53, 3306, 27017]);

/** The protocol of a Kubernetes Service's port (PRO-1). */
export function kubernetesProtocol(
  transport: string,
  appProtocol: string | undefined,
  name: string | undefined,
  port: number,
): Protocol {
  if (transport === 'UDP' || transport === 'SCTP') return 'UDP';
  const declared = declaredProtocol(appProtocol ?? name ?? '', appProtocol !== undefined);
  if (declared) return declared;
  return SERVER_FIRST_PORTS.has(port) ? 'TCP' : 'AUTO';
}

function declaredProtocol(text: string, isAppProtocol: boolean): Protocol | undefined {
  if (isAppProtocol && APP_PROTOCOLS[text]) return APP_PROTOCOLS[text];
  const lower = text.toLowerCase();
  if (lower.startsWith('grpc-web')) return 'GRPC-Web';
  const word = lower.split('-')[0]!;
  return word === 'http_proxy' ? undefined : WORDS[word];
}

/** The protocol that a ServiceEntry or Sidecar names (PRO-2). */
export function parseProtocol(text: string | undefined): Protocol {
  return WORDS[(text ?? '').toLowerCase()] ?? 'AUTO';
}

/** PRO-3 */
export function classOf(protocol: Protocol): ProtocolClass {
  switch (protocol) {
    case 'HTTP':
    case 'HTTP2':
    case 'GRPC':
    case 'GRPC-Web':
    case 'HTTP_PROXY':
      return 'HTTP';
    case 'UDP':
      return 'UDP';
    case 'AUTO':
      return 'AUTO';
    default:
      return 'TCP';
  }
}

/** HTTPS and TLS ports are routed by SNI (SNI-1). */
export function isTlsProtocol(protocol: Protocol): boolean {
  return protocol === 'HTTPS' || protocol === 'TLS';
}

/** Ports to which Envoy speaks HTTP/2 whatever the client spoke (OBS-6). */
export function isHttp2Protocol(protocol: Protocol): boolean {
  return protocol === 'HTTP2' || protocol === 'GRPC' || protocol === 'GRPC-Web';
}
