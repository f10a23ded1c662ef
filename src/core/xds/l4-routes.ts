import type { RegistryPort, RegistryService } from '../mesh/services.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { FilterChain } from './config.js';
import type { Proxy } from './proxy.js';

/** One service's port on one listener. */
export interface L4Place {
  readonly service: RegistryService;
  readonly port: RegistryPort;
  readonly listenerPort: number;
  /** The listener takes every address. */
  readonly wildcardBind: boolean;
  /** The service's CIDR blocks, when they tell it apart on the listener. */
  readonly subnets: readonly string[] | undefined;
}

/** The chains of an HTTPS or TLS port: by SNI where a VirtualService says so, else one for all (SNI-1, SNI-2). */
export function tlsChains(_mesh: MeshSnapshot, _proxy: Proxy, _place: L4Place): readonly FilterChain[] {
  return [];
}

/** The chains of any other TCP port, and of what is not HTTP on a sniffed one (SNI-3). */
export function tcpChains(_mesh: MeshSnapshot, _proxy: Proxy, _place: L4Place): readonly FilterChain[] {
  return [];
}
