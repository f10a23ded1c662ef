import { NOWHERE, sourced, type Location, type Sourced } from '../base/location.js';
import { readLocalityLb, readTrafficPolicy, type LocalityLb, type TrafficPolicy } from './destination-rule.js';
import { Fields } from './fields.js';
import { readDuration } from './reading.js';

export type OutboundPolicy = 'ALLOW_ANY' | 'REGISTRY_ONLY' | 'ALLOW_ANY_DYNAMIC_DNS';
export type PathNormalization = 'NONE' | 'BASE' | 'MERGE_SLASHES' | 'DECODE_AND_MERGE_SLASHES';

export interface DefaultRetryPolicy {
  readonly attempts: number | undefined;
  readonly retryOn: string | undefined;
  readonly perTryTimeout: number | undefined;
}

/** Istio's mesh-wide configuration, with its defaults filled in (GEN-1). */
export interface MeshConfig {
  readonly trustDomain: string;
  readonly trustDomainAliases: readonly string[];
  readonly rootNamespace: string;
  readonly clusterDomain: string;
  readonly outboundTrafficPolicy: Sourced<OutboundPolicy>;
  readonly inboundTrafficPolicyLocalhost: boolean;
  readonly enableAutoMtls: boolean;
  /** Seconds. */
  readonly connectTimeout: number;
  readonly pathNormalization: PathNormalization;
  readonly defaultServiceExportTo: readonly string[];
  readonly defaultVirtualServiceExportTo: readonly string[];
  readonly defaultDestinationRuleExportTo: readonly string[];
  readonly localityLb: LocalityLb | undefined;
  readonly defaultTrafficPolicy: TrafficPolicy | undefined;
  readonly defaultHttpRetryPolicy: DefaultRetryPolicy | undefined;
  readonly extensionProviders: ReadonlyMap<string, { readonly type: string; readonly at: Location }>;
  readonly dnsCapture: boolean;
  readonly numTrustedProxies: number;
  readonly ingressControllerMode: string;
  readonly ingressClass: string;
  readonly ingressService: string;
  /** The file's own fields, when there is one. */
  readonly written: Fields | undefined;
  /** Where it stands; `undefined` when these are the defaults of an environment without MeshConfig. */
  readonly at: Location | undefined;
}

/** What `written` says, over Istio's defaults. */
export function meshConfigOf(written: Fields | undefined): MeshConfig {
  const it = written ?? new Fields('', undefined);
  const outbound = it.fields('outboundTrafficPolicy');
  const proxy = it.fieldsOrEmpty('defaultConfig');
  const retry = it.fields('defaultHttpRetryPolicy');
  const locality = it.fields('localityLbSetting');
  const policy = it.fields('defaultTrafficPolicy');
  const text = (key: string, otherwise: string): string => it.string(key)?.value ?? otherwise;
  const exported = (key: string): readonly string[] => {
    const list = it.strings(key).map((entry) => entry.value);
    return list.length > 0 ? list : ['*'];
  };
  return {
    trustDomain: text('trustDomain', 'cluster.local'),
    trustDomainAliases: it.strings('trustDomainAliases').map((entry) => entry.value),
    rootNamespace: text('rootNamespace', 'istio-system'),
    clusterDomain: 'cluster.local',
    outboundTrafficPolicy: outbound
      ? sourced(outboundPolicy(outbound.string('mode')?.value), outbound.at)
      : sourced('ALLOW_ANY', it.node ? it.at : NOWHERE),
    inboundTrafficPolicyLocalhost: it.fields('inboundTrafficPolicy')?.string('mode')?.value === 'LOCALHOST',
    enableAutoMtls: it.boolean('enableAutoMtls')?.value ?? true,
    connectTimeout: readDuration(it, 'connectTimeout')?.value ?? 10,
    pathNormalization: normalization(it.fields('pathNormalization')?.string('normalization')?.value),
    defaultServiceExportTo: exported('defaultServiceExportTo'),
    defaultVirtualServiceExportTo: exported('defaultVirtualServiceExportTo'),
    defaultDestinationRuleExportTo: exported('defaultDestinationRuleExportTo'),
    localityLb: locality && readLocalityLb(locality),
    defaultTrafficPolicy: policy && readTrafficPolicy(policy),
    defaultHttpRetryPolicy: retry && {
      attempts: retry.number('attempts')?.value,
      retryOn: retry.string('retryOn')?.value,
      perTryTimeout: readDuration(retry, 'perTryTimeout')?.value,
    },
    extensionProviders: readProviders(it),
    dnsCapture: proxy.fieldsOrEmpty('proxyMetadata').string('ISTIO_META_DNS_CAPTURE')?.value === 'true',
    numTrustedProxies: proxy.fieldsOrEmpty('gatewayTopology').number('numTrustedProxies')?.value ?? 0,
    ingressControllerMode: text('ingressControllerMode', 'STRICT'),
    ingressClass: text('ingressClass', 'istio'),
    ingressService: text('ingressService', 'istio-ingressgateway'),
    written,
    at: written?.at,
  };
}

function outboundPolicy(mode: string | undefined): OutboundPolicy {
  // an empty message is the enum's first member
  return mode === 'ALLOW_ANY' || mode === 'ALLOW_ANY_DYNAMIC_DNS' ? mode : 'REGISTRY_ONLY';
}

function normalization(written: string | undefined): PathNormalization {
  if (written === 'NONE' || written === 'MERGE_SLASHES' || written === 'DECODE_AND_MERGE_SLASHES') return written;
  return 'BASE';
}

function readProviders(it: Fields): Map<string, { type: string; at: Location }> {
  const result = new Map<string, { type: string; at: Location }>();
  for (const provider of it.list('extensionProviders')) {
    const name = provider.string('name')?.value;
    const type = provider.keys().find((key) => key !== 'name') ?? '';
    if (name) result.set(name, { type, at: provider.at });
  }
  return result;
}
