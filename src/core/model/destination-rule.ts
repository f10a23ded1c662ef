import type { Location, Sourced } from '../base/location.js';
import type { Fields, StringMap } from './fields.js';
import { readDuration, readExportTo, readWorkloadSelector } from './reading.js';
import type { ResourceBase, Selector } from './resource.js';

export type ClientTlsMode = 'DISABLE' | 'SIMPLE' | 'MUTUAL' | 'ISTIO_MUTUAL';

export interface ClientTls {
  readonly mode: Sourced<ClientTlsMode>;
  readonly sni: Sourced<string> | undefined;
  readonly credentialName: Sourced<string> | undefined;
  readonly caCertificates: Sourced<string> | undefined;
  readonly clientCertificate: Sourced<string> | undefined;
  readonly privateKey: Sourced<string> | undefined;
  readonly subjectAltNames: readonly Sourced<string>[];
  readonly insecureSkipVerify: boolean;
  readonly at: Location;
}

export interface ConnectionPool {
  readonly maxConnections: Sourced<number> | undefined;
  readonly connectTimeout: Sourced<number> | undefined;
  readonly maxConnectionDuration: Sourced<number> | undefined;
  readonly http1MaxPendingRequests: Sourced<number> | undefined;
  readonly http2MaxRequests: Sourced<number> | undefined;
  readonly maxRequestsPerConnection: Sourced<number> | undefined;
  readonly maxRetries: Sourced<number> | undefined;
  readonly h2UpgradePolicy: Sourced<string> | undefined;
  readonly useClientProtocol: boolean;
  readonly at: Location;
}

export interface OutlierDetection {
  readonly consecutive5xxErrors: Sourced<number> | undefined;
  readonly consecutiveGatewayErrors: Sourced<number> | undefined;
  readonly consecutiveLocalOriginFailures: Sourced<number> | undefined;
  readonly splitExternalLocalOriginErrors: boolean;
  readonly interval: Sourced<number> | undefined;
  readonly baseEjectionTime: Sourced<number> | undefined;
  readonly maxEjectionPercent: Sourced<number> | undefined;
  readonly minHealthPercent: Sourced<number> | undefined;
  readonly at: Location;
}

export interface LocalityLb {
  readonly enabled: Sourced<boolean> | undefined;
  readonly distribute: readonly {
    readonly from: Sourced<string>;
    readonly to: ReadonlyMap<string, number>;
    readonly at: Location;
  }[];
  readonly failover: readonly { readonly from: string; readonly to: string; readonly at: Location }[];
  readonly failoverPriority: readonly Sourced<string>[];
  readonly at: Location;
}

export type HashKey =
  | { readonly type: 'header' | 'query'; readonly name: Sourced<string> }
  | { readonly type: 'cookie'; readonly name: Sourced<string>; readonly ttl: Sourced<number> | undefined }
  | { readonly type: 'source-ip'; readonly at: Location };

export interface LoadBalancer {
  readonly simple: Sourced<string> | undefined;
  readonly hash: HashKey | undefined;
  readonly hashAt: Location | undefined;
  /** How a hash is turned into a host; the size is that of Maglev's table, or the least of a ring. */
  readonly hashTable: { readonly kind: 'ring' | 'maglev'; readonly size: number };
  readonly locality: LocalityLb | undefined;
  /** `zoneAwareLbSetting`, which has the same fields but weights. */
  readonly zoneAware: LocalityLb | undefined;
  readonly at: Location;
}

/** The part of a trafficPolicy that can stand at every level. */
export interface PolicyFields {
  readonly connectionPool: ConnectionPool | undefined;
  readonly outlierDetection: OutlierDetection | undefined;
  readonly loadBalancer: LoadBalancer | undefined;
  readonly tls: ClientTls | undefined;
  readonly at: Location;
}

export interface TrafficPolicy extends PolicyFields {
  readonly ports: readonly (PolicyFields & { readonly port: Sourced<number> })[];
}

export interface Subset {
  readonly name: Sourced<string>;
  readonly labels: StringMap;
  readonly labelsAt: Location;
  readonly trafficPolicy: TrafficPolicy | undefined;
  readonly at: Location;
}

export interface DestinationRule extends ResourceBase {
  readonly kind: 'DestinationRule';
  /** Empty text when the document gives none. */
  readonly host: Sourced<string>;
  readonly trafficPolicy: TrafficPolicy | undefined;
  readonly subsets: readonly Subset[];
  readonly workloadSelector: Selector | undefined;
  readonly exportTo: readonly Sourced<string>[] | undefined;
}

export function readDestinationRule(base: ResourceBase, body: Fields): DestinationRule {
  const spec = body.fieldsOrEmpty('spec');
  const policy = spec.fields('trafficPolicy');
  return {
    ...base,
    kind: 'DestinationRule',
    host: spec.string('host') ?? { value: '', at: spec.at },
    trafficPolicy: policy && readTrafficPolicy(policy),
    subsets: spec.list('subsets').flatMap(readSubset),
    workloadSelector: readWorkloadSelector(spec, 'matchLabels'),
    exportTo: readExportTo(spec),
  };
}

function readSubset(it: Fields): Subset[] {
  const name = it.string('name');
  if (!name) return [];
  const policy = it.fields('trafficPolicy');
  return [
    {
      name,
      labels: it.stringMap('labels'),
      labelsAt: it.valueAt('labels'),
      trafficPolicy: policy && readTrafficPolicy(policy),
      at: it.at,
    },
  ];
}

