import type { StringMap } from '../model/fields.js';
import type { MeshPod } from '../mesh/pods.js';

/** One Envoy: whom it stands beside, and as what. */
export interface Proxy {
  readonly type: 'sidecar' | 'gateway';
  readonly pod: MeshPod;
  readonly namespace: string;
  readonly labels: StringMap;
  /** `ns/name` of the workload, or of the bare Pod: how logs and people name it. */
  readonly name: string;
}

/** The proxy in a pod; `undefined` when it has none. */
export function proxyOf(pod: MeshPod): Proxy | undefined {
  if (pod.proxy.value === 'none') return undefined;
  return { type: pod.proxy.value, pod, namespace: pod.namespace, labels: pod.labels, name: nameOf(pod) };
}

/** Pods that a workload makes are all alike and go by its name; a declared Pod goes by its own. */
export function nameOf(pod: MeshPod): string {
  return pod.synthetic ? pod.workload : pod.id;
}
