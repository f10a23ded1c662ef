import type { Location } from '../base/location.js';
import type { ServiceEndpoint } from '../mesh/endpoints.js';
import type { RegistryService } from '../mesh/services.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import { readLocalityLb, type LoadBalancer, type LocalityLb } from '../model/destination-rule.js';
import type { StringMap } from '../model/fields.js';

/** Endpoints of one locality and priority, as EDS groups them. */
export interface LocalityGroup {
  readonly locality: string;
  readonly endpoints: readonly ServiceEndpoint[];
  readonly weight: number;
  readonly priority: number;
}

/** Where a client stands, for comparisons with endpoints. */
export interface ClientPlace {
  /** `region/zone/subzone` */
  readonly locality: string;
  readonly labels: StringMap;
  readonly nodeName: string;
}

/** How endpoints are preferred by where they run (CL-5, EP-8). */
export interface LocalitySetting {
  readonly evidence: readonly Location[];
  readonly rule: 'CL-5' | 'EP-8';
  /** Acts without outlierDetection, too. */
  readonly forced: boolean;
  /** Whether localities have weights of their own in Envoy; `failover` says that outlierDetection is on. */
  weighs(failover: boolean): boolean;
  apply(groups: readonly LocalityGroup[], client: ClientPlace, failover: boolean): readonly LocalityGroup[];
}

type Written = Pick<LocalityLb, 'distribute' | 'failover' | 'failoverPriority'>;

const DEFAULTS: Written = { distribute: [], failover: [], failoverPriority: [] };

/** The setting that counts: the rule's, else the Service's trafficDistribution, else the mesh's, which is on by default. */
export function localitySettingFor(
  mesh: MeshSnapshot,
  service: RegistryService,
  balancer: LoadBalancer | undefined,
): LocalitySetting | undefined {
  if (balancer?.zoneAware) return zoneAwareSetting(balancer.zoneAware);
  const own = balancer?.locality;
  if (own) return own.enabled?.value === false ? undefined : settingOf(own, [own.at], 'CL-5');
  const preference = trafficDistributionOf(mesh, service);
  if (preference) return settingOf(preference.setting, preference.evidence, 'EP-8');
  const zoneAware = mesh.config.written?.fields('zoneAwareLbSetting');
  if (zoneAware) return zoneAwareSetting(readLocalityLb(zoneAware));
  const ofMesh = mesh.config.localityLb;
  if (ofMesh?.enabled?.value === false) return undefined;
  return settingOf(ofMesh ?? DEFAULTS, ofMesh ? [ofMesh.at] : [], 'CL-5');
}

function settingOf(it: Written, evidence: readonly Location[], rule: LocalitySetting['rule']): LocalitySetting {
  const forced = rule === 'EP-8';
  const prefers = it.failover.length > 0 || it.failoverPriority.length > 0;
  return {
    evidence,
    rule,
    forced,
    weighs: (failover) => it.distribute.length > 0 || ((forced || failover) && prefers),
    apply: (groups, client, failover) => {
      if (it.distribute.length > 0) return distributed(groups, client.locality, it.distribute);
      if (!forced && !failover) return groups;
      if (it.failoverPriority.length === 0) return failedOver(groups, client.locality, it.failover);
      const preferred = preferredByLabels(
        groups,
        client,
        it.failoverPriority.map((label) => label.value),
      );
      return it.failover.length > 0 ? failedOver(preferred, client.locality, it.failover) : preferred;
    },
  };
}

/**
 * Zones of the client's region are for Envoy to balance, which it does only when it knows its own workload's endpoints; what
 * istiod does is to put other regions behind. Switched off it does nothing, and localityLbSetting does not come back.
 */
function zoneAwareSetting(it: LocalityLb): LocalitySetting {
  const off = it.enabled?.value === false;
  return {
    evidence: [it.at],
    rule: 'CL-5',
    forced: !off,
    weighs: () => false,
    apply: (groups, client) => {
      if (off) return groups;
      const labels = it.failoverPriority.map((label) => label.value);
      return regionsFirst(
        labels.length > 0 ? preferredByLabels(groups, client, labels) : groups,
        client.locality,
        it.failover,
      );
    },
  };
}

function regionsFirst(
  groups: readonly LocalityGroup[],
  client: string,
  failover: LocalityLb['failover'],
): readonly LocalityGroup[] {
  const [mine] = partsOf(client);
  const next = failover.find((it) => it.from === mine)?.to;
  const rank = (locality: string): number => {
    const [region] = partsOf(locality);
    return region === mine ? 0 : region === next ? 1 : 2;
  };
  return withoutGaps(groups.map((it) => ({ ...it, priority: it.priority * 3 + rank(it.locality) })));
}

const NETWORK = 'topology.istio.io/network';
const REGION = 'topology.kubernetes.io/region';
const ZONE = 'topology.kubernetes.io/zone';
const SUBZONE = 'topology.istio.io/subzone';
const HOSTNAME = 'kubernetes.io/hostname';
const CLUSTER = 'topology.istio.io/cluster';

