import { portOf, type Target, type TraceRequest } from '../core/trace/request.js';
import { methodOf, urlOf } from './request-text.js';

/** The command line that sends a request, for a shell in the client's container; through a gateway, for a shell anywhere. */
export function curlLine(request: TraceRequest): string {
  const { to } = request;
  switch (to.scheme) {
    case 'tcp':
      return `curl -sv ${quote(`telnet://${authority(to.ip ?? to.host, portOf(to))}`)}`;
    case 'tls':
      return `openssl s_client -connect ${quote(authority(to.ip ?? to.host, portOf(to)))} ${serverName(to)} </dev/null`;
    default:
      return [
        'curl -sv',
        ...protocol(to),
        ...method(to),
        ...route(request),
        ...headers(request),
        ...body(to),
        url(to),
      ].join(' ');
  }
}

const serverName = (to: Target): string =>
  to.sni === '-' ? '-noservername' : `-servername ${quote(to.sni ?? to.host)}`;

function protocol(to: Target): string[] {
  return to.scheme === 'http2' || to.scheme === 'grpc' ? ['--http2-prior-knowledge'] : [];
}

function method(to: Target): string[] {
  const name = methodOf(to);
  if (name === 'GET' && to.body === undefined) return [];
  return name === 'HEAD' ? ['--head'] : ['-X', quote(name)];
}

// curl takes SNI and Host from the URL: the URL names the SNI, a header the authority, and --connect-to where to dial.
function url(to: Target): string {
  const scheme = to.scheme === 'https' ? 'https' : 'http';
  return quote(urlOf({ ...to, scheme, host: hostInUrl(to), port: portOf(to) }));
}

const hostInUrl = (to: Target): string => (to.scheme === 'https' && to.sni && to.sni !== '-' ? to.sni : to.host);

function route({ from, to }: TraceRequest): string[] {
  const host = bracketed(hostInUrl(to));
  const port = portOf(to);
  if (to.ip !== undefined) return ['--connect-to', quote(`${host}:${port}:${bracketed(to.ip)}:${port}`)];
  // the address of a gateway's Service is not in the YAML; the shell's variable stands for it
  if ('gateway' in from) return ['--connect-to', `${quote(`${host}:${port}:`)}"$GATEWAY_ADDRESS"${quote(`:${port}`)}`];
  return host === bracketed(to.host) ? [] : ['--connect-to', quote(`${host}:${port}:${bracketed(to.host)}:${port}`)];
}

function headers({ to, jwt }: TraceRequest): string[] {
  const given = Object.entries(to.headers ?? {});
  const names = new Set(given.map(([name]) => name.toLowerCase()));
  if (hostInUrl(to) !== to.host && !names.has('host')) given.unshift(['host', authorityHeader(to)]);
  if (to.scheme === 'grpc' && !names.has('content-type')) given.push(['content-type', 'application/grpc']);
  const lines = given.map(([name, value]) => `-H ${quote(value === '' ? `${name};` : `${name}: ${value}`)}`);
  if (jwt && !names.has('authorization')) lines.push('-H "Authorization: Bearer $TOKEN"');
  return lines;
}

const authorityHeader = (to: Target): string => (to.port === undefined ? to.host : authority(to.host, to.port));

const body = (to: Target): string[] => (to.body === undefined ? [] : ['--data-raw', quote(to.body)]);

const bracketed = (host: string): string => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host);

const authority = (host: string, port: number): string => `${bracketed(host)}:${port}`;

/** A word for a POSIX shell, quoted only where it must be. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