/** Reads a trafficPolicy wherever it stands (MeshConfig has one, too). */
export function readTrafficPolicy(it: Fields): TrafficPolicy {
  const ports = it.list('portLevelSettings').flatMap((entry) => {
    const port = entry.fields('port')?.number('number');
    return port ? [{ ...readPolicyFields(entry), port }] : [];
  });
  return { ...readPolicyFields(it), ports };
}

function readPolicyFields(it: Fields): PolicyFields {
  const pool = it.fields('connectionPool');
  const outlier = it.fields('outlierDetection');
  const balancer = it.fields('loadBalancer');
  const tls = it.fields('tls');
  return {
    connectionPool: pool && readConnectionPool(pool),
    outlierDetection: outlier && readOutlierDetection(outlier),
    loadBalancer: balancer && readLoadBalancer(balancer),
    tls: tls && readClientTls(tls),
    at: it.at,
  };
}

/** Also Sidecar's inboundConnectionPool. */
export function readConnectionPool(it: Fields): ConnectionPool {
  const tcp = it.fieldsOrEmpty('tcp');
  const http = it.fieldsOrEmpty('http');
  return {
    maxConnections: tcp.number('maxConnections'),
    connectTimeout: readDuration(tcp, 'connectTimeout'),
    maxConnectionDuration: readDuration(tcp, 'maxConnectionDuration'),
    http1MaxPendingRequests: http.number('http1MaxPendingRequests'),
    http2MaxRequests: http.number('http2MaxRequests'),
    maxRequestsPerConnection: http.number('maxRequestsPerConnection'),
    maxRetries: http.number('maxRetries'),
    h2UpgradePolicy: http.string('h2UpgradePolicy'),
    useClientProtocol: http.boolean('useClientProtocol')?.value ?? false,
    at: it.at,
  };
}

function readOutlierDetection(it: Fields): OutlierDetection {
  return {
    consecutive5xxErrors: it.number('consecutive5xxErrors') ?? it.number('consecutiveErrors'),
    consecutiveGatewayErrors: it.number('consecutiveGatewayErrors'),
    consecutiveLocalOriginFailures: it.number('consecutiveLocalOriginFailures'),
    splitExternalLocalOriginErrors: it.boolean('splitExternalLocalOriginErrors')?.value ?? false,
    interval: readDuration(it, 'interval'),
    baseEjectionTime: readDuration(it, 'baseEjectionTime'),
    maxEjectionPercent: it.number('maxEjectionPercent'),
    minHealthPercent: it.number('minHealthPercent'),
    at: it.at,
  };
}

function readLoadBalancer(it: Fields): LoadBalancer {
  const hash = it.fields('consistentHash');
  const locality = it.fields('localityLbSetting');
  const zoneAware = it.fields('zoneAwareLbSetting');
  return {
    simple: it.string('simple'),
    hash: hash && readHashKey(hash),
    hashAt: hash?.at,
    hashTable: readHashTable(hash),
    locality: locality && readLocalityLb(locality),
    zoneAware: zoneAware && readLocalityLb(zoneAware),
    at: it.at,
  };
}

function readHashTable(hash: Fields | undefined): LoadBalancer['hashTable'] {
  const maglev = hash?.fields('maglev');
  if (maglev) return { kind: 'maglev', size: maglev.number('tableSize')?.value || 65537 };
  const least = hash?.fields('ringHash')?.number('minimumRingSize') ?? hash?.number('minimumRingSize');
  return { kind: 'ring', size: least?.value || 1024 };
}

function readHashKey(it: Fields): HashKey | undefined {
  const header = it.string('httpHeaderName');
  if (header) return { type: 'header', name: header };
  const query = it.string('httpQueryParameterName');
  if (query) return { type: 'query', name: query };
  const cookie = it.fields('httpCookie');
  const name = cookie?.string('name');
  if (cookie && name) return { type: 'cookie', name, ttl: readDuration(cookie, 'ttl') };
  return it.boolean('useSourceIp')?.value ? { type: 'source-ip', at: it.at } : undefined;
}

/** Also MeshConfig's localityLbSetting. */
export function readLocalityLb(it: Fields): LocalityLb {
  return {
    enabled: it.boolean('enabled'),
    distribute: it.list('distribute').flatMap((entry) => {
      const from = entry.string('from');
      const to = entry.fields('to');
      if (!from || !to) return [];
      return [{ from, to: new Map(to.keys().map((key) => [key, to.number(key)?.value ?? 0])), at: entry.at }];
    }),
    failover: it.list('failover').map((entry) => ({
      from: entry.string('from')?.value ?? '',
      to: entry.string('to')?.value ?? '',
      at: entry.at,
    })),
    failoverPriority: it.strings('failoverPriority'),
    at: it.at,
  };
}

function readClientTls(it: Fields): ClientTls {
  const written = it.string('mode');
  const known: readonly string[] = ['DISABLE', 'SIMPLE', 'MUTUAL', 'ISTIO_MUTUAL'];
  // an unset mode is the enum's first member
  const mode = (written && known.includes(written.value) ? written.value : 'DISABLE') as ClientTlsMode;
  return {
    mode: { value: mode, at: written?.at ?? it.at },
    sni: it.string('sni'),
    credentialName: it.string('credentialName'),
    caCertificates: it.string('caCertificates'),
    clientCertificate: it.string('clientCertificate'),
    privateKey: it.string('privateKey'),
    subjectAltNames: it.strings('subjectAltNames'),
    insecureSkipVerify: it.boolean('insecureSkipVerify')?.value ?? false,
    at: it.at,
  };
}
