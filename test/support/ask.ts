import type { MeshSnapshot } from '../../src/core/mesh/snapshot.js';
import type { Decision, Path, ProxyLog } from '../../src/core/trace/path.js';
import type { Scheme, Token, TraceRequest } from '../../src/core/trace/request.js';
import { traceRequest } from '../../src/core/trace/trace.js';

/**
 * Reads a question of a fixture: `GET http://cart:80/items from shop/till -H x-user:ann --jwt iss=https://i,sub=ann`. Of a token
 * `aud` may come more than once, `expired` and `forged` stand alone, and any other name is a claim. `--sni` and `--ip` are what the
 * application says instead of the host, and where it connects without asking DNS.
 */
export function readQuestion(ask: string): TraceRequest {
  const found =
    /^(?<method>[A-Z]+) (?<scheme>\w+):\/\/(?<host>[^:/ ]+)(?::(?<port>\d+))?(?<path>\/\S*)? from (?<from>\S+)(?<more>.*)$/.exec(
      ask,
    )?.groups;
  if (!found) throw new Error(`no question: ${ask}`);
  const { method, scheme, host, port, path, from, more } = found as Record<string, string | undefined>;
  const headers = [...more!.matchAll(/ -H ([^:\s]+):("[^"]*"|\S*)/g)].map((it) => [
    it[1]!,
    it[2]!.replace(/^"|"$/g, ''),
  ]);
  const option = (name: string): string | undefined => new RegExp(` --${name} (\\S+)`).exec(more!)?.[1];
  const [token, sni, ip] = [option('jwt'), option('sni'), option('ip')];
  return {
    from: { pod: from! },
    to: {
      host: host!,
      scheme: scheme as Scheme,
      method: method!,
      headers: Object.fromEntries(headers) as Record<string, string>,
      ...(port === undefined ? {} : { port: Number(port) }),
      ...(path === undefined ? {} : { path }),
      ...(sni === undefined ? {} : { sni }),
      ...(ip === undefined ? {} : { ip }),
    },
    ...(token === undefined ? {} : { jwt: readToken(token) }),
  };
}

function readToken(text: string): Token {
  const audience: string[] = [];
  const claims: Record<string, string> = {};
  const result: Record<string, unknown> = { aud: audience, claims };
  for (const part of text.split(',')) {
    const [name, value = ''] = part.split('=') as [string, string?];
    if (name === 'aud') audience.push(value);
    else if (name === 'iss' || name === 'sub') result[name] = value;
    else if (name === 'expired') result['expired'] = true;
    else if (name === 'forged') result['badSignature'] = true;
    else claims[name] = value;
  }
  return result;
}

export interface TracedAnswer {
  /** `200 shop/cart:8080`, `403 rbac_access_denied...`, `reset`; then why, when it broke. */
  readonly lines: readonly string[];
  /** What broke it, in every course that the request can take. */
  readonly broken: readonly Decision[];
}

/** Traces a request and says what became of it; of the proxies' logs, what the last one says. */
export function answerOf(mesh: MeshSnapshot, request: TraceRequest): TracedAnswer {
  const { paths } = traceRequest(mesh, request);
  const broken = paths.flatMap((path) => path.hops.flatMap((it) => it.decisions)).filter((it) => it.state === 'broken');
  return { lines: paths.flatMap(linesOf), broken };
}

function linesOf({ outcome, hops }: Path): string[] {
  const log = hops.flatMap((it) => it.proxy ?? []).at(-1);
  const why = hops
    .flatMap((it) => it.decisions)
    .filter((it) => it.state === 'broken')
    .at(-1)?.because;
  const because = why === undefined ? [] : [why];
  switch (outcome.result) {
    case 'delivered':
      return [`${outcome.status ?? 200} ${outcome.endpoints.join(', ')}`];
    case 'status':
      return [[outcome.status, log?.flags, log?.details].filter(Boolean).join(' '), ...because];
    default:
      return [[outcome.result, log?.flags].filter(Boolean).join(' '), ...because];
  }
}

/**
 * A line for each path that a request can take: `90 % delivered shop/cart:8080 · outbound|80||cart.shop.svc.cluster.local TLS`, what
 * the server's proxy says when that is another thing, and what `--show` in the question asks for: fields of the first proxy's log
 * (`listener,route`), `sni` and `peer` of the server's, `places` on the way, `rules` of all decisions.
 */
export function pathLines(mesh: MeshSnapshot, ask: string): string[] {
  const shown = / --show (\S+)/.exec(ask)?.[1]?.split(',') ?? [];
  const { paths } = traceRequest(mesh, readQuestion(ask));
  return paths.map((path) => {
    const logs = path.hops.flatMap((it) => it.proxy ?? []);
    const client = logs.find((it) => it.side !== 'inbound');
    const server = logs.find((it) => it.side === 'inbound');
    const ended = endOf(path);
    const atServer = said(server);
    const parts = [
      paths.length > 1 ? `${Math.round(path.share * 100)} % ${ended}` : ended,
      client?.cluster === undefined ? '' : `${client.cluster}${arrived(path) ? transport(client, server) : ''}`,
      ...shown.map((it) => shownPart(path, it, client, server)),
      atServer === '' ? '' : `server ${atServer}`,
      ...path.mirrors.map((it) => `copy ${it.endpoints.length > 0 ? `to ${it.endpoints.join(', ')}` : 'lost'}`),
    ];
    return parts.filter((it) => it !== '').join(' · ');
  });
}

function endOf({ outcome }: Path): string {
  switch (outcome.result) {
    case 'delivered': {
      const status = outcome.status === undefined || outcome.status === 200 ? '' : `${outcome.status} `;
      return `delivered ${status}${[...new Set(outcome.endpoints)].join(', ')}`;
    }
    case 'status':
      return [outcome.status, outcome.flags, outcome.details, outcome.location].filter(Boolean).join(' ');
    case 'unknown':
      return outcome.result;
    default:
      return [outcome.result, outcome.flags].filter(Boolean).join(' ');
  }
}

function arrived({ outcome, hops }: Path): boolean {
  return outcome.result === 'delivered' || hops.some((it) => it.proxy?.side === 'inbound');
}

function transport(client: ProxyLog, server: ProxyLog | undefined): string {
  if (client.tlsToUpstream !== undefined) return client.tlsToUpstream ? ' TLS' : ' plaintext';
  if (server?.tlsFromClient !== undefined) return server.tlsFromClient ? ' TLS' : ' plaintext';
  return '';
}

/** What a server's proxy says when it is not just that it passed the request on. */
function said(log: ProxyLog | undefined): string {
  const ordinary = log?.details === undefined || log.details === 'via_upstream';
  if (!log || ((log.flags ?? '-') === '-' && ordinary)) return '';
  return [log.status, log.flags, log.details].filter((it) => it !== undefined && it !== '-').join(' ');
}

function shownPart(path: Path, what: string, client: ProxyLog | undefined, server: ProxyLog | undefined): string {
  if (what === 'places') return path.hops.map((it) => `${it.place.kind}`).join(' → ');
  if (what === 'rules') {
    const rules = path.hops.flatMap((hop) => hop.decisions.flatMap((it) => it.rules));
    return [...new Set(rules)].join(' ');
  }
  if (what === 'because') return path.outcome.result === 'delivered' ? '' : path.outcome.because;
  const log = what === 'sni' || what === 'peer' ? server : client;
  const value = log?.[what as keyof ProxyLog];
  return `${what} ${value === undefined || value === '' ? '-' : String(value)}`;
}
