import { containsLabels } from '../core/model/fields.js';
import type { AuthorizationPolicy, PeerAuthentication, RequestAuthentication } from '../core/model/security.js';
import type { Sidecar } from '../core/model/sidecar.js';
import type { MeshPod } from '../core/mesh/pods.js';
import { authorizationPoliciesFor, peerModeOf, requestAuthenticationsFor } from '../core/mesh/policies.js';
import type { RegistryService } from '../core/mesh/services.js';
import type { MeshSnapshot } from '../core/mesh/snapshot.js';
import { branchRows, isWithin, type BranchRow } from './branch-rows.js';
import { doorsToService } from './doors.js';
import type { HoverContent, HoverContext } from './hover.js';
import { requestNote, shownPath } from './hover-routes.js';
import { requestsOfRules } from './policy-requests.js';
import type { Session } from './session.js';
import { bestOfDoors, traceDoor, type Witness } from './witness.js';

type Policy = AuthorizationPolicy | PeerAuthentication | RequestAuthentication | Sidecar;

/** A policy: whose proxies enforce it, and what plain requests to the first of them get now. */
export function hoverPolicy({ session, keys }: HoverContext, it: Policy): HoverContent | undefined {
  const mesh = session.snapshot;
  const pods = mesh.pods.filter((pod) => pod.proxy.value !== 'none' && enforces(mesh, pod, it));
  const workloads = [...new Set(pods.map((pod) => pod.workload))];
  const service = it.kind === 'Sidecar' ? undefined : serviceBefore(mesh, pods);
  const rules = it.kind === 'AuthorizationPolicy' && service ? answersToRules(session, it, service) : [];
  const focused = keys[1] === 'rules' && typeof keys[2] === 'number' ? rules[keys[2]] : undefined;
  const best = (focused ?? rules[0])?.witness ?? (service && bestOfDoors(session, doorsToService(mesh, service)));
  const rows = focused ? focused.rows : rules.flatMap((one) => one.rows);
  return {
    title: `${it.kind} ${it.namespace}/${it.name}`,
    note: best ? requestNote(best.request) : '',
    rows: rows.length > 0 || !best ? rows : branchRows(mesh, best.paths),
    facts: [whoText(workloads), ...whatText(mesh, it, pods)],
    path: best ? shownPath(best) : [],
    request: best?.request,
  };
}

interface RuleAnswer {
  readonly rows: readonly BranchRow[];
  readonly witness: Witness;
}

/** What requests get that the rules are about, in their order, and last what others get. */
function answersToRules(session: Session, it: AuthorizationPolicy, service: RegistryService): RuleAnswer[] {
  const mesh = session.snapshot;
  const answers = requestsOfRules(mesh, it, service).map(({ number, condition, request }): RuleAnswer => {
    const trace = session.trace(request);
    return {
      rows: branchRows(mesh, trace.paths, { number, condition }),
      witness: { request, trace, paths: trace.paths },
    };
  });
  // the client that the rules say least of: the last of those that could ask
  const other = doorsToService(mesh, service).at(-1);
  if (answers.length === 0 || !other) return answers;
  const witness = traceDoor(session, other);
  const condition = `otherwise (GET / from ${'pod' in other.from ? other.from.pod : other.from.gateway})`;
  return [...answers, { rows: branchRows(mesh, witness.paths, { condition }), witness }];
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
    const elsewhere = evidence.some((at) => isWithin(at, it.at)) ? '' : ' (another policy says so)';
    return [`${pod.workload} accepts ${words}${elsewhere}`];
  }
  if (it.kind === 'AuthorizationPolicy' && it.action === 'ALLOW' && (it.rules?.length ?? 0) === 0)
    return ['Allows nothing: every request is denied'];
  return [];
}

/** The first Service in front of one of the pods. */
function serviceBefore(mesh: MeshSnapshot, pods: readonly MeshPod[]): RegistryService | undefined {
  const wanted = new Set(pods);
  return mesh.services.find((it) => {
    const port = it.ports[0];
    return port && mesh.endpoints(it, port).some(({ pod }) => pod && wanted.has(pod));
  });
}
