import type { Fields } from '../../model/fields.js';
import { isIp } from '../addresses.js';
import {
  checkDuration,
  checkExportTo,
  checkLabels,
  checkPort,
  checkSelector,
  checkWord,
  isDnsLabel,
  isFqdn,
  isSet,
  isWildcardDomain,
  type Problems,
} from './checks.js';
import { checkLoadBalancer } from './load-balancer.js';

const CLIENT_TLS_MODES = ['DISABLE', 'SIMPLE', 'MUTUAL', 'ISTIO_MUTUAL'];

/** What Istio's webhook would not take in a DestinationRule's spec. */
export function* checkDestinationRule(spec: Fields, namespace: string): Problems {
  const host = spec.string('host');
  if (!host || !isWildcardDomain(host.value)) {
    yield { at: host?.at ?? spec.at, because: `${host?.value || '(empty)'} is no host`, rules: ['DR-2'] };
  }
  yield* checkTrafficPolicy(spec.fields('trafficPolicy'), namespace);
  const seen = new Set<string>();
  for (const subset of spec.list('subsets')) {
    const name = subset.string('name');
    const at = name?.at ?? subset.at;
    if (!name || !isDnsLabel(name.value)) yield { at, because: `${name?.value || '(empty)'} is no subset name` };
    if (name && seen.has(name.value)) yield { at, because: `two subsets are called ${name.value}` };
    seen.add(name?.value ?? '');
    yield* checkLabels(subset, 'labels');
    yield* checkTrafficPolicy(subset.fields('trafficPolicy'), namespace);
  }
  const selector = spec.fields('workloadSelector');
  yield* checkExportTo(spec, namespace, { selector: selector !== undefined });
  yield* checkSelector(selector, 'matchLabels');
}

const POLICY_FIELDS = [
  'outlierDetection',
  'connectionPool',
  'loadBalancer',
  'tls',
  'portLevelSettings',
  'tunnel',
  'proxyProtocol',
  'retryBudget',
];

/** A trafficPolicy, of a rule or of a subset. */
export function* checkTrafficPolicy(policy: Fields | undefined, namespace: string): Problems {
  if (!policy) return;
  if (!POLICY_FIELDS.some((it) => (it === 'portLevelSettings' ? policy.list(it).length > 0 : isSet(policy, it))))
    yield { at: policy.at, because: 'a trafficPolicy must say something' };
  if (isSet(policy, 'tunnel') && isSet(policy, 'proxyProtocol')) {
    yield { at: policy.keyAt('proxyProtocol'), because: 'tunnel and proxyProtocol exclude each other' };
  }
  yield* checkTunnel(policy.fields('tunnel'));
  yield* checkPolicyFields(policy, namespace);
  for (const port of policy.list('portLevelSettings')) {
    if (!isSet(port, 'port')) yield { at: port.at, because: 'portLevelSettings need a port' };
    if (!POLICY_FIELDS.slice(0, 4).some((it) => isSet(port, it))) {
      yield { at: port.at, because: 'portLevelSettings must say something beside the port' };
    }
    yield* checkPolicyFields(port, namespace);
  }
}

function* checkTunnel(tunnel: Fields | undefined): Problems {
  if (!tunnel) return;
  if (tunnel.string('protocol')?.value) yield* checkWord(tunnel, 'protocol', ['CONNECT', 'POST']);
  const host = tunnel.string('targetHost');
  if (!host || (!isFqdn(host.value) && !isIp(host.value))) {
    yield { at: host?.at ?? tunnel.at, because: `${host?.value || '(empty)'} is neither a DNS name nor an address` };
  }
  yield* checkPort(tunnel.number('targetPort') ?? { value: 0, at: tunnel.at });
}

function* checkPolicyFields(policy: Fields, namespace: string): Problems {
  const outlier = policy.fields('outlierDetection');
  if (outlier) yield* checkOutlier(outlier);
  yield* checkConnectionPool(policy.fields('connectionPool'));
  const balancer = policy.fields('loadBalancer');
  if (balancer) yield* checkLoadBalancer(balancer);
  const tls = policy.fields('tls');
  if (tls) yield* checkClientTls(tls, namespace);
}

