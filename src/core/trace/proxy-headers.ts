import ipaddr from 'ipaddr.js';
import { isAddressOrBlock } from '../mesh/addresses.js';
import { gatewayTopologyOf } from '../mesh/gateway-topology.js';
import type { MeshPod } from '../mesh/pods.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import { spiffeId } from '../mesh/trust-domains.js';
import type { AppMessage } from './arrival.js';

/** How a request came to a proxy. */
export interface Coming {
  /** Address of the direct TCP peer. */
  readonly peerIp: string;
  /** What the client proved by mesh TLS. */
  readonly identity: string | undefined;
  /** The proxy took off TLS. */
  readonly encrypted: boolean;
}

export interface TakenRequest {
  /** With the headers that Envoy writes before any filter or route looks at it. */
  readonly message: AppMessage;
  /** Whom the proxy takes for the client (AZ-7, NODE-8). */
  readonly clientIp: string;
}

/**
 * A request as a proxy's HTTP manager hands it on to filters. A sidecar believes what X-Forwarded-* say; a gateway believes only as
 * many trusted proxies as it was told of, appends its peer and overwrites the rest (NODE-8, GW-24).
 */
export function takeRequest(mesh: MeshSnapshot, pod: MeshPod, message: AppMessage, coming: Coming): TakenRequest {
  const { identity, encrypted, peerIp } = coming;
  const { 'x-forwarded-client-cert': _, ...rest } = message.headers;
  // without mesh TLS the header is taken away; a client cannot claim a certificate
  const certificate =
    identity === undefined
      ? {}
      : { 'x-forwarded-client-cert': `By=${spiffeId(mesh.config, pod.namespace, pod.serviceAccount)};URI=${identity}` };
  const proto = encrypted ? 'https' : 'http';
  if (pod.proxy.value !== 'gateway') {
    const headers = { 'x-forwarded-proto': proto, ...rest, ...certificate };
    return { message: { ...message, headers }, clientIp: trusted(rest['x-forwarded-for'], 1) ?? peerIp };
  }
  const { trustedProxies } = gatewayTopologyOf(mesh, pod);
  const received = rest['x-forwarded-for'];
  const clientIp = trustedProxies === 0 ? peerIp : (trusted(received, trustedProxies) ?? peerIp);
  const said = rest['x-forwarded-proto'];
  const headers = {
    ...rest,
    ...certificate,
    'x-forwarded-for': received ? `${received},${peerIp}` : peerIp,
    'x-forwarded-proto': trustedProxies > 0 && said ? said : proto,
    ...(isPrivate(clientIp) ? {} : { 'x-envoy-external-address': clientIp }),
  };
  return { message: { ...message, headers }, clientIp };
}

/** The n-th address from the right; `undefined` for what is none. */
function trusted(forwarded: string | undefined, position: number): string | undefined {
  const list = (forwarded ?? '')
    .split(',')
    .map((it) => it.trim())
    .filter((it) => it !== '');
  const client = list.at(-position);
  return client !== undefined && isAddressOrBlock(client) && !client.includes('/') ? client : undefined;
}

function isPrivate(ip: string): boolean {
  return !ipaddr.isValid(ip) || ['private', 'loopback', 'uniqueLocal', 'linkLocal'].includes(ipaddr.parse(ip).range());
}