/** EP-8: the Service's field, then its annotation, then its namespace's. */
function trafficDistributionOf(
  mesh: MeshSnapshot,
  { source }: RegistryService,
): { setting: Written; evidence: readonly Location[] } | undefined {
  if (source.kind !== 'Service') return undefined;
  const annotation = 'networking.istio.io/traffic-distribution';
  const written = [
    source.trafficDistribution,
    source.annotations.get(annotation),
    mesh.namespaces.get(source.namespace)?.annotations.get(annotation),
  ].find((it) => it !== undefined && it.value !== '');
  if (!written) return undefined;
  const labels = labelsFor(written.value.toLowerCase());
  if (!labels) return undefined;
  const failoverPriority = labels.map((value) => ({ value, at: written.at }));
  return { setting: { ...DEFAULTS, failoverPriority }, evidence: [written.at] };
}

function labelsFor(preference: string): readonly string[] | undefined {
  switch (preference) {
    case 'preferclose':
    case 'prefersamezone':
      return [NETWORK, REGION, ZONE];
    case 'prefersamenode':
      return [NETWORK, REGION, ZONE, SUBZONE, HOSTNAME];
    default:
      return undefined;
  }
}

/** `distribute`: the first entry that fits the client gives weights; localities that it does not list lose their endpoints. */
function distributed(
  groups: readonly LocalityGroup[],
  client: string,
  distribute: LocalityLb['distribute'],
): readonly LocalityGroup[] {
  const entry = distribute.find((it) => localityMatches(client, it.from.value));
  if (!entry) return groups;
  const result = new Map<LocalityGroup, LocalityGroup>();
  for (const [pattern, weight] of entry.to) {
    const fitting = groups.filter((it) => !result.has(it) && localityMatches(it.locality, pattern));
    const total = fitting.reduce((sum, it) => sum + it.weight, 0);
    for (const it of fitting) {
      const share = Math.ceil((it.weight * weight) / total);
      result.set(it, share > 0 ? { ...it, weight: share } : it);
    }
  }
  return groups.map((it) => result.get(it) ?? { ...it, endpoints: [] });
}

/** Whether a locality lies in what a setting names: `*` and what is left out stand for anything. */
function localityMatches(locality: string, pattern: string): boolean {
  const have = partsOf(locality);
  return partsOf(pattern).every((part, index) => part === '*' || (index > 0 && part === '') || part === have[index]);
}

function partsOf(locality: string): readonly [string, string, string] {
  const [region = '', zone = '', subzone = ''] = locality.split('/');
  return [region, zone, subzone];
}

/** Nearer localities first: all of it the same, then zone, then region, then the region that `failover` names, then others. */
function failedOver(
  groups: readonly LocalityGroup[],
  client: string,
  failover: LocalityLb['failover'],
): readonly LocalityGroup[] {
  const mine = partsOf(client);
  const rank = (locality: string): number => {
    const [region, zone, subzone] = partsOf(locality);
    if (region === mine[0]) return zone !== mine[1] ? 2 : subzone !== mine[2] ? 1 : 0;
    const pair = failover.find((it) => it.from === mine[0]);
    return pair && pair.to !== region ? 4 : 3;
  };
  return withoutGaps(groups.map((it) => ({ ...it, priority: it.priority * 5 + rank(it.locality) })));
}

/** `failoverPriority`: the more of the labels agree from the first on, the sooner; a group falls apart where they differ. */
function preferredByLabels(
  groups: readonly LocalityGroup[],
  client: ClientPlace,
  wanted: readonly string[],
): readonly LocalityGroup[] {
  const labels = wanted.map((it) => {
    const [name = '', value] = it.split('=');
    return { name, value: value ?? labelOf(client, name) };
  });
  const split = groups.flatMap((group) => {
    const byPriority = new Map<number, ServiceEndpoint[]>();
    for (const endpoint of group.endpoints) {
      const priority = priorityOf(endpoint, labels);
      byPriority.set(priority, [...(byPriority.get(priority) ?? []), endpoint]);
    }
    return [...byPriority]
      .sort(([a], [b]) => a - b)
      .map(([priority, endpoints]) => ({ ...group, priority, endpoints, weight: weightOf(endpoints) }));
  });
  return withoutGaps(split);
}

function priorityOf(endpoint: ServiceEndpoint, labels: readonly { name: string; value: string }[]): number {
  let farAway = 0;
  for (const [index, { name, value }] of labels.entries()) {
    if (labelOf(endpoint, name) === value) continue;
    // another network is worse than anything else, but does not end the comparison
    if (index === 0 && name === NETWORK) farAway = labels.length;
    else return labels.length - index + farAway;
  }
  return farAway;
}

/** A label, or what istiod adds of where the workload runs. */
function labelOf(it: { labels: StringMap; locality: string; nodeName: string }, name: string): string {
  const [region, zone, subzone] = partsOf(it.locality);
  const added: Readonly<Record<string, string>> = {
    [REGION]: region,
    [ZONE]: zone,
    [SUBZONE]: subzone,
    [HOSTNAME]: it.nodeName,
    [CLUSTER]: 'Kubernetes',
  };
  return added[name] || (it.labels.get(name)?.value ?? '');
}

export function weightOf(endpoints: readonly ServiceEndpoint[]): number {
  return endpoints.reduce((sum, it) => sum + it.weight, 0);
}

/** Envoy wants priorities from zero up, without gaps. */
function withoutGaps(groups: readonly LocalityGroup[]): readonly LocalityGroup[] {
  const used = [...new Set(groups.map((it) => it.priority))].sort((a, b) => a - b);
  return groups.map((it) => ({ ...it, priority: used.indexOf(it.priority) }));
}