/** CL-7 */
function* checkOutlier(outlier: Fields): Problems {
  yield* checkDuration(outlier, 'baseEjectionTime');
  yield* checkDuration(outlier, 'interval');
  yield* notBelowZero(outlier, ['consecutive5xxErrors', 'consecutiveGatewayErrors', 'consecutiveLocalOriginFailures']);
  const local = outlier.number('consecutiveLocalOriginFailures');
  if (local && local.value > 0 && !outlier.boolean('splitExternalLocalOriginErrors')?.value) {
    const because = 'consecutiveLocalOriginFailures needs splitExternalLocalOriginErrors: true';
    yield { at: local.at, because, rules: ['CL-7'] };
  }
  for (const key of ['maxEjectionPercent', 'minHealthPercent']) {
    const value = outlier.number(key);
    if (value && (value.value < 0 || value.value > 100)) {
      yield { at: value.at, because: `${value.value} is not between 0 and 100 %`, rules: ['CL-7'] };
    }
  }
}

/** CL-6; also a Sidecar's. */
export function* checkConnectionPool(pool: Fields | undefined): Problems {
  if (!pool) return;
  const [http, tcp] = [pool.fields('http'), pool.fields('tcp')];
  if (!http && !tcp) yield { at: pool.at, because: 'a connectionPool must say something', rules: ['CL-6'] };
  if (http) {
    yield* notBelowZero(http, [
      'http1MaxPendingRequests',
      'http2MaxRequests',
      'maxRequestsPerConnection',
      'maxRetries',
      'maxConcurrentStreams',
    ]);
    yield* checkDuration(http, 'idleTimeout');
    yield* checkWord(http, 'h2UpgradePolicy', ['DEFAULT', 'DO_NOT_UPGRADE', 'UPGRADE']);
    const own = http.boolean('useClientProtocol');
    if (own?.value && http.string('h2UpgradePolicy')?.value === 'UPGRADE') {
      yield {
        at: own.at,
        because: 'useClientProtocol and h2UpgradePolicy UPGRADE exclude each other',
        rules: ['CL-6'],
      };
    }
    const alive = http.fields('http2KeepAlive');
    for (const key of alive ? ['interval', 'timeout'] : []) {
      if (!isSet(alive!, key)) yield { at: alive!.at, because: `http2KeepAlive needs ${key}` };
      yield* checkDuration(alive!, key);
    }
  }
  if (tcp) {
    yield* notBelowZero(tcp, ['maxConnections']);
    yield* checkDuration(tcp, 'connectTimeout');
    yield* checkDuration(tcp, 'maxConnectionDuration');
    yield* checkDuration(tcp, 'idleTimeout', true);
    const alive = tcp.fields('tcpKeepalive');
    if (alive) yield* checkDuration(alive, 'time');
    if (alive) yield* checkDuration(alive, 'interval');
  }
}

function* notBelowZero(from: Fields, keys: readonly string[]): Problems {
  for (const key of keys) {
    const value = from.number(key);
    if (value && value.value < 0) yield { at: value.at, because: `${key} is below zero`, rules: ['CL-6'] };
  }
}

/** TLS-1 */
function* checkClientTls(tls: Fields, namespace: string): Problems {
  const rules = ['TLS-1'];
  yield* checkWord(tls, 'mode', CLIENT_TLS_MODES);
  const mode = tls.string('mode')?.value ?? 'DISABLE';
  const text = (key: string): string => tls.string(key)?.value ?? '';
  const credential = tls.string('credentialName');
  const named = credential !== undefined && credential.value !== '';
  const map = /^configmap:\/\/([^/]*)(\/?)/.exec(credential?.value ?? '');
  if (map && (map[2] === '' || map[1] !== namespace)) {
    yield { at: credential!.at, because: `the ConfigMap must be in ${namespace}`, rules };
  }
  if (tls.boolean('insecureSkipVerify')?.value) {
    const unwanted = [
      ...(text('caCertificates') === '' ? [] : ['caCertificates']),
      ...(isSet(tls, 'subjectAltNames') ? ['subjectAltNames'] : []),
      ...(mode === 'SIMPLE' && named ? ['credentialName'] : []),
    ];
    if ((mode === 'SIMPLE' || mode === 'MUTUAL') && unwanted[0] !== undefined) {
      yield { at: tls.keyAt(unwanted[0]), because: `insecureSkipVerify and ${unwanted[0]} exclude each other`, rules };
    }
  }
  if ((mode === 'SIMPLE' || mode === 'MUTUAL') && named) {
    const file = ['clientCertificate', 'caCertificates', 'privateKey', 'caCrl'].find((it) => text(it) !== '');
    if (file !== undefined)
      yield { at: tls.keyAt(file), because: `credentialName and ${file} exclude each other`, rules };
    return;
  }
  if (mode !== 'MUTUAL') return;
  for (const key of ['clientCertificate', 'privateKey']) {
    if (text(key) === '') yield { at: tls.valueAt('mode'), because: `MUTUAL needs ${key}, or a credentialName`, rules };
  }
}
