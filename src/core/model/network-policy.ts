import type { Location, Sourced } from '../base/location.js';
import type { Fields } from './fields.js';
import { readLabelSelector, type LabelSelector } from './gateway-api.js';
import type { ResourceBase } from './resource.js';

/** Who may talk to whom, as the cluster's network plugin enforces it on real packets (CAP-8). */
export interface NetworkPolicy extends ResourceBase {
  readonly kind: 'NetworkPolicy';
  readonly podSelector: LabelSelector;
  readonly podSelectorAt: Location;
  /** Rules of the directions that the policy closes; `undefined` for one that it leaves open. */
  readonly ingress: readonly NetworkRule[] | undefined;
  readonly egress: readonly NetworkRule[] | undefined;
}

export interface NetworkRule {
  /** Empty for anybody. */
  readonly peers: readonly NetworkPeer[];
  /** Empty for any port. */
  readonly ports: readonly NetworkPort[];
  readonly at: Location;
}

export interface NetworkPeer {
  readonly block: { readonly cidr: Sourced<string>; readonly except: readonly Sourced<string>[] } | undefined;
  readonly pods: LabelSelector | undefined;
  /** Without it, pods are those of the policy's own namespace. */
  readonly namespaces: LabelSelector | undefined;
  readonly at: Location;
}

export interface NetworkPort {
  readonly protocol: string;
  /** The pod's own port, by number or by its container's name for it; `undefined` for all. */
  readonly port: Sourced<number | string> | undefined;
  readonly endPort: number | undefined;
  readonly at: Location;
}

export function readNetworkPolicy(base: ResourceBase, body: Fields): NetworkPolicy {
  const spec = body.fieldsOrEmpty('spec');
  const types = spec.strings('policyTypes').map((it) => it.value);
  const closes = (direction: string, otherwise: boolean): boolean =>
    types.length > 0 ? types.includes(direction) : otherwise;
  return {
    ...base,
    kind: 'NetworkPolicy',
    podSelector: readLabelSelector(spec.fieldsOrEmpty('podSelector')),
    podSelectorAt: spec.valueAt('podSelector'),
    ingress: closes('Ingress', true) ? readRules(spec, 'ingress', 'from') : undefined,
    egress: closes('Egress', spec.has('egress')) ? readRules(spec, 'egress', 'to') : undefined,
  };
}

function readRules(spec: Fields, direction: string, peers: string): NetworkRule[] {
  return spec.list(direction).map((it) => ({
    peers: it.list(peers).map(readPeer),
    ports: it.list('ports').map((port) => ({
      protocol: port.string('protocol')?.value ?? 'TCP',
      port: port.numberOrString('port'),
      endPort: port.number('endPort')?.value,
      at: port.at,
    })),
    at: it.at,
  }));
}

function readPeer(it: Fields): NetworkPeer {
  const block = it.fields('ipBlock');
  const cidr = block?.string('cidr');
  const pods = it.fields('podSelector');
  const namespaces = it.fields('namespaceSelector');
  return {
    block: block && cidr && { cidr, except: block.strings('except') },
    pods: pods && readLabelSelector(pods),
    namespaces: namespaces && readLabelSelector(namespaces),
    at: it.at,
  };
}
