import type { Location } from '../../core/base/location.js';
import { matchTitle } from '../../core/xds/route-titles.js';
import type { FilterChain, Listener, Route } from '../../core/xds/config.js';
import type { ProxyConfig } from '../../core/xds/proxy-config.js';
import type { Place } from '../load.js';

export type ConfigPart = keyof ProxyConfig;

/** A part of a proxy's configuration as columns, headed as `istioctl proxy-config` heads them. */
export function configTables(config: ProxyConfig, part: ConfigPart): string {
  switch (part) {
    case 'listeners':
      return table(['ADDRESSES', 'PORT', 'MATCH', 'DESTINATION'], config.listeners.flatMap(listenerRows));
    case 'routes':
      return table(
        ['NAME', 'VHOST NAME', 'DOMAINS', 'MATCH', 'VIRTUAL SERVICE'],
        config.routes.flatMap(({ name, virtualHosts }) =>
          virtualHosts.flatMap((host) =>
            host.routes.map((it) => [name, host.name, domains(host.domains), matchTitle(it.match), objectOf(it)]),
          ),
        ),
      );
    case 'clusters':
      return table(
        ['SERVICE FQDN', 'PORT', 'SUBSET', 'DIRECTION', 'TYPE', 'TLS'],
        config.clusters.map((it) => [
          it.host || it.name,
          it.host ? String(it.servicePort) : '-',
          it.subset || '-',
          it.host ? 'outbound' : '-',
          it.type,
          it.tls.mode,
        ]),
      );
    case 'endpoints':
      return table(
        ['ENDPOINT', 'STATUS', 'TLS', 'CLUSTER'],
        config.endpoints.flatMap(({ cluster, endpoints }) =>
          endpoints.map((it) => [
            `${it.address}:${it.port}`,
            it.healthy ? 'HEALTHY' : 'UNHEALTHY',
            it.mutual ? 'mutual' : 'none',
            cluster,
          ]),
        ),
      );
  }
}

/** The same with the YAML behind each object; version 1. */
export function configJson(config: ProxyConfig, part: ConfigPart, place: (at: Location) => Place | undefined): object {
  return { version: 1, [part]: withPlaces(config[part], place) };
}

/** Replaces every location, however deep, by file, line and column; label maps become objects. */
function withPlaces(value: unknown, place: (at: Location) => Place | undefined): unknown {
  if (value instanceof Map) return withPlaces(Object.fromEntries(value), place);
  if (value instanceof Set) return withPlaces([...value], place);
  if (Array.isArray(value)) return value.map((it) => withPlaces(it, place)).filter((it) => it !== undefined);
  if (typeof value !== 'object' || value === null) return value;
  if (isLocation(value)) return place(value);
  return Object.fromEntries(Object.entries(value).map(([key, it]) => [key, withPlaces(it, place)]));
}

function isLocation(value: object): value is Location {
  return 'doc' in value && 'start' in value && 'end' in value;
}

function listenerRows(it: Listener): string[][] {
  const chains = [...it.chains, ...(it.defaultChain ? [it.defaultChain] : [])];
  return chains.map((chain) => [
    it.address,
    String(it.port),
    chain === it.defaultChain ? 'ALL' : matchOf(chain),
    destinationOf(chain),
  ]);
}

function matchOf({ match }: FilterChain): string {
  const { port, subnets, sni, transport, alpn } = match;
  const parts = [
    transport && `Trans: ${transport}`,
    alpn && `App: ${alpn.join(',')}`,
    sni && `SNI: ${sni.join(',')}`,
    subnets && `Addr: ${subnets.join(',')}`,
    port !== undefined && `Port: ${port}`,
  ];
  return parts.filter(Boolean).join('; ') || 'ALL';
}

function destinationOf({ filter, name }: FilterChain): string {
  switch (filter.kind) {
    case 'http':
      return `Route: ${filter.routeConfig}`;
    case 'tcp':
      return filter.clusters.map((it) => `Cluster: ${it.cluster}`).join(', ');
    case 'blackhole':
      return `closed (${name})`;
  }
}

function domains(list: readonly string[]): string {
  return list.length > 1 ? `${list[0]} + ${list.length - 1} more` : (list[0] ?? '');
}

function objectOf({ config, action }: Route): string {
  if (config) return `${config.name}.${config.namespace}`;
  return action.kind === 'direct' ? `${action.response.status.value}` : '';
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
