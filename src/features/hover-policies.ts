import type { Location } from '../core/base/location.js';
import { containsLabels } from '../core/model/fields.js';
import type { AuthorizationPolicy, PeerAuthentication, RequestAuthentication } from '../core/model/security.js';
import type { Sidecar } from '../core/model/sidecar.js';
import type { MeshPod } from '../core/mesh/pods.js';
import { authorizationPoliciesFor, peerModeOf, requestAuthenticationsFor } from '../core/mesh/policies.js';
import type { MeshSnapshot } from '../core/mesh/snapshot.js';
import { branchRows } from './branch-rows.js';
import { doorToService } from './doors.js';
import type { HoverContent, HoverContext } from './hover.js';
import { mostTelling, requestNote } from './hover-virtual-service.js';
import { pathLine } from './path-line.js';
import { traceDoor, type Witness } from './witness.js';

type Policy = AuthorizationPolicy | PeerAuthentication | RequestAuthentication | Sidecar;

/** A policy: whose proxies enforce it, and what a plain request to the first of them gets now. */
export function hoverPolicy({ session }: HoverContext, it: Policy): HoverContent | undefined {
  const mesh = session.snapshot;
  const pods = mesh.pods.filter((pod) => pod.proxy.value !== 'none' && enforces(mesh, pod, it));
  const workloads = [...new Set(pods.map((pod) => pod.workload))];
  const witness = it.kind === 'Sidecar' ? undefined : witnessTo(session, pods);
  const rows = witness ? branchRows(mesh, witness.paths, { number: '', condition: '' }) : [];
  const shown = witness && mostTelling(witness, rows);
  return {
    title: `${it.kind} ${it.namespace}/${it.name}`,
    note: witness ? requestNote(witness.request) : '',
    rows,
    facts: [whoText(workloads), ...whatText(mesh, it, pods)],
    path: shown ? pathLine(shown) : [],
    request: witness?.request,
  };
}

function enforces(mesh: MeshSnapshot, pod: MeshPod, it: Policy): boolean {
  switch (it.kind) {
    case 'AuthorizationPolicy':
      return authorizationPoliciesFor(mesh, pod).includes(it);
    case 'RequestAuthentication':
      return requestAuthenticationsFor(mesh, pod).includes(it);
    case 'PeerAuthentication':
      return reaches(mesh, it, pod);
    case 'Sidecar':
      return mesh.sidecarOf(pod) === it;
  }
}

function reaches(mesh: MeshSnapshot, it: PeerAuthentication, pod: MeshPod): boolean {
  if (it.selector && it.selector.labels.size > 0)
    return it.namespace === pod.namespace && containsLabels(pod.labels, it.selector.labels);
  return it.namespace === pod.namespace || it.namespace === mesh.config.rootNamespace;
}

function whoText(workloads: readonly string[]): string {
  if (workloads.length === 0) return 'Applies to no workload of these files';
  const more = workloads.length - 5;
  return `Applies to ${workloads.slice(0, 5).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function whatText(mesh: MeshSnapshot, it: Policy, pods: readonly MeshPod[]): string[] {
  const pod = pods[0];
  if (it.kind === 'PeerAuthentication' && pod) {
    const port = pod.template.containers[0]?.ports[0]?.containerPort.value ?? 0;
    const { value, evidence } = peerModeOf(mesh, pod, port);
    const words = { STRICT: 'only mesh TLS', PERMISSIVE: 'mesh TLS and plaintext', DISABLE: 'only plaintext' }[value];
    const elsewhere = evidence.some((at) => within(at, it.at)) ? '' : ' (another policy says so)';
    return [`${pod.workload} accepts ${words}${elsewhere}`];
  }
  if (it.kind === 'AuthorizationPolicy' && it.action === 'ALLOW' && (it.rules?.length ?? 0) === 0)
    return ['Allows nothing: every request is denied'];
  return [];
}

function within(at: Location, whole: Location): boolean {
  return at.doc === whole.doc && at.start >= whole.start && at.end <= whole.end;
}

/** A plain request to the first Service in front of one of the pods. */
function witnessTo(session: HoverContext['session'], pods: readonly MeshPod[]): Witness | undefined {
  const mesh = session.snapshot;
  const wanted = new Set(pods);
  for (const service of mesh.services) {
    const port = service.ports[0];
    if (port && mesh.endpoints(service, port).some((it) => it.pod && wanted.has(it.pod))) {
      return traceDoor(session, doorToService(mesh, service));
    }
  }
  return undefined;
}
