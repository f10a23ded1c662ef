import {
  portOf,
  TLS_SCHEMES,
  type Requester,
  type Scheme,
  type Target,
  type TraceRequest,
} from '../core/trace/request.js';

/** `GET http://reviews:9080/ with end-user: jason from shop/productpage`: all that tells one request from another. */
export function requestTitle({ from, to, jwt }: TraceRequest): string {
  const method = methodOf(to);
  const headers = Object.entries(to.headers ?? {}).map(([name, value]) => `${name}: ${shortened(value)}`);
  const carried = [...headers, ...(jwt ? [`a token${jwt.iss ? ` of ${jwt.iss}` : ''}`] : [])].join(', ');
  return `${method ? `${method} ` : ''}${urlOf(to)}${carried ? ` with ${carried}` : ''} from ${requesterTitle(from)}`;
}

const LONGEST_VALUE = 40;

function shortened(value: string): string {
  return value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}…` : value;
}

/** `shop/productpage`, `outside through istio-system/istio-ingressgateway`. */
export function requesterTitle(from: Requester): string {
  return 'pod' in from ? from.pod : `outside through ${from.gateway}`;
}

/** The method that is sent; empty where the protocol has none. */
export function methodOf(to: Target): string {
  if (to.scheme === 'tcp' || to.scheme === 'tls') return '';
  return to.method ?? (to.scheme === 'grpc' ? 'POST' : 'GET');
}

/** The target as a URL, with its port only where the scheme does not imply it; no path where the protocol has none. */
export function urlOf(to: Target): string {
  const scheme = to.scheme ?? 'http';
  const host = to.host.includes(':') && !to.host.startsWith('[') ? `[${to.host}]` : to.host;
  const impliedPort = TLS_SCHEMES.has(scheme) ? 443 : 80;
  const showPort = scheme === 'tcp' || scheme === 'tls' || portOf(to) !== impliedPort;
  const path = scheme === 'tcp' || scheme === 'tls' ? '' : (to.path ?? '/');
  return `${scheme}://${host}${showPort ? `:${portOf(to)}` : ''}${path.startsWith('/') || path === '' ? '' : '/'}${path}`;
}

const SCHEMES: readonly Scheme[] = ['http', 'http2', 'grpc', 'https', 'tls', 'tcp'];

/** What {@link urlOf} writes, and what people type (`reviews:9080/api`), read back; or what is wrong with it, in a sentence. */
export function parseUrl(
  text: string,
): { readonly target: Pick<Target, 'host' | 'port' | 'scheme' | 'path'> } | { readonly problem: string } {
  const trimmed = text.trim();
  const [, schemeText = 'http', rest = ''] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/)?(.*)$/s.exec(trimmed) ?? [];
  const scheme = SCHEMES.find((it) => it === schemeText.toLowerCase());
  if (!scheme) return { problem: `The scheme is ${SCHEMES.join(', ')}, not ${schemeText}` };
  const [, authority = '', path = ''] = /^([^/?#]*)([^#]*)/.exec(rest) ?? [];
  const [, bracketed, plain, portText] = /^(?:[^@]*@)?(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/.exec(authority) ?? [];
  const host = bracketed ?? plain ?? '';
  if (host === '') return { problem: 'Type a host, such as reviews:9080' };
  if (/\s/.test(host)) return { problem: 'A host has no blanks' };
  const hasPort = portText !== undefined && portText !== '';
  const port = hasPort ? Number(portText) : undefined;
  if (port !== undefined && (!/^\d+$/.test(portText ?? '') || port < 1 || port > 65535)) {
    return { problem: `The port is a number from 1 to 65535, not ${portText}` };
  }
  const target = { host, scheme, ...(port === undefined ? {} : { port }) };
  if (scheme === 'tcp' || scheme === 'tls') return { target };
  return { target: { ...target, path: path.startsWith('/') ? path : `/${path}` } };
}
