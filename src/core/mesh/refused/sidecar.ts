import type { Fields } from '../../model/fields.js';
import { isTlsProtocol, parseProtocol } from '../protocol.js';
import { isIp } from '../addresses.js';
import {
  checkDestination,
  checkPort,
  checkSelector,
  checkWord,
  isDnsLabel,
  isSet,
  isWildcardDomain,
  type Problems,
} from './checks.js';
import { checkConnectionPool } from './destination-rule.js';
import { checkProtocol } from './service-entry.js';

/** What Istio's webhook would not take in a Sidecar's spec. */
export function* checkSidecar(spec: Fields): Problems {
  yield* checkSelector(spec.fields('workloadSelector'), 'labels');
  const egress = spec.list('egress');
  const ingress = spec.list('ingress');
  if (
    egress.length + ingress.length === 0 &&
    !isSet(spec, 'outboundTrafficPolicy') &&
    !isSet(spec, 'inboundConnectionPool')
  ) {
    yield { at: spec.at, because: 'a Sidecar must say something' };
  }
  const ports = new Set<number>();
  for (const listener of ingress) yield* checkIngress(listener, ports);
  yield* checkConnectionPool(spec.fields('inboundConnectionPool'));
  yield* checkEgress(egress);
  yield* checkOutboundPolicy(spec.fields('outboundTrafficPolicy'));
}

/** IN-5 */
function* checkIngress(listener: Fields, seen: Set<number>): Problems {
  const rules = ['IN-5'];
  const port = listener.fields('port');
  if (!port) {
    yield { at: listener.at, because: 'an ingress listener needs a port', rules };
    return;
  }
  const number = port.number('number') ?? { value: 0, at: port.at };
  yield* checkSidecarPort(port, listener, number);
  if (seen.has(number.value)) yield { at: number.at, because: `port ${number.value} comes twice`, rules };
  seen.add(number.value);
  const endpoint = listener.string('defaultEndpoint');
  const place = /^(127\.0\.0\.1|0\.0\.0\.0|\[::1?\]|):(\d+)$/.exec(endpoint?.value ?? '');
  if (endpoint && endpoint.value !== '' && !endpoint.value.startsWith('unix://')) {
    const at = endpoint.at;
    if (!place)
      yield { at, because: 'defaultEndpoint must be 127.0.0.1:<port>, 0.0.0.0:<port> or a unix socket', rules };
    else yield* checkPort({ value: Number(place[2]), at });
  }
  const tls = listener.fields('tls');
  if (tls) {
    const unwanted = ['subjectAltNames', 'httpsRedirect', 'credentialName', 'credentialNames', 'tlsCertificates'];
    const found = unwanted.find((it) => isSet(tls, it) && tls.boolean(it)?.value !== false);
    if (found !== undefined)
      yield { at: tls.keyAt(found), because: `tls of a Sidecar's ingress has no ${found}`, rules };
    yield* checkWord(tls, 'mode', ['PASSTHROUGH', 'SIMPLE', 'MUTUAL', 'OPTIONAL_MUTUAL']);
    yield* checkFiles(tls);
    if (!isTlsProtocol(parseProtocol(port.string('protocol')?.value))) {
      yield { at: tls.at, because: 'tls needs protocol HTTPS or TLS', rules };
    }
  }
  yield* checkConnectionPool(listener.fields('connectionPool'));
}

function* checkFiles(tls: Fields): Problems {
  const mode = tls.string('mode');
  const wanted = ['serverCertificate', 'privateKey', ...(mode?.value === 'SIMPLE' ? [] : ['caCertificates'])];
  if (!mode || mode.value === 'PASSTHROUGH') return;
  const missing = wanted.find((it) => !tls.string(it)?.value);
  if (missing !== undefined) yield { at: mode.at, because: `${mode.value} needs ${missing}`, rules: ['IN-5'] };
}

