import type { Explained, Rejected } from '../base/explained.js';
import { uniqueLocations, type Location } from '../base/location.js';
import { containsLabels, type StringMap } from '../model/fields.js';
import type {
  ClientTls,
  ConnectionPool,
  DestinationRule,
  LoadBalancer,
  OutlierDetection,
  PolicyFields,
  Subset,
  TrafficPolicy,
} from '../model/destination-rule.js';
import { describe } from '../model/resource.js';
import { isSubsetOf, mostSpecific } from './hosts.js';
import {
  exportOfRule,
  hostOfRule,
  ruleSources,
  rulePools,
  type EffectiveRule,
  type RuleTable,
} from './merge-destination-rules.js';
import type { MeshSnapshot } from './snapshot.js';

export type { EffectiveRule } from './merge-destination-rules.js';

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

/** As {@link destinationRuleFor} without the explanation, for those who ask for many clients and services. */
export function effectiveRuleFor(
  mesh: MeshSnapshot,
  client: RuleClient,
  service: RuleTarget,
): EffectiveRule | undefined {
  const level = levelFor(mesh, client.namespace, service);
  return level && choose(level.rules, client);
}

/** The rule that a client has for a service (DR-1..DR-5); the rules that lost are among `rejected`. */
export function destinationRuleFor(
  mesh: MeshSnapshot,
  client: RuleClient,
  service: RuleTarget,
): Explained<EffectiveRule | undefined> {
  const level = levelFor(mesh, client.namespace, service);
  const value = level && choose(level.rules, client);
  return {
    value,
    evidence: value ? uniqueLocations(value.sources.map((it) => it.nameAt)) : [],
    rejected: losers(mesh, client, service, level, value),
    rules: value && value.sources.length > 1 ? ['DR-1', 'DR-4'] : ['DR-1'],
    assumptions: [],
  };
}

/** One of the places where a rule is looked for; the first with a hit decides (DR-1). */
interface Level {
  readonly name: string;
  readonly namespace: string;
  readonly host: string;
  readonly rules: readonly EffectiveRule[];
}

function levelFor(mesh: MeshSnapshot, clientNamespace: string, service: RuleTarget): Level | undefined {
  // who asks matters by its labels only after this, so that all clients of a namespace share the answer
  const known = mesh.derive('ruleLevels', ruleSources(mesh), () => new Map<string, Level | undefined>());
  const key = `${clientNamespace} ${service.namespace} ${service.host}`;
  if (!known.has(key)) known.set(key, findLevel(mesh, clientNamespace, service));
  return known.get(key);
}

function findLevel(mesh: MeshSnapshot, clientNamespace: string, service: RuleTarget): Level | undefined {
  const pools = rulePools(mesh);
  const { rootNamespace } = mesh.config;
  const inRoot = clientNamespace === rootNamespace;
  const mine = bestOf(inRoot ? pools.rootPrivate : pools.own.get(clientNamespace), service.host);
  if (mine) return { name: 'the client’s namespace', namespace: clientNamespace, ...mine };
  for (const [name, namespace] of [
    ['the service’s namespace', service.namespace],
    ['the root namespace', rootNamespace],
  ] as const) {
    const found = bestOf(pools.exported.get(namespace), service.host);
    // exportTo is looked at only after the host was chosen: a broader host of the same namespace is not tried
    const visible = found?.rules.filter((it) => isExported(it.exportTo, clientNamespace)) ?? [];
    if (found && visible.length > 0) return { name, namespace, host: found.host, rules: visible };
  }
  return undefined;
}

function bestOf(
  table: RuleTable | undefined,
  host: string,
): { host: string; rules: readonly EffectiveRule[] } | undefined {
  if (!table) return undefined;
  const exact = table.exact.get(host);
  if (exact) return { host, rules: exact };
  const best = mostSpecific(host, table.wild);
  return best && { host: best.host, rules: best.value };
}

function isExported(exportTo: ReadonlySet<string>, namespace: string): boolean {
  return exportTo.size === 0 || exportTo.has('*') || exportTo.has(namespace);
}

/** DR-3: the first that selects the client's pods, else the last that selects nobody. */
function choose(rules: readonly EffectiveRule[], client: RuleClient): EffectiveRule | undefined {
  return (
    rules.find((it) => it.workloadSelector && it.namespace === client.namespace && selects(it, client)) ??
    rules.filter((it) => !it.workloadSelector).at(-1)
  );
}

function selects(rule: Pick<EffectiveRule, 'workloadSelector'>, client: RuleClient): boolean {
  return rule.workloadSelector !== undefined && containsLabels(client.labels, rule.workloadSelector.labels);
}

/** Every rule that speaks of the host and does not act, with its reason. */
function losers(
  mesh: MeshSnapshot,
  client: RuleClient,
  service: RuleTarget,
  level: Level | undefined,
  chosen: EffectiveRule | undefined,
): Rejected[] {
  const { exact, wild } = rulePools(mesh).written;
  const all = [
    ...(exact.get(service.host) ?? []),
    ...[...wild].flatMap(([host, rules]) => (host === service.host || isSubsetOf(service.host, host) ? rules : [])),
  ];
  return all
    .filter((it) => !chosen?.sources.includes(it))
    .map((it) => ({
      name: describe(it),
      because: reasonAgainst(mesh, it, client, service, level, chosen),
      evidence: [it.workloadSelector?.at ?? it.exportTo?.[0]?.at ?? it.host.at],
    }));
}

