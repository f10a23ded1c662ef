import type { Assumption } from '../base/explained.js';
import { containsLabels } from '../model/fields.js';
import type { Fields } from '../model/fields.js';
import { readSelector, readTargetRefFields, readWorkloadSelector } from '../model/reading.js';
import { describe } from '../model/resource.js';
import { groupOf, type OtherResource } from '../model/resources.js';
import type { MeshPod } from './pods.js';
import type { MeshSnapshot } from './snapshot.js';
import { PODS } from './sources.js';

/** Which traffic of a proxy is meant. */
export type ProxySide = 'inbound' | 'outbound' | 'gateway';

const CONTEXTS: Readonly<Record<string, ProxySide>> = {
  SIDECAR_INBOUND: 'inbound',
  SIDECAR_OUTBOUND: 'outbound',
  GATEWAY: 'gateway',
};

/**
 * EnvoyFilters and Wasm plugins that change what a proxy does. They are known by name only: a trace through such a proxy says that
 * it leaves them out (IN-13).
 */
export function extensionAssumptions(mesh: MeshSnapshot, pod: MeshPod, side: ProxySide): readonly Assumption[] {
  return mesh.derive(`extensions ${pod.id} ${side}`, ['Other', ...PODS], () => {
    const namespaces = new Set([mesh.config.rootNamespace, pod.namespace]);
    return mesh
      .of('Other')
      .filter((it) => namespaces.has(it.namespace) && acts(it, pod, side))
      .map((it) => ({ text: `${describe(it)} changes this proxy in ways that are not followed here`, at: it.nameAt }));
  });
}

function acts(it: OtherResource, pod: MeshPod, side: ProxySide): boolean {
  const spec = it.body.fieldsOrEmpty('spec');
  const group = groupOf(it.apiVersion);
  if (group === 'networking.istio.io' && it.kindName === 'EnvoyFilter') {
    const patches = spec.list('configPatches').map((patch) => patch.fields('match')?.string('context')?.value ?? 'ANY');
    const selector = readWorkloadSelector(spec);
    return (
      !isTargeted(spec, pod) &&
      (!selector || containsLabels(pod.labels, selector.labels)) &&
      patches.some((context) => (CONTEXTS[context] ?? side) === side)
    );
  }
  if (group === 'extensions.istio.io' && (it.kindName === 'WasmPlugin' || it.kindName === 'TrafficExtension')) {
    const selector = readSelector(spec);
    return !isTargeted(spec, pod) && (!selector || containsLabels(pod.labels, selector.labels));
  }
  return false;
}

/** With `targetRefs` they are for Gateways; sidecars pass them over. */
function isTargeted(spec: Fields, pod: MeshPod): boolean {
  const refs = readTargetRefFields(spec);
  const gateway = pod.labels.get('gateway.networking.k8s.io/gateway-name')?.value;
  return refs.length > 0 && !refs.some((it) => gateway !== undefined && it.string('name')?.value === gateway);
}
