/** Names of clusters as istiod makes them (GEN-8). */
export function outboundCluster(port: number, subset: string, host: string): string {
  return `outbound|${port}|${subset}|${host}`;
}

export function inboundCluster(targetPort: number): string {
  return `inbound|${targetPort}||`;
}

export const PASSTHROUGH_CLUSTER = 'PassthroughCluster';
export const BLACK_HOLE_CLUSTER = 'BlackHoleCluster';
export const INBOUND_PASSTHROUGH_CLUSTER = 'InboundPassthroughCluster';

export interface OutboundName {
  readonly port: number;
  readonly subset: string;
  readonly host: string;
}

export function parseOutbound(name: string): OutboundName | undefined {
  const [direction, port, subset, host] = name.split('|');
  return direction === 'outbound' && host !== undefined ? { port: Number(port), subset: subset!, host } : undefined;
}