function* checkSidecarPort(port: Fields, listener: Fields, number: { value: number; at: Fields['at'] }): Problems {
  const name = port.string('name');
  if (name && name.value !== '' && !isDnsLabel(name.value))
    yield { at: name.at, because: `${name.value} is no port name` };
  yield* checkProtocol(port);
  yield* checkPort(number);
  const target = port.number('targetPort');
  if (target && target.value > 0) yield { at: target.at, because: 'targetPort has no meaning in a Sidecar' };
  const bind = listener.string('bind');
  if (bind && bind.value !== '' && !isIp(bind.value))
    yield { at: bind.at, because: `bind ${bind.value} is no IP address` };
  yield* checkWord(listener, 'captureMode', ['DEFAULT', 'IPTABLES', 'NONE']);
}

/** SCO-2, LIS-15 */
function* checkEgress(egress: readonly Fields[]): Problems {
  const ports = new Set<number>();
  for (const [index, listener] of egress.entries()) {
    const port = listener.fields('port');
    if (!port) {
      if (index < egress.length - 1) {
        yield { at: listener.at, because: 'an egress listener without port must be the last one', rules: ['LIS-15'] };
      }
    } else {
      const number = port.number('number') ?? { value: 0, at: port.at };
      const unix = listener.string('bind')?.value.startsWith('unix://') === true;
      const bind = listener.string('bind');
      if (number.value === 0 && unix) {
        yield* checkProtocol(port);
        if (!bind!.value.startsWith('unix:///')) yield { at: bind!.at, because: `${bind!.value} is no absolute path` };
      } else yield* checkSidecarPort(port, listener, number);
      if (number.value !== 0 && ports.has(number.value)) {
        yield { at: number.at, because: `port ${number.value} comes twice`, rules: ['LIS-15'] };
      }
      ports.add(number.value);
    }
    const hosts = listener.strings('hosts');
    if (hosts.length === 0) yield { at: listener.at, because: 'an egress listener needs hosts', rules: ['SCO-2'] };
    for (const { value, at } of hosts) {
      const because = egressHostProblem(value);
      if (because !== undefined) yield { at, because, rules: ['SCO-2'] };
    }
  }
}

/** `namespace/host`; the host is a full name or a star, with stars only before a dot. */
function egressHostProblem(written: string): string | undefined {
  const slash = written.indexOf('/');
  if (slash < 0) return `${written} must have the form namespace/host, such as */${written}`;
  const namespace = written.slice(0, slash);
  const host = written.slice(slash + 1);
  if (namespace === '' || host === '') return `${written} must have the form namespace/host`;
  const plain = namespace.replace(/^~/, '');
  if (plain !== '' && plain !== '*' && plain !== '.' && !isDnsLabel(plain)) return `${namespace} is no namespace`;
  if (host === '*') return undefined;
  if (!host.includes('.')) return `${host} is a short name: hosts are given in full here`;
  if (!isWildcardDomain(host) || (host.includes('*') && !host.startsWith('*.'))) return `${host} is no host`;
  return undefined;
}

/** LIS-14 */
function* checkOutboundPolicy(policy: Fields | undefined): Problems {
  if (!policy) return;
  const rules = ['LIS-14'];
  const mode = policy.string('mode');
  if (mode?.value === 'ALLOW_ANY_DYNAMIC_DNS') {
    yield { at: mode.at, because: 'ALLOW_ANY_DYNAMIC_DNS is for MeshConfig only', rules };
  }
  yield* checkWord(policy, 'mode', ['REGISTRY_ONLY', 'ALLOW_ANY', 'ALLOW_ANY_DYNAMIC_DNS']);
  const proxy = policy.fields('egressProxy');
  if (!proxy) return;
  if (mode?.value !== 'ALLOW_ANY')
    yield { at: policy.keyAt('egressProxy'), because: 'egressProxy goes with ALLOW_ANY', rules };
  if (!isSet(proxy, 'port')) yield { at: proxy.at, because: 'egressProxy needs a port', rules };
  yield* checkDestination(proxy, policy, 'egressProxy');
}
