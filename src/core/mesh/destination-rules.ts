import type { Explained } from '../base/explained.js';
import type { Location } from '../base/location.js';
import type { StringMap } from '../model/fields.js';
import type {
  ClientTls,
  ConnectionPool,
  DestinationRule,
  LoadBalancer,
  OutlierDetection,
  Subset,
  TrafficPolicy,
} from '../model/destination-rule.js';
import type { MeshSnapshot } from './snapshot.js';

/** Whose traffic a rule is asked for. */
export interface RuleClient {
  readonly namespace: string;
  readonly labels: StringMap;
}

/** The service that traffic goes to: a host, and the namespace that defines it. */
export interface RuleTarget {
  readonly host: string;
  readonly namespace: string;
}

/** DestinationRules of one namespace and host, as istiod folds them into one (DR-4). */
export interface EffectiveRule {
  /** The host as completed (GEN-5); may be a wildcard. */
  readonly host: string;
  readonly namespace: string;
  /** The objects it is made of; the first gives it its name. */
  readonly sources: readonly DestinationRule[];
  readonly trafficPolicy: TrafficPolicy | undefined;
  readonly subsets: readonly Subset[];
}

/** The fields that act on one port and subset (DR-6). */
export interface EffectivePolicy {
  readonly connectionPool: ConnectionPool | undefined;
  readonly outlierDetection: OutlierDetection | undefined;
  readonly loadBalancer: LoadBalancer | undefined;
  readonly tls: ClientTls | undefined;
  /** The policies that were looked at, the most special first. */
  readonly evidence: readonly Location[];
}

/** The rule that a client has for a service (DR-1..DR-5); the rules that lost are among `rejected`. */
export function destinationRuleFor(
  _mesh: MeshSnapshot,
  _client: RuleClient,
  _service: RuleTarget,
): Explained<EffectiveRule | undefined> {
  return { value: undefined, evidence: [], rejected: [], rules: ['DR-1'], assumptions: [] };
}

/** What the rule says for a service port and subset (DR-6); the empty subset is the whole service. */
export function trafficPolicyFor(
  _mesh: MeshSnapshot,
  _rule: EffectiveRule | undefined,
  _port: number,
  _subset: string,
): EffectivePolicy {
  return {
    connectionPool: undefined,
    outlierDetection: undefined,
    loadBalancer: undefined,
    tls: undefined,
    evidence: [],
  };
}

/** The subsets that a client can name for a service (DST-3), by their names. */
export function subsetsOf(mesh: MeshSnapshot, client: RuleClient, service: RuleTarget): Explained<readonly Subset[]> {
  const rule = destinationRuleFor(mesh, client, service);
  return { ...rule, value: rule.value?.subsets ?? [] };
}
