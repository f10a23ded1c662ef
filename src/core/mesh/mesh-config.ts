import { Fields } from '../model/fields.js';
import type { ConfigMap } from '../model/kubernetes.js';
import { meshConfigOf, type MeshConfig } from '../model/mesh-config.js';
import type { MeshConfigDocument, OtherResource } from '../model/resources.js';
import { parseText } from '../syntax/parse.js';

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
  if (map) {
    const text = map.data.get('mesh')!;
    // the block's own lines cannot be pointed at: all of it stands for each of its fields
    const inner = new EmbeddedFields(text.value, map);
    return meshConfigOf(inner.fields);
  }
  const operator = others.find((it) => it.kindName === 'IstioOperator');
  const ofOperator = operator?.body.fields('spec')?.fields('meshConfig');
  return meshConfigOf(ofOperator ?? bare[0]?.body);
}

/** YAML inside a string of YAML. Its fields are placed in the text that holds them, as far as offsets can follow. */
class EmbeddedFields {
  readonly fields: Fields;
  constructor(text: string, map: ConfigMap) {
    const at = map.data.get('mesh')!.at;
    this.fields = new Fields(at.doc, parseText(text).root, []);
  }
}
