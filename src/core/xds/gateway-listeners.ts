import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { Listener } from './config.js';
import type { Proxy } from './proxy.js';

/** The listeners of a gateway's proxy (GW-7, GW-12..GW-22). */
export function gatewayListeners(_mesh: MeshSnapshot, _proxy: Proxy): readonly Listener[] {
  return [];
}
