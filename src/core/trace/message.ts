import type { AppMessage } from './arrival.js';
import type { Packet } from './path.js';
import { portOf, type TraceRequest } from './request.js';

/** The bytes that an application sends for a request. */
export function messageOf(request: TraceRequest): AppMessage {
  const { to } = request;
  const scheme = to.scheme ?? 'http';
  const headers = lowerCased(to.headers ?? {});
  const { host: written, ...others } = headers;
  const usual = scheme === 'https' ? 443 : 80;
  const port = portOf(to);
  const authority = written ?? (port === usual ? to.host : `${to.host}:${port}`);
  const encrypted = scheme === 'https' || scheme === 'tls';
  // proxies read the name in lower case, whatever was sent
  const sni = to.sni === '-' || !encrypted ? undefined : (to.sni ?? sniOf(to.host))?.toLowerCase();
  if (scheme === 'grpc') others['content-type'] ??= 'application/grpc';
  return {
    protocol:
      scheme === 'http'
        ? 'http1'
        : scheme === 'http2'
          ? 'h2'
          : scheme === 'grpc'
            ? 'grpc'
            : scheme === 'tcp'
              ? 'tcp'
              : 'tls',
    method: to.method ?? (scheme === 'grpc' ? 'POST' : 'GET'),
    authority,
    // what follows `#` stays with the client
    path: (to.path ?? '/').replace(/#.*$/, ''),
    headers: others,
    scheme: scheme === 'https' ? 'https' : 'http',
    ...(sni === undefined ? {} : { sni }),
    ...(request.jwt ? { jwt: request.jwt } : {}),
  };
}

/** TLS carries names only, never addresses. */
function sniOf(host: string): string | undefined {
  return /^[\d.]+$/.test(host) || host.includes(':') ? undefined : host;
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** What listeners can tell of the first bytes: TLS or not, and which HTTP. */
export function lookOf(message: AppMessage): {
  readonly transport: 'tls' | 'raw_buffer';
  readonly alpn: readonly string[];
  readonly sni: string | undefined;
} {
  switch (message.protocol) {
    case 'tls':
      return { transport: 'tls', alpn: ['h2', 'http/1.1'], sni: message.sni };
    case 'http1':
      return { transport: 'raw_buffer', alpn: ['http/1.1'], sni: undefined };
    case 'h2':
    case 'grpc':
      return { transport: 'raw_buffer', alpn: ['h2c'], sni: undefined };
    case 'tcp':
      return { transport: 'raw_buffer', alpn: [], sni: undefined };
  }
}

const PROTOCOLS = { http1: 'HTTP/1.1', h2: 'HTTP/2', grpc: 'gRPC', tls: 'TLS', tcp: 'TCP' } as const;

/** The packet that carries a message between two addresses. */
export function packetOf(message: AppMessage, source: string, destination: string, more: Partial<Packet> = {}): Packet {
  const readable = message.protocol !== 'tcp' && message.protocol !== 'tls';
  return {
    source,
    destination,
    protocol: PROTOCOLS[message.protocol],
    ...(readable ? { method: message.method, authority: message.authority, path: message.path } : {}),
    headers: readable ? message.headers : {},
    ...(message.sni === undefined ? {} : { sni: message.sni }),
    tls: message.protocol === 'tls' ? 'own' : 'none',
    ...more,
  };
}