function reasonAgainst(
  mesh: MeshSnapshot,
  rule: DestinationRule,
  client: RuleClient,
  service: RuleTarget,
  level: Level | undefined,
  chosen: EffectiveRule | undefined,
): string {
  const { rootNamespace } = mesh.config;
  const places = [client.namespace, service.namespace, rootNamespace];
  if (!places.includes(rule.namespace)) {
    return `it lives in ${rule.namespace}, which is neither the client’s namespace, nor the service’s, nor the root namespace`;
  }
  const exportTo = exportOfRule(rule);
  const own = rule.namespace === client.namespace;
  const privateByDefault = exportTo.size === 0 && mesh.config.defaultDestinationRuleExportTo.includes('.');
  if (!own && (privateByDefault || !isExported(exportTo, client.namespace)))
    return `it is not exported to ${client.namespace}`;
  if (own && exportTo.size > 0 && !['*', '.', client.namespace].some((it) => exportTo.has(it))) {
    return `it is not exported to ${client.namespace}, where it lives`;
  }
  if (!level) return shadowedReason(mesh, rule, service);
  if (rule.namespace !== level.namespace) {
    return `a rule of ${level.name} (${level.namespace}) decides; rules of several namespaces are not combined`;
  }
  const host = hostOfRule(mesh, rule);
  if (host !== level.host)
    return `the rule for ${level.host} is more specific, and rules for different hosts are not merged`;
  if (rule.workloadSelector && !selects(rule, client)) return 'its workloadSelector does not select the client';
  if (!chosen) {
    return 'its exportTo equals that of the rule with a workloadSelector, into which it is folded: clients that are not selected have no rule';
  }
  if (chosen.workloadSelector) return `${describe(chosen.sources[0]!)} selects the client and stands alone`;
  return `${describe(chosen.sources[0]!)} is newer and has another exportTo, so that it alone counts`;
}

/** No level had a hit although a rule is exported: a more specific host of its namespace stood in front of it. */
function shadowedReason(mesh: MeshSnapshot, rule: DestinationRule, service: RuleTarget): string {
  const front = bestOf(rulePools(mesh).exported.get(rule.namespace), service.host);
  return front && front.host !== hostOfRule(mesh, rule)
    ? `the rule for ${front.host} in ${rule.namespace} is more specific, although it is not exported to the client`
    : `it is folded into another rule of ${rule.namespace}`;
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

/** What a rule says for a service port and subset (DR-6); the empty subset is the whole service. */
export function trafficPolicyFor(
  mesh: MeshSnapshot,
  rule: EffectiveRule | undefined,
  port: number,
  subset: string,
): EffectivePolicy {
  const base = withMeshDefaults(mesh, writtenPolicyFor(rule, port, ''));
  const special = rule?.subsets.find((it) => it.name.value === subset)?.trafficPolicy;
  return special ? overridden(base, special, port) : base;
}

/** As {@link trafficPolicyFor}, but without MeshConfig's defaults: what decides about localities of endpoints (CL-5). */
export function writtenPolicyFor(rule: EffectiveRule | undefined, port: number, subset: string): EffectivePolicy {
  const whole = rule?.trafficPolicy;
  const base = whole ? fieldsOf(forPort(whole, port) ?? whole) : NOTHING;
  const special = rule?.subsets.find((it) => it.name.value === subset)?.trafficPolicy;
  return special ? overridden(base, special, port) : base;
}

const NOTHING: EffectivePolicy = {
  connectionPool: undefined,
  outlierDetection: undefined,
  loadBalancer: undefined,
  tls: undefined,
  evidence: [],
};

function forPort(policy: TrafficPolicy, port: number): PolicyFields | undefined {
  return policy.ports.find((it) => it.port.value === port);
}

function fieldsOf(it: PolicyFields): EffectivePolicy {
  const { connectionPool, outlierDetection, loadBalancer, tls } = it;
  return { connectionPool, outlierDetection, loadBalancer, tls, evidence: [it.at] };
}

/** A port's entry in a subset replaces all fields, set or not; without one each set field of the subset counts. */
function overridden(base: EffectivePolicy, special: TrafficPolicy, port: number): EffectivePolicy {
  const ofPort = forPort(special, port);
  if (ofPort) return { ...fieldsOf(ofPort), evidence: [ofPort.at, ...base.evidence] };
  return {
    connectionPool: special.connectionPool ?? base.connectionPool,
    outlierDetection: special.outlierDetection ?? base.outlierDetection,
    loadBalancer: special.loadBalancer ?? base.loadBalancer,
    tls: special.tls ?? base.tls,
    evidence: [special.at, ...base.evidence],
  };
}

function withMeshDefaults(mesh: MeshSnapshot, it: EffectivePolicy): EffectivePolicy {
  const defaults = mesh.config.defaultTrafficPolicy;
  if (!defaults) return it;
  return {
    ...it,
    connectionPool: it.connectionPool ?? defaults.connectionPool,
    outlierDetection: it.outlierDetection ?? defaults.outlierDetection,
  };
}

/** The subsets that a client can name for a service (DST-3). */
export function subsetsOf(mesh: MeshSnapshot, client: RuleClient, service: RuleTarget): Explained<readonly Subset[]> {
  const rule = destinationRuleFor(mesh, client, service);
  return { ...rule, value: rule.value?.subsets ?? [] };
}
