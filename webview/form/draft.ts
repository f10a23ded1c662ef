import type { Requester, Target, TraceRequest } from '../../src/core/trace/request.js';
import { methodOf, parseUrl, requesterTitle, urlOf } from '../../src/features/request-text.js';

/** The request as its form holds it: texts, complete or not. */
export interface Draft {
  readonly from: string;
  readonly method: string;
  readonly url: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly sni: string;
  /** What the form does not show, kept as it came. */
  readonly base: TraceRequest;
}

export function draftOf(request: TraceRequest): Draft {
  return {
    from: requesterTitle(request.from),
    method: methodOf(request.to),
    url: urlOf(request.to),
    headers: Object.entries(request.to.headers ?? {}).map(([name, value]) => ({ name, value })),
    sni: request.to.sni ?? '',
    base: request,
  };
}

export type Read = { readonly request: TraceRequest } | { readonly problem: string; readonly field: 'from' | 'url' };

const OUTSIDE = /^outside through\s+/;

/** The request that the form describes, or what is missing. */
export function requestOf({ from, method, url, headers, sni, base }: Draft): Read {
  const requester = requesterOf(from.trim(), base.from);
  if (!requester)
    return { problem: 'Name who asks as namespace/workload, or as: outside through namespace/gateway', field: 'from' };
  const parsed = parseUrl(url);
  if ('problem' in parsed) return { problem: parsed.problem, field: 'url' };
  const named = headers.filter((it) => it.name.trim() !== '');
  const kept = keptOf(base.to, parsed.target);
  const to: Target = {
    ...kept,
    ...parsed.target,
    ...(method === '' || method === methodOf({ ...parsed.target }) ? {} : { method }),
    ...(named.length ? { headers: Object.fromEntries(named.map((it) => [it.name.trim(), it.value])) } : {}),
    ...(sni.trim() === '' ? {} : { sni: sni.trim() }),
  };
  return { request: { from: requester, to, ...(base.jwt ? { jwt: base.jwt } : {}) } };
}

function requesterOf(text: string, base: Requester): Requester | undefined {
  const name = text.replace(OUTSIDE, '');
  if (!/^[^/\s]+\/[^/\s]+$/.test(name)) return undefined;
  if (!OUTSIDE.test(text)) return { pod: name };
  return { gateway: name, ...('gateway' in base && base.via ? { via: base.via } : {}) };
}

// an address to dial belongs to the host that it was given with
function keptOf(base: Target, next: Pick<Target, 'host'>): Partial<Target> {
  return {
    ...(base.ip !== undefined && base.host === next.host ? { ip: base.ip } : {}),
    ...(base.body === undefined ? {} : { body: base.body }),
  };
}

/** Whether two requests ask the same. */
export function sameRequest(a: TraceRequest, b: TraceRequest): boolean {
  return canonical(a) === canonical(b);
}

function canonical(request: TraceRequest): string {
  const { scheme = 'http', path, ...to } = request.to;
  const method = methodOf({ ...request.to });
  return JSON.stringify(
    sorted({ from: request.from, jwt: request.jwt, to: { ...to, scheme, method, path: path ?? '/' } }),
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, it]) => it !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, it]) => [key, sorted(it)]));
}
