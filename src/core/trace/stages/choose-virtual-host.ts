import type { RouteConfiguration, VirtualHost } from '../../xds/config.js';
import { decision, push } from '../decide.js';
import type { Decision, Effect, Rejected } from '../path.js';

/** The virtual host that takes a request, or how it ends without one. */
export type VirtualHostChoice =
  | { readonly virtualHost: VirtualHost; readonly decision: Decision }
  | {
      readonly virtualHost: undefined;
      readonly status: 400 | 404;
      readonly details: string;
      readonly decision: Decision;
    };

/** Envoy's choice by the Host header: exact, then the longest suffix, then the longest prefix, then `*` (VH-7). */
export function chooseVirtualHost(
  config: RouteConfiguration,
  authority: string,
  proxy: string,
  effects: readonly Effect[] = [],
): VirtualHostChoice {
  const calls = [push('RDS', proxy, `route configuration ${config.name}`)];
  if (authority === '') {
    const because = 'The request has no Host, and Envoy does not route such requests';
    const byDefault = 'HTTP/1.1 demands a Host header';
    const said = {
      chose: 'no virtual host',
      because,
      rules: ['VH-7'],
      byDefault,
      state: 'broken' as const,
      calls,
      effects,
    };
    const end = decision('choose virtual host', said);
    return { virtualHost: undefined, status: 400, details: 'missing_host_header', decision: end };
  }
  const host = config.ignorePort ? withoutPort(authority.toLowerCase()) : authority.toLowerCase();
  const found = lookUp(domainsOf(config), host);
  if (!found) return { ...nowhere(config, host, calls, effects), virtualHost: undefined };
  const { virtualHost, domain } = found;
  const said = decision('choose virtual host', {
    chose: `virtual host ${virtualHost.name}`,
    because: reason(host, domain),
    rules: ['VH-7', ...virtualHost.rules],
    evidence: virtualHost.evidence,
    rejected: virtualHost.rejected,
    assumptions: virtualHost.assumptions,
    calls,
    effects,
    ...(virtualHost.evidence.some((it) => it.doc !== '') ? {} : { byDefault: defaultOf(virtualHost) }),
  });
  return { virtualHost, decision: said };
}

function nowhere(
  config: RouteConfiguration,
  host: string,
  calls: Decision['calls'],
  effects: readonly Effect[],
): { status: 404; details: string; decision: Decision } {
  const refused: Rejected | undefined = config.virtualHosts.length === 0 ? config.rejected.at(-1) : undefined;
  const because = refused
    ? `The proxy has no route table ${config.name}: ${refused.because}`
    : `No virtual host of route configuration ${config.name} has the domain ${host}`;
  const said = decision('choose virtual host', {
    chose: 'no virtual host',
    because,
    rules: ['VH-7', 'RT-2', ...config.rules],
    evidence: config.evidence,
    rejected: config.rejected,
    assumptions: config.assumptions,
    state: 'broken',
    calls,
    effects,
    ...(config.evidence.length === 0 ? { byDefault: 'Envoy answers 404 where no virtual host fits' } : {}),
  });
  return { status: 404, details: 'route_not_found', decision: said };
}

interface Domains {
  readonly exact: ReadonlyMap<string, VirtualHost>;
  /** Suffixes and prefixes, longest first. */
  readonly suffixes: readonly { readonly text: string; readonly domain: string; readonly virtualHost: VirtualHost }[];
  readonly prefixes: readonly { readonly text: string; readonly domain: string; readonly virtualHost: VirtualHost }[];
}

const indexed = new WeakMap<RouteConfiguration, Domains>();

function domainsOf(config: RouteConfiguration): Domains {
  const known = indexed.get(config);
  if (known) return known;
  const exact = new Map<string, VirtualHost>();
  const suffixes: { text: string; domain: string; virtualHost: VirtualHost }[] = [];
  const prefixes: { text: string; domain: string; virtualHost: VirtualHost }[] = [];
  for (const virtualHost of config.virtualHosts) {
    for (const written of virtualHost.domains) {
      const domain = written.toLowerCase();
      if (domain !== '*' && domain.startsWith('*')) suffixes.push({ text: domain.slice(1), domain, virtualHost });
      else if (domain !== '*' && domain.endsWith('*'))
        prefixes.push({ text: domain.slice(0, -1), domain, virtualHost });
      else if (!exact.has(domain)) exact.set(domain, virtualHost);
    }
  }
  const longest = (a: { text: string }, b: { text: string }): number => b.text.length - a.text.length;
  const result = { exact, suffixes: suffixes.sort(longest), prefixes: prefixes.sort(longest) };
  indexed.set(config, result);
  return result;
}

function lookUp(domains: Domains, host: string): { virtualHost: VirtualHost; domain: string } | undefined {
  const exact = domains.exact.get(host);
  if (exact) return { virtualHost: exact, domain: host };
  // the star stands for at least one character
  const wild =
    domains.suffixes.find(({ text }) => host.length > text.length && host.endsWith(text)) ??
    domains.prefixes.find(({ text }) => host.length > text.length && host.startsWith(text));
  if (wild) return wild;
  const any = domains.exact.get('*');
  return any && { virtualHost: any, domain: '*' };
}

/** Whatever follows the last colon, or of an address in brackets the one behind them. */
function withoutPort(host: string): string {
  const colon = host.lastIndexOf(':');
  return colon < 0 || host.endsWith(']') ? host : host.slice(0, colon);
}

function reason(host: string, domain: string): string {
  if (domain === host) return `Host ${host} is one of its domains`;
  if (domain === '*') return `It takes what no other virtual host takes, such as Host ${host}`;
  return `Host ${host} falls under its domain ${domain}`;
}

function defaultOf(virtualHost: VirtualHost): string {
  return virtualHost.name.startsWith('allow_any')
    ? 'outboundTrafficPolicy is ALLOW_ANY unless something else is said'
    : 'every service has a virtual host of its own';
}
