import { isAddressOrBlock } from '../mesh/addresses.js';
import { addressCovers } from '../mesh/services.js';
import { expandTrustDomain, withTrustDomainAliases } from '../mesh/trust-domains.js';
import type { MeshConfig } from '../model/mesh-config.js';
import { pathTemplate } from './path-template.js';

/** What an AuthorizationPolicy can see of a request, or of a connection (`http` is then `undefined`). */
export interface PolicyFacts {
  readonly config: MeshConfig;
  /** SPIFFE id that the peer proved. */
  readonly identity: string | undefined;
  readonly sourceIp: string;
  /** Client address as X-Forwarded-For is trusted (AZ-7). */
  readonly remoteIp: string;
  readonly destinationIp: string;
  readonly port: number;
  readonly sni: string | undefined;
  readonly http:
    | {
        readonly method: string;
        readonly authority: string;
        /** Without query. */
        readonly path: string;
        readonly headers: Readonly<Record<string, string>>;
        /** Of the accepted token. */
        readonly claims: Readonly<Record<string, unknown>> | undefined;
      }
    | undefined;
}

/** One attribute, ready to be compared with the values of a policy. */
export interface Attribute {
  /** What the request has, for people. */
  readonly actual: string;
  /** Cannot be told on a TCP chain (AZ-10). */
  readonly httpOnly: boolean;
  /** Whether the request has the value; `undefined` when the value says nothing that Envoy understands. */
  readonly has: (value: string) => boolean | undefined;
  /** We cannot see what this looks at. */
  readonly unseen?: true;
}

/** Fields of `from.source` and `to.operation`, by the `when` key that looks at the same thing (AZ-6..AZ-9). */
const SAME_AS: Readonly<Record<string, string>> = {
  principals: 'source.principal',
  requestPrincipals: 'request.auth.principal',
  namespaces: 'source.namespace',
  serviceAccounts: 'source.serviceAccount',
  trustDomains: 'source.trustDomain',
  ipBlocks: 'source.ip',
  remoteIpBlocks: 'remote.ip',
  ports: 'destination.port',
  hosts: ':hosts',
  methods: ':methods',
  paths: ':paths',
};

/** Whether istiod reads a field of this name in a source or operation; others it passes over. */
export function isPolicyField(name: string): boolean {
  return Object.hasOwn(SAME_AS, name);
}

/**
 * The attribute behind a field or `when` key; `undefined` for names that istiod does not know. A policy's own namespace
 * completes the names of service accounts.
 */
export function attributeOf(name: string, policyNamespace: string, facts: PolicyFacts): Attribute | undefined {
  const key = isPolicyField(name) ? SAME_AS[name]! : name;
  const http = facts.http;
  switch (key) {
    case 'source.principal':
      return ofPeer(facts, (value, id) =>
        withTrustDomainAliases(value, facts.config).some((it) => matchesString(it, id.slice('spiffe://'.length))),
      );
    case 'source.namespace':
      return ofPeer(facts, (value, id) => globInside(value).test(id));
    case 'source.serviceAccount':
      return ofPeer(facts, (value, id) => isServiceAccount(value, policyNamespace, id));
    case 'source.trustDomain':
      return ofPeer(facts, (value, id) => expandTrustDomain(value, facts.config).some((it) => isTrustDomain(it, id)));
    case 'source.ip':
      return ofAddress(facts.sourceIp);
    case 'remote.ip':
      return ofAddress(facts.remoteIp);
    case 'destination.ip':
      return ofAddress(facts.destinationIp);
    case 'destination.port':
      return {
        actual: `${facts.port}`,
        httpOnly: false,
        has: (value) => (isPort(value) ? Number(value) === facts.port : undefined),
      };
    case 'connection.sni':
      return { actual: facts.sni ?? 'no SNI', httpOnly: false, has: (value) => matchesString(value, facts.sni ?? '') };
    case ':hosts':
      return ofHttp(http?.authority, (value, authority) => matchesHeader(value.toLowerCase(), authority.toLowerCase()));
    case ':methods':
      return ofHttp(http?.method, matchesHeader);
    case ':paths':
      return ofHttp(http?.path, (value, path) => pathTemplate(value)?.test(path) ?? matchesString(value, path));
    case 'request.auth.principal':
      return ofClaims(http?.claims, principalOf(http?.claims), isRequestPrincipal);
    case 'request.auth.audiences':
      return ofClaims(http?.claims, shown(http?.claims?.['aud']), (value, claims) =>
        claimMatches(value, claims['aud']),
      );
    case 'request.auth.presenter':
      return ofClaims(http?.claims, shown(http?.claims?.['azp']), (value, claims) =>
        claimMatches(value, claims['azp']),
      );
  }
  if (key.startsWith('request.headers')) {
    const header = /^request\.headers\[(.*)\]$/s.exec(key)?.[1];
    const actual = header === undefined ? undefined : headerOf(header.toLowerCase(), http);
    return { ...ofHttp(actual, matchesHeader), ...(header === undefined ? { has: () => undefined } : {}) };
  }
  if (key.startsWith('request.auth.claims')) {
    const path = claimPath(key.slice('request.auth.claims'.length));
    const claim = path && http?.claims && claimAt(http.claims, path);
    const compare = path ? (value: string) => claimMatches(value, claim) : () => undefined;
    return { actual: shown(claim), httpOnly: true, has: compare };
  }
  if (key.startsWith('experimental.envoy.filters.')) {
    return { actual: 'unknown', httpOnly: false, has: () => false, unseen: true };
  }
  return undefined;
}

