import type { Explained, Rejected } from '../base/explained.js';
import type { Location } from '../base/location.js';
import { containsLabels } from '../model/fields.js';
import type {
  AuthorizationPolicy,
  PeerAuthentication,
  PeerMode,
  RequestAuthentication,
  TargetRef,
} from '../model/security.js';
import { describe, type Selector } from '../model/resource.js';
import type { MeshPod } from './pods.js';
import type { MeshSnapshot } from './snapshot.js';
import { CONFIG, PODS } from './sources.js';

/** What a server's proxy accepts: plaintext only, both, or mesh TLS only. */
export type MutualTlsMode = Exclude<PeerMode, 'UNSET'>;

/**
 * What the proxy of a pod accepts on one of the pod's own ports: the workload's PeerAuthentication (its port before its
 * mode), else the namespace's, else the mesh's, else PERMISSIVE (PA-1, PA-2). Levels are inherited, never merged.
 */
export function peerModeOf(
  mesh: MeshSnapshot,
  pod: Pick<MeshPod, 'namespace' | 'labels'>,
  targetPort: number,
): Explained<MutualTlsMode> {
  const own = workloadPolicies(mesh, pod);
  const chosen = own[0];
  const rejected = own.slice(1).map((it) => laterOne(it, chosen!));
  if (!chosen) return namespacePeerMode(mesh, pod.namespace);
  const evidence: Location[] = [];
  const ofPort = chosen.ports.get(targetPort);
  if (ofPort) {
    evidence.push(ofPort.at);
    if (ofPort.value !== 'UNSET')
      return { value: ofPort.value, evidence, rejected, rules: ['PA-1', 'PA-2'], assumptions: [] };
  }
  const whole = chosen.mode;
  if (whole && whole.value !== 'UNSET') {
    return { value: whole.value, evidence: [...evidence, whole.at], rejected, rules: ['PA-1'], assumptions: [] };
  }
  const inherited = namespacePeerMode(mesh, pod.namespace);
  return {
    ...inherited,
    evidence: [...evidence, chosen.nameAt, ...inherited.evidence],
    rejected: [...rejected, ...inherited.rejected],
  };
}

/** The mode that a namespace has without its workloads' own policies: what clients look at for a whole service (TLS-2). */
export function namespacePeerMode(mesh: MeshSnapshot, namespace: string): Explained<MutualTlsMode> {
  return mesh.derive(`namespacePeerMode ${namespace}`, ['PeerAuthentication', ...CONFIG], () => {
    const { rootNamespace } = mesh.config;
    const rejected: Rejected[] = [];
    const evidence: Location[] = [];
    for (const level of new Set([namespace, rootNamespace])) {
      const [oldest, ...later] = generalPolicies(mesh, level);
      if (!oldest) continue;
      rejected.push(...later.map((it) => laterOne(it, oldest)));
      const { mode } = oldest;
      if (mode && mode.value !== 'UNSET') {
        return { value: mode.value, evidence: [...evidence, mode.at], rejected, rules: ['PA-1'], assumptions: [] };
      }
      evidence.push(mode?.at ?? oldest.nameAt);
    }
    return { value: 'PERMISSIVE', evidence, rejected, rules: ['PA-1'], assumptions: [] };
  });
}

/** Ports of a pod that its workload's PeerAuthentication names, with what they accept (IN-3). */
export function peerModePorts(mesh: MeshSnapshot, pod: MeshPod): readonly number[] {
  return [...(workloadPolicies(mesh, pod)[0]?.ports.keys() ?? [])];
}

/** The PeerAuthentications that select a pod by its labels, oldest first: the first one counts (PA-1). */
function workloadPolicies(
  mesh: MeshSnapshot,
  pod: Pick<MeshPod, 'namespace' | 'labels'>,
): readonly PeerAuthentication[] {
  if (pod.namespace === mesh.config.rootNamespace) return []; // selectors do not work there (PA-2)
  const all = mesh.byNamespace('PeerAuthentication').get(pod.namespace) ?? [];
  return all.filter(
    (it) => it.selector && it.selector.labels.size > 0 && containsLabels(pod.labels, it.selector.labels),
  );
}

function generalPolicies(mesh: MeshSnapshot, namespace: string): readonly PeerAuthentication[] {
  const all = mesh.byNamespace('PeerAuthentication').get(namespace) ?? [];
  return all.filter((it) => !it.selector || it.selector.labels.size === 0);
}

function laterOne(it: PeerAuthentication, winner: PeerAuthentication): Rejected {
  return {
    name: describe(it),
    because: `${describe(winner)} is older, and policies of one level are not merged`,
    evidence: [it.nameAt],
  };
}

/** The RequestAuthentications that a pod's proxy enforces; all their rules together (JWT-1). */
export function requestAuthenticationsFor(mesh: MeshSnapshot, pod: MeshPod): readonly RequestAuthentication[] {
  return mesh.derive(`requestAuthentications ${pod.id}`, ['RequestAuthentication', ...PODS], () =>
    namespacesFor(mesh, pod)
      .flatMap((namespace) => mesh.byNamespace('RequestAuthentication').get(namespace) ?? [])
      .filter((it) => attaches(it, pod)),
  );
}

/** The AuthorizationPolicies that a pod's proxy enforces: those of the root namespace and of the pod's own (AZ-1). */
export function authorizationPoliciesFor(mesh: MeshSnapshot, pod: MeshPod): readonly AuthorizationPolicy[] {
  return mesh.derive(`authorizationPolicies ${pod.id}`, ['AuthorizationPolicy', ...PODS], () =>
    namespacesFor(mesh, pod)
      .flatMap((namespace) => mesh.byNamespace('AuthorizationPolicy').get(namespace) ?? [])
      .filter((it) => attaches(it, pod)),
  );
}

function namespacesFor(mesh: MeshSnapshot, pod: MeshPod): string[] {
  return [...new Set([mesh.config.rootNamespace, pod.namespace])];
}

interface Attachable {
  readonly namespace: string;
  readonly selector: Selector | undefined;
  readonly targetRefs: readonly TargetRef[];
}

/** AZ-1: by labels, or by `targetRefs`, which only the pods of Gateway API Gateways heed. */
function attaches(policy: Attachable, pod: MeshPod): boolean {
  const gateway = pod.labels.get('gateway.networking.k8s.io/gateway-name')?.value;
  if (policy.targetRefs.length === 0) return !policy.selector || containsLabels(pod.labels, policy.selector.labels);
  if (gateway === undefined || policy.namespace !== pod.namespace) return false;
  return policy.targetRefs.some(
    (it) => it.group === 'gateway.networking.k8s.io' && it.kind === 'Gateway' && it.name.value === gateway,
  );
}
