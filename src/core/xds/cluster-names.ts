/** Names of clusters as istiod makes them (GEN-8). */
export function outboundCluster(port: number, subset: string, host: string): string {
  return `outbound|${port}|${subset}|${host}`;
}

export function inboundCluster(targetPort: number): string {
  return `inbound|${targetPort}||`;
}

export const PASSTHROUGH_CLUSTER = 'PassthroughCluster';
export const BLACK_HOLE_CLUSTER = 'BlackHoleCluster';
/** What looks unknown hosts up by the request's authority, where the mesh allows it (LIS-14). */
export const DYNAMIC_DNS_CLUSTER = 'AllowAnyDynamicDNSCluster';
export const INBOUND_PASSTHROUGH_CLUSTER = 'InboundPassthroughCluster';

export interface OutboundName {
  readonly port: number;
  readonly subset: string;
  readonly host: string;
}

/** Also of names that gateways tell by SNI (`outbound_.80_.v1_.host`, GW-20). */
export function parseOutbound(name: string): OutboundName | undefined {
  const bySni = /^outbound_\.(\d+)_\.([^_]*)_\.(.+)$/.exec(name);
  if (bySni) return { port: Number(bySni[1]), subset: bySni[2]!, host: bySni[3]! };
  const [direction, port, subset, host] = name.split('|');
  return direction === 'outbound' && host !== undefined ? { port: Number(port), subset: subset!, host } : undefined;
}
