import { buildSnapshot, type MeshSnapshot } from '../core/mesh/snapshot.js';
import { readResources } from '../core/model/resources.js';
import { parseText } from '../core/syntax/parse.js';
import type { TraceRequest } from '../core/trace/request.js';

/** A client of this name stands for any pod with a sidecar in its namespace, where the files hold none. */
export const ANY_POD = 'any-pod';

/** The mesh with that pod in it, when the request is its. */
export function withAnyPod(snapshot: MeshSnapshot, { from }: TraceRequest): MeshSnapshot {
  if (!('pod' in from) || !from.pod.endsWith(`/${ANY_POD}`) || snapshot.podsOf(from.pod).length > 0) return snapshot;
  const namespace = from.pod.slice(0, -ANY_POD.length - 1);
  return snapshot.remember(`${ANY_POD} ${namespace}`, () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: ANY_POD, namespace, labels: { 'sidecar.istio.io/inject': 'true' } },
      spec: { containers: [{ name: 'client' }] },
    };
    // of a document that is none: nothing of it can be evidence
    const made = readResources('', parseText(JSON.stringify(pod)).root);
    return buildSnapshot([...snapshot.resources, ...made], snapshot.world);
  });
}
