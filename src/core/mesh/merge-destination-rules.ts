import { addTo } from '../base/lists.js';
import type { DestinationRule, Subset, TrafficPolicy } from '../model/destination-rule.js';
import type { ResourceKind } from '../model/resources.js';
import type { Selector } from '../model/resource.js';
import { backendPolicies, backendRules, filledBy, isBackendRule } from './backend-policies.js';
import { expandHost, isWildcard } from './hosts.js';
import { byAge } from './order.js';
import type { MeshSnapshot } from './snapshot.js';
import { CONFIG } from './sources.js';

/** What the choice among DestinationRules hangs on. */
export const RULE_SOURCES = ['DestinationRule', ...CONFIG] as const;

/** DestinationRules of one namespace and host that istiod folded into one, or a single one (DR-4). */
export interface EffectiveRule {
  /** The host as completed (GEN-5); may be a wildcard. */
  readonly host: string;
  readonly namespace: string;
  /** The objects that it is made of; the first gives it its name. */
  readonly sources: readonly DestinationRule[];
  readonly trafficPolicy: TrafficPolicy | undefined;
  readonly subsets: readonly Subset[];
  readonly workloadSelector: Selector | undefined;
  /** As written: `.`, `*`, names. Empty means that nothing is written. */
  readonly exportTo: ReadonlySet<string>;
}

/** Rules by host: the most specific host is looked for in here. */
export interface RuleTable {
  readonly exact: ReadonlyMap<string, readonly EffectiveRule[]>;
  readonly wild: ReadonlyMap<string, readonly EffectiveRule[]>;
}

/** The three pools in which istiod looks for rules (DR-1); each is merged by itself. */
export interface RulePools {
  /** By namespace, for clients that live there: private and public ones. */
  readonly own: ReadonlyMap<string, RuleTable>;
  /** By namespace, for clients elsewhere: all that are not private. */
  readonly exported: ReadonlyMap<string, RuleTable>;
  /** Private ones of the root namespace. */
  readonly rootPrivate: RuleTable | undefined;
  /** All rules as written, by completed host, for those who explain. */
  readonly written: {
    readonly exact: ReadonlyMap<string, DestinationRule[]>;
    readonly wild: ReadonlyMap<string, DestinationRule[]>;
  };
}

export function rulePools(mesh: MeshSnapshot): RulePools {
  return mesh.derive('rulePools', ruleSources(mesh), () => buildPools(mesh));
}

/** Policies of the Gateway API name ports of services; without one, services play no part. */
export function ruleSources(mesh: MeshSnapshot): readonly ResourceKind[] {
  return backendPolicies(mesh).length === 0 ? RULE_SOURCES : [...RULE_SOURCES, 'Service', 'ServiceEntry'];
}

/** The host that a rule speaks of (DR-2). */
export function hostOfRule(mesh: MeshSnapshot, rule: DestinationRule): string {
  return expandHost(rule.host.value, rule.namespace, mesh.config.clusterDomain);
}

/** What `exportTo` says; a rule for some workloads is its namespace's own whatever it says (DR-3). */
export function exportOfRule(rule: DestinationRule): ReadonlySet<string> {
  return rule.workloadSelector ? new Set(['.']) : new Set((rule.exportTo ?? []).map((it) => it.value));
}

function buildPools(mesh: MeshSnapshot): RulePools {
  const own = new Map<string, GrowingTable>();
  const exported = new Map<string, GrowingTable>();
  const rootPrivate = new GrowingTable();
  const written = { exact: new Map<string, DestinationRule[]>(), wild: new Map<string, DestinationRule[]>() };
  const isPrivateByDefault = mesh.config.defaultDestinationRuleExportTo.includes('.');
  for (const rule of inOrder([...backendRules(mesh), ...mesh.of('DestinationRule')])) {
    const { namespace } = rule;
    const host = hostOfRule(mesh, rule);
    const exportTo = exportOfRule(rule);
    addTo(isWildcard(host) ? written.wild : written.exact, host, rule);
    if (exportTo.size === 0 || ['*', '.', namespace].some((it) => exportTo.has(it)))
      tableOf(own, namespace).add(host, rule, exportTo);
    const privateOnly =
      exportTo.size === 0 ? isPrivateByDefault : exportTo.size === 1 && (exportTo.has('.') || exportTo.has(namespace));
    if (!privateOnly) tableOf(exported, namespace).add(host, rule, exportTo);
    else if (namespace === mesh.config.rootNamespace) rootPrivate.add(host, rule, exportTo);
  }
  return { own, exported, rootPrivate, written };
}

