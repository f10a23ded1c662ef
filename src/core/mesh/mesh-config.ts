import type { ConfigMap } from '../model/kubernetes.js';
import { meshConfigOf, type MeshConfig } from '../model/mesh-config.js';
import type { MeshConfigDocument, OtherResource } from '../model/resources.js';
import { embeddedFields } from './embedded-fields.js';

/**
 * The mesh's configuration: ConfigMap `istio` of the control plane's namespace, an IstioOperator's meshConfig, or a bare
 * MeshConfig document; defaults when the environment has none of them.
 */
export function findMeshConfig(
  configMaps: readonly ConfigMap[],
  bare: readonly MeshConfigDocument[],
  others: readonly OtherResource[],
): MeshConfig {
  const map = configMaps.find((it) => it.name === 'istio' && it.data.has('mesh'));
  if (map) return meshConfigOf(embeddedFields(map.data.get('mesh')!));
  const operator = others.find((it) => it.kindName === 'IstioOperator');
  const ofOperator = operator?.body.fields('spec')?.fields('meshConfig');
  return meshConfigOf(ofOperator ?? bare[0]?.body);
}