/** AZ-6: without mesh TLS there is no peer, and nothing is true of it. */
function ofPeer({ identity }: PolicyFacts, has: (value: string, id: string) => boolean): Attribute {
  const actual = identity?.slice('spiffe://'.length) ?? 'no identity (no mesh TLS)';
  return { actual, httpOnly: false, has: (value) => identity !== undefined && has(value, identity) };
}

function ofAddress(ip: string): Attribute {
  return {
    actual: ip,
    httpOnly: false,
    has: (value) => (isAddressOrBlock(value) ? addressCovers(value, ip) : undefined),
  };
}

function ofHttp(actual: string | undefined, has: (value: string, actual: string) => boolean): Attribute {
  return { actual: actual ?? 'absent', httpOnly: true, has: (value) => actual !== undefined && has(value, actual) };
}

function ofClaims(
  claims: Readonly<Record<string, unknown>> | undefined,
  actual: string,
  has: (value: string, claims: Readonly<Record<string, unknown>>) => boolean,
): Attribute {
  return {
    actual: claims ? actual : 'no accepted token',
    httpOnly: true,
    has: (value) => claims !== undefined && has(value, claims),
  };
}

/** AZ-5: `*` any but empty, `x*`, `*x`, else the text itself. */
export function matchesString(pattern: string, text: string): boolean {
  if (pattern === '*') return text !== '';
  if (pattern.startsWith('*')) return text.endsWith(pattern.slice(1));
  if (pattern.endsWith('*')) return text.startsWith(pattern.slice(0, -1));
  return pattern === text;
}

/** As {@link matchesString}, but for headers `*` also takes an empty value. */
function matchesHeader(pattern: string, text: string): boolean {
  return pattern === '*' || matchesString(pattern, text);
}

/** Namespaces may have stars anywhere. */
function globInside(namespace: string): RegExp {
  return new RegExp(`^.*/ns/${namespace.split('*').map(escaped).join('.*')}/.*$`);
}

function isServiceAccount(value: string, policyNamespace: string, id: string): boolean {
  const slash = value.indexOf('/');
  const namespace = slash < 0 ? policyNamespace : value.slice(0, slash);
  const account = slash < 0 ? value : value.slice(slash + 1);
  return new RegExp(`^spiffe://.+/ns/${escaped(namespace)}/(.+/|)sa/${escaped(account)}(/.+)?$`).test(id);
}

function isTrustDomain(value: string, id: string): boolean {
  if (value === '*') return true;
  const star = value.indexOf('*');
  if (star < 0) return id.startsWith(`spiffe://${value}/`);
  return new RegExp(`^spiffe://${escaped(value.slice(0, star))}[^/]*${escaped(value.slice(star + 1))}/.*$`).test(id);
}

/** AZ-9 */
function isRequestPrincipal(value: string, claims: Readonly<Record<string, unknown>>): boolean {
  const { iss, sub } = claims;
  if (typeof iss !== 'string' || typeof sub !== 'string') return false;
  if (value === '*') return iss !== '' && sub !== '';
  const slash = value.lastIndexOf('/');
  const issuer = slash < 0 ? value : value.slice(0, slash);
  const subject = slash < 0 ? '' : value.slice(slash + 1);
  if (value.startsWith('*')) {
    if (slash < 0) return iss !== '' && sub.endsWith(value.slice(1));
    return matchesString(issuer.startsWith('*') ? issuer : `*${issuer}`, iss) && subject === sub;
  }
  if (value.endsWith('*')) {
    if (slash < 0) return iss.startsWith(value.slice(0, -1)) && sub !== '';
    return issuer === iss && matchesString(subject, sub);
  }
  return issuer === iss && subject === sub;
}

function principalOf(claims: Readonly<Record<string, unknown>> | undefined): string {
  return `${shown(claims?.['iss'])}/${shown(claims?.['sub'])}`;
}

/** A claim is text or a list of texts; other kinds of values equal nothing. */
function claimMatches(pattern: string, claim: unknown): boolean {
  const list: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  return list.some((it) => typeof it === 'string' && matchesString(pattern, it));
}

/** `[a][b]` → a, b; anything else in brackets is one name. */
function claimPath(text: string): string[] | undefined {
  if (/^(\[[^[\]]*\])+$/.test(text)) return text.slice(1, -1).split('][');
  return text.startsWith('[') && text.endsWith(']') ? [text.slice(1, -1)] : undefined;
}

function claimAt(claims: Readonly<Record<string, unknown>>, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? (value as Record<string, unknown>)[key]
        : undefined,
    claims,
  );
}

function headerOf(name: string, http: PolicyFacts['http']): string | undefined {
  switch (name) {
    case ':authority':
    case 'host':
      return http?.authority;
    case ':method':
      return http?.method;
    case ':path':
      return http?.path;
    case ':scheme':
      return http && 'http';
    default:
      return http?.headers[name];
  }
}

function isPort(value: string): boolean {
  return /^\d+$/.test(value) && Number(value) <= 65535;
}

function shown(value: unknown): string {
  if (value === undefined) return 'absent';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
