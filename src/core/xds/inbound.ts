import type { MeshPod } from '../mesh/pods.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { Listener } from './config.js';

/** The listener that takes what reaches a pod from outside (IN-1). */
export function inboundListener(_mesh: MeshSnapshot, _pod: MeshPod): Listener {
  return {
    name: 'virtualInbound',
    address: '0.0.0.0',
    port: 15006,
    chains: [],
    defaultChain: undefined,
    evidence: [],
    rejected: [],
    rules: [],
    assumptions: [],
  };
}
