import type { MeshSnapshot } from '../../src/core/mesh/snapshot.js';
import type { Decision, Path } from '../../src/core/trace/path.js';
import type { Scheme, Token, TraceRequest } from '../../src/core/trace/request.js';
import { traceRequest } from '../../src/core/trace/trace.js';

/**
 * Reads a question of a fixture: `GET http://cart:80/items from shop/till -H x-user:ann --jwt iss=https://i,sub=ann`. Of a token
 * `aud` may come more than once, `expired` and `forged` stand alone, and any other name is a claim.
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
  const token = / --jwt (\S+)/.exec(more!)?.[1];
  return {
    from: { pod: from! },
    to: {
      host: host!,
      scheme: scheme as Scheme,
      method: method!,
      headers: Object.fromEntries(headers) as Record<string, string>,
      ...(port === undefined ? {} : { port: Number(port) }),
      ...(path === undefined ? {} : { path }),
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