/** Rules for some workloads first, then oldest first. */
function inOrder(rules: readonly DestinationRule[]): DestinationRule[] {
  const sorted = [...rules].sort(byAge);
  return [...sorted.filter((it) => it.workloadSelector), ...sorted.filter((it) => !it.workloadSelector)];
}

class GrowingTable implements RuleTable {
  readonly exact = new Map<string, EffectiveRule[]>();
  readonly wild = new Map<string, EffectiveRule[]>();

  /** DR-4: a later rule is folded into the earlier ones that it resembles; otherwise it stands for itself. */
  add(host: string, rule: DestinationRule, exportTo: ReadonlySet<string>): void {
    const table = isWildcard(host) ? this.wild : this.exact;
    const alone = standingAlone(host, rule, exportTo);
    const earlier = table.get(host);
    if (!earlier) {
      table.set(host, [alone]);
      return;
    }
    let separate = true;
    earlier.forEach((existing, index) => {
      // the last one that is looked at decides whether the rule gets an entry of its own, too
      separate = !sameSet(exportTo, existing.exportTo);
      const covers = existing.exportTo.size > 0 && isSuperset(exportTo, existing.exportTo);
      if (separate && !covers) return;
      const [mine, theirs] = [rule.workloadSelector, existing.workloadSelector];
      if (mine && theirs && !sameLabels(mine, theirs)) {
        separate = true;
        return;
      }
      if (Boolean(mine) === Boolean(theirs)) separate = false;
      earlier[index] = folded(existing, rule);
    });
    if (separate) earlier.push(alone);
  }
}

function standingAlone(host: string, rule: DestinationRule, exportTo: ReadonlySet<string>): EffectiveRule {
  const { namespace, trafficPolicy, subsets, workloadSelector } = rule;
  return {
    host,
    namespace,
    sources: [rule],
    trafficPolicy,
    subsets: uniqueByName(subsets),
    workloadSelector,
    exportTo,
  };
}

function folded(into: EffectiveRule, rule: DestinationRule): EffectiveRule {
  return {
    ...into,
    sources: [...into.sources, rule],
    trafficPolicy: foldedPolicy(into, rule),
    subsets: uniqueByName([...into.subsets, ...rule.subsets]),
  };
}

/** The first policy counts as a whole; one of the Gateway API only fills gaps (DR-8). */
function foldedPolicy(into: EffectiveRule, rule: DestinationRule): TrafficPolicy | undefined {
  const made = into.sources.every(isBackendRule);
  if (made === isBackendRule(rule)) return into.trafficPolicy ?? rule.trafficPolicy;
  return made ? filledBy(rule.trafficPolicy, into.trafficPolicy) : filledBy(into.trafficPolicy, rule.trafficPolicy);
}

/** Of two subsets with one name the first counts. */
function uniqueByName(subsets: readonly Subset[]): readonly Subset[] {
  const seen = new Set<string>();
  return subsets.filter((it) => !seen.has(it.name.value) && seen.add(it.name.value));
}

function tableOf(tables: Map<string, GrowingTable>, namespace: string): GrowingTable {
  let table = tables.get(namespace);
  if (!table) tables.set(namespace, (table = new GrowingTable()));
  return table;
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && isSuperset(a, b);
}

function isSuperset(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return [...b].every((it) => a.has(it));
}

function sameLabels(a: Selector, b: Selector): boolean {
  return a.labels.size === b.labels.size && [...a.labels].every(([key, it]) => b.labels.get(key)?.value === it.value);
}
