import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubernetesObject } from '@kubernetes/client-node';
import { stringify } from 'yaml';

/** Fields of metadata that only the API server cares for. */
const NOISE = ['managedFields', 'resourceVersion', 'uid', 'generation', 'selfLink'] as const;
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Writes objects as YAML, `<folder>/<namespace>/<kind>.yaml`, cluster-wide ones into the folder itself. Returns the files. */
export function writeObjects(folder: string, objects: readonly KubernetesObject[]): string[] {
  const files = new Map<string, string[]>();
  for (const it of objects) {
    const path = join(folder, it.metadata?.namespace ?? '', `${(it.kind ?? 'object').toLowerCase()}.yaml`);
    const documents = files.get(path) ?? [];
    documents.push(stringify(withoutNoise(it), { lineWidth: 0 }));
    files.set(path, documents);
  }
  for (const [path, documents] of files) {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, documents.join('---\n'));
  }
  return [...files.keys()];
}

function withoutNoise(it: KubernetesObject): Record<string, unknown> {
  const metadata: Record<string, unknown> = { ...it.metadata };
  for (const key of NOISE) delete metadata[key];
  const annotations = { ...it.metadata?.annotations };
  delete annotations[LAST_APPLIED];
  if (Object.keys(annotations).length > 0) metadata['annotations'] = annotations;
  else delete metadata['annotations'];
  const { apiVersion, kind, ...rest } = it as KubernetesObject & Record<string, unknown>;
  return { apiVersion, kind, ...rest, metadata };
}
