import type { MeshConfig } from '../model/mesh-config.js';

/** The identity that a service account's pods prove (TLS-5). */
export function spiffeId(config: MeshConfig, namespace: string, serviceAccount: string): string {
  return `spiffe://${config.trustDomain}/ns/${namespace}/sa/${serviceAccount}`;
}

/** A policy's principal, and the same one in the mesh's other trust domains, which are taken for one (AZ-6). */
export function withTrustDomainAliases(principal: string, config: MeshConfig): readonly string[] {
  const parts = principal.split('/');
  // only whole identities name a trust domain; `*/ns/...` names none
  if (parts.length !== 5 || parts[0] === '*') return [principal];
  const named = parts[0]!;
  const domains = [config.trustDomain, ...config.trustDomainAliases];
  if (named !== 'cluster.local' && !domains.some((it) => sameDomain(named, it))) return [principal];
  return [...new Set(domains.map((it) => (endMatches(it, named) ? principal : [it, ...parts.slice(1)].join('/'))))];
}

/** A policy's trust domain, with the mesh's others when it is one of them. */
export function expandTrustDomain(value: string, config: MeshConfig): readonly string[] {
  const domains = [config.trustDomain, ...config.trustDomainAliases];
  return domains.includes(value) ? domains : [value];
}

/** Either may be a pattern with a star at one end. */
function sameDomain(a: string, b: string): boolean {
  return a === b || b === '*' || startMatches(a, b) || startMatches(b, a) || endMatches(a, b) || endMatches(b, a);
}

function startMatches(text: string, pattern: string): boolean {
  return pattern.endsWith('*') && text.startsWith(pattern.slice(0, -1));
}

function endMatches(text: string, pattern: string): boolean {
  return pattern.startsWith('*') && text.endsWith(pattern.slice(1));
}
