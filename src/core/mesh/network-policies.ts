import type { Explained, Rejected } from '../base/explained.js';
import { uniqueLocations, type Location } from '../base/location.js';
import type { NetworkPeer, NetworkPolicy, NetworkPort, NetworkRule } from '../model/network-policy.js';
import { describe } from '../model/resource.js';
import { namespaceLabels, selectsLabels } from './namespace-selection.js';
import type { MeshPod } from './pods.js';
import { addressCovers } from './services.js';
import type { MeshSnapshot } from './snapshot.js';
import { PODS } from './sources.js';

/** One end of a connection on the network: a pod, or an address that is none. */
export interface NetworkEnd {
  readonly ip: string;
  readonly pod: MeshPod | undefined;
}

/**
 * Whether NetworkPolicies let a TCP connection through: those of the source's pod on the way out, then those of the target's on the
 * way in; each pod that some policy selects takes only what one of them allows (CAP-8). `undefined` where no policy has a say.
 */
export function networkPassage(
  mesh: MeshSnapshot,
  source: NetworkEnd,
  target: NetworkEnd,
  port: number,
): Explained<{ readonly passes: boolean; readonly because: string }> | undefined {
  if (source.pod && source.pod === target.pod) return undefined; // nobody is kept from himself
  const out = judge(mesh, 'egress', source, target, target, port);
  if (out && !out.value.passes) return out;
  const inward = judge(mesh, 'ingress', target, source, target, port);
  if (!out || !inward) return inward ?? out;
  return inward.value.passes ? { ...inward, evidence: uniqueLocations([...out.evidence, ...inward.evidence]) } : inward;
}

type Direction = 'ingress' | 'egress';

function judge(
  mesh: MeshSnapshot,
  direction: Direction,
  own: NetworkEnd,
  peer: NetworkEnd,
  target: NetworkEnd,
  port: number,
): Explained<{ passes: boolean; because: string }> | undefined {
  const { pod } = own;
  if (!pod || pod.template.hostNetwork) return undefined; // policies are for pods with a network of their own
  const policies = policiesOf(mesh, pod).filter((it) => it[direction] !== undefined);
  if (policies.length === 0) return undefined;
  const assumptions = [{ text: 'The cluster’s network plugin enforces NetworkPolicies' }];
  const rejected: Rejected[] = [];
  for (const policy of policies) {
    for (const rule of policy[direction]!) {
      const miss = missOf(mesh, policy, rule, peer, target, port);
      if (miss === undefined) {
        const value = { passes: true, because: `${describe(policy)} allows it` };
        return { value, evidence: [rule.at], rejected, rules: ['CAP-8'], assumptions };
      }
      rejected.push({ name: `a rule of ${describe(policy)}`, because: miss.because, evidence: [miss.at] });
    }
  }
  const names = policies.map(describe).join(' and ');
  const other = peer.pod?.id ?? peer.ip;
  const because =
    direction === 'ingress'
      ? `${names} ${policies.length > 1 ? 'let' : 'lets'} nobody like ${other} in on port ${port}`
      : `${names} ${policies.length > 1 ? 'let' : 'lets'} nothing out to ${other} on port ${port}`;
  const evidence = policies.map((it) => it.podSelectorAt);
  return { value: { passes: false, because }, evidence, rejected, rules: ['CAP-8'], assumptions };
}

/** The policies that select a pod. */
function policiesOf(mesh: MeshSnapshot, pod: MeshPod): readonly NetworkPolicy[] {
  return mesh.derive(`networkPolicies ${pod.id}`, ['NetworkPolicy', ...PODS], () => {
    const all = mesh.byNamespace('NetworkPolicy').get(pod.namespace) ?? [];
    const labels = labelsOf(pod);
    return all.filter((it) => selectsLabels(it.podSelector, labels));
  });
}

function labelsOf(pod: MeshPod): ReadonlyMap<string, string> {
  return new Map([...pod.labels].map(([key, it]) => [key, it.value]));
}

/** Why a rule does not speak of a connection; `undefined` when it does. */
function missOf(
  mesh: MeshSnapshot,
  policy: NetworkPolicy,
  rule: NetworkRule,
  peer: NetworkEnd,
  target: NetworkEnd,
  port: number,
): { because: string; at: Location } | undefined {
  if (rule.peers.length > 0 && !rule.peers.some((it) => isPeer(mesh, policy, it, peer))) {
    return { because: `${peer.pod?.id ?? peer.ip} is none of its peers`, at: rule.at };
  }
  if (rule.ports.length > 0 && !rule.ports.some((it) => isPort(it, target, port))) {
    return { because: `port ${port} is none of its ports`, at: rule.at };
  }
  return undefined;
}

function isPeer(mesh: MeshSnapshot, policy: NetworkPolicy, it: NetworkPeer, { ip, pod }: NetworkEnd): boolean {
  if (it.block) {
    const inside = addressCovers(it.block.cidr.value, ip);
    return inside && !it.block.except.some((hole) => addressCovers(hole.value, ip));
  }
  if (!pod || pod.template.hostNetwork) return false;
  if (it.namespaces) {
    if (!selectsLabels(it.namespaces, namespaceLabels(mesh, pod.namespace))) return false;
  } else if (pod.namespace !== policy.namespace) return false;
  return !it.pods || selectsLabels(it.pods, labelsOf(pod));
}

/** Ports are the target pod's own, not a Service's. */
function isPort({ protocol, port, endPort }: NetworkPort, target: NetworkEnd, number: number): boolean {
  if (protocol !== 'TCP') return false;
  if (!port) return true;
  const { value } = port;
  if (typeof value === 'number') return endPort === undefined ? number === value : number >= value && number <= endPort;
  const containers = target.pod ? [...target.pod.template.containers, ...target.pod.template.nativeSidecars] : [];
  return containers.some((it) =>
    it.ports.some((named) => named.name?.value === value && named.containerPort.value === number),
  );
}
