import type { JwtRule } from '../model/security.js';
import type { AppMessage } from './arrival.js';
import { describedToken, parseToken, type ReadToken } from './token.js';

/** A token that a rule found in a request, and how to take it out again. */
export interface FoundToken {
  /** `header authorization`, `query parameter access_token` ... */
  readonly place: string;
  readonly token: ReadToken;
  readonly take: (message: AppMessage) => AppMessage;
}

/** Stands for the text of a token that is only described; has the form of one. */
const DESCRIBED = 'a.described.token';

/** The tokens at the places that a rule looks at: those that it names, else `Authorization: Bearer` and `?access_token=` (JWT-2). */
export function tokensFor(rule: JwtRule, message: AppMessage): FoundToken[] {
  const named = rule.fromHeaders.length + rule.fromParams.length + rule.fromCookies.length > 0;
  const headers = named
    ? rule.fromHeaders.map((it) => ({ name: it.name.value.toLowerCase(), prefix: it.prefix ?? '' }))
    : [{ name: 'authorization', prefix: 'Bearer ' }];
  const params = named ? rule.fromParams.map((it) => it.value) : ['access_token'];
  return [
    ...headers.flatMap(({ name, prefix }) => inHeader(message, name, prefix)),
    ...params.flatMap((name) => inQuery(message, name)),
    ...rule.fromCookies.flatMap((it) => inCookie(message, it.value)),
  ];
}

/** Names of the headers that a rule writes; a client cannot forge them (JWT-4). */
export function writtenHeaders(rule: JwtRule): string[] {
  const payload = rule.outputPayloadToHeader;
  return [...rule.outputClaimToHeaders.map((it) => it.header), ...(payload ? [payload] : [])].map((it) =>
    it.toLowerCase(),
  );
}

function inHeader(message: AppMessage, name: string, prefix: string): FoundToken[] {
  const written =
    message.headers[name] ?? (name === 'authorization' && message.jwt ? `Bearer ${DESCRIBED}` : undefined);
  if (written === undefined) return [];
  const start = written.indexOf(prefix);
  if (start < 0) return [];
  const text = prefix === '' ? written : tokenAfter(written, start + prefix.length);
  return [{ place: `header ${name}`, token: read(text, message), take: (it) => withoutHeader(it, name) }];
}

/** The first run of characters that a token can have. */
function tokenAfter(text: string, from: number): string {
  return /[A-Za-z0-9_\-.=]+/.exec(text.slice(from))?.[0] ?? text;
}

function inQuery(message: AppMessage, name: string): FoundToken[] {
  const pairs = queryPairs(message.path);
  const found = pairs.find((it) => it.name === name);
  if (!found) return [];
  const take = (it: AppMessage): AppMessage => {
    const kept = queryPairs(it.path).filter((pair) => pair.name !== name);
    const path = it.path.split('?')[0]!;
    return { ...it, path: kept.length > 0 ? `${path}?${kept.map((pair) => pair.text).join('&')}` : path };
  };
  return [{ place: `query parameter ${name}`, token: read(found.value, message), take }];
}

function inCookie(message: AppMessage, name: string): FoundToken[] {
  const cookies = (message.headers['cookie'] ?? '').split(';').map((it) => it.trim());
  const found = cookies.find((it) => it.startsWith(`${name}=`));
  if (found === undefined) return [];
  return [{ place: `cookie ${name}`, token: read(found.slice(name.length + 1), message), take: (it) => it }];
}

function read(text: string, message: AppMessage): ReadToken {
  return message.jwt && text === DESCRIBED ? describedToken(message.jwt) : parseToken(text);
}

function withoutHeader(message: AppMessage, name: string): AppMessage {
  const { [name]: _, ...headers } = message.headers;
  const { jwt, ...rest } = message;
  return { ...rest, headers, ...(jwt && name !== 'authorization' ? { jwt } : {}) };
}

function queryPairs(path: string): { name: string; value: string; text: string }[] {
  const query = path.slice(path.indexOf('?') + 1);
  if (!path.includes('?') || query === '') return [];
  return query.split('&').map((text) => {
    const equals = text.indexOf('=');
    const name = equals < 0 ? text : text.slice(0, equals);
    return { name: decoded(name), value: equals < 0 ? '' : decoded(text.slice(equals + 1)), text };
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
