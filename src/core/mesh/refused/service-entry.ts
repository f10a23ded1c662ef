import type { Fields } from '../../model/fields.js';
import { isWildcard } from '../hosts.js';
import { classOf, isTlsProtocol, parseProtocol } from '../protocol.js';
import { isAddressOrBlock, isIp } from '../addresses.js';
import {
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

const RESOLUTIONS = ['NONE', 'STATIC', 'DNS', 'DNS_ROUND_ROBIN', 'DYNAMIC_DNS'];

/** What Istio's webhook would not take in a ServiceEntry's spec (EP-6, CL-3). */
export function* checkServiceEntry(spec: Fields, namespace: string): Problems {
  yield* checkWord(spec, 'resolution', RESOLUTIONS);
  yield* checkWord(spec, 'location', ['MESH_EXTERNAL', 'MESH_INTERNAL']);
  const resolution = spec.string('resolution')?.value ?? 'NONE';
  const hosts = spec.strings('hosts');
  const endpoints = spec.list('endpoints');
  const rules = ['EP-6'];
  yield* checkSelector(spec.fields('workloadSelector'), 'labels');
  if (spec.fields('workloadSelector') && isSet(spec, 'endpoints')) {
    yield { at: spec.keyAt('endpoints'), because: 'workloadSelector and endpoints exclude each other', rules };
  }
  if (hosts.length === 0) yield { at: spec.valueAt('hosts'), because: 'a ServiceEntry needs a host' };
  for (const { value, at } of hosts) {
    if (value === '*' || !isWildcardDomain(value)) yield { at, because: `${value || '(empty)'} is no host` };
  }
  for (const { value, at } of spec.strings('addresses')) {
    if (!isAddressOrBlock(value)) yield { at, because: `${value} is neither an address nor a block of them` };
    if (value.includes('/') && resolution !== 'NONE' && resolution !== 'STATIC') {
      yield { at, because: `blocks of addresses go with resolution NONE or STATIC, not ${resolution}` };
    }
  }
  yield* checkPorts(spec);
  yield* checkResolution(spec, resolution, endpoints);
  const plain = spec.list('ports').find((it) => !tellsHostsApart(it));
  if (hosts.length > 1 && resolution !== 'NONE' && plain) {
    const because = 'several hosts on a port that is neither HTTP nor TLS cannot be told apart';
    yield { at: plain.valueAt('protocol'), because };
  }
  yield* checkExportTo(spec, namespace, { nobody: true });
}

function* checkPorts(spec: Fields): Problems {
  const names = new Set<string>();
  const numbers = new Set<number>();
  for (const port of spec.list('ports')) {
    const name = port.string('name');
    const number = port.number('number') ?? { value: 0, at: port.at };
    if (names.has(name?.value ?? ''))
      yield { at: name?.at ?? port.at, because: `two ports are called ${name?.value ?? '(nothing)'}` };
    if (numbers.has(number.value)) yield { at: number.at, because: `port ${number.value} comes twice` };
    names.add(name?.value ?? '');
    numbers.add(number.value);
    if (!name || !isDnsLabel(name.value))
      yield { at: name?.at ?? port.at, because: `${name?.value || '(empty)'} is no port name` };
    yield* checkProtocol(port);
    yield* checkPort(number);
    const target = port.number('targetPort');
    if (target?.value !== 0) yield* checkPort(target);
  }
}

/** PRO-2: a protocol is left out, or one of the known words. */
export function* checkProtocol(port: Fields): Problems {
  const protocol = port.string('protocol');
  if (protocol && protocol.value !== '' && parseProtocol(protocol.value) === 'AUTO') {
    yield { at: protocol.at, because: `there is no protocol ${protocol.value}`, rules: ['PRO-2'] };
  }
}

function tellsHostsApart(port: Fields): boolean {
  const protocol = parseProtocol(port.string('protocol')?.value);
  return classOf(protocol) === 'HTTP' || isTlsProtocol(protocol);
}

function* checkResolution(spec: Fields, resolution: string, endpoints: readonly Fields[]): Problems {
  const ports = new Set(spec.list('ports').map((it) => it.string('name')?.value ?? ''));
  const hosts = spec.strings('hosts');
  switch (resolution) {
    case 'NONE':
      if (endpoints.length > 0) {
        yield {
          at: spec.keyAt('endpoints'),
          because: 'resolution NONE goes where the caller dials: it has no endpoints',
        };
      }
      break;
    case 'STATIC':
      for (const it of endpoints) yield* checkEndpoint(it, ports, false);
      break;
    case 'DNS':
    case 'DNS_ROUND_ROBIN': {
      const wild = hosts.find(({ value }) => !isFqdn(value));
      if (endpoints.length === 0 && wild) {
        const because = `${wild.value} cannot be looked up in DNS: give endpoints, or another resolution`;
        yield { at: wild.at, because, rules: ['CL-3'] };
      }
      if (resolution === 'DNS_ROUND_ROBIN' && endpoints.length > 1) {
        yield { at: spec.valueAt('endpoints'), because: 'DNS_ROUND_ROBIN has one endpoint at most' };
      }
      for (const it of endpoints) {
        const address = it.string('address');
        if (address?.value.startsWith('unix://')) {
          yield { at: address.at, because: `${address.value} is neither an address nor a DNS name` };
        }
        yield* checkEndpoint(it, ports, true);
      }
      break;
    }
    case 'DYNAMIC_DNS':
      for (const { value, at } of hosts) {
        if (!isWildcard(value)) yield { at, because: 'resolution DYNAMIC_DNS is for wildcard hosts' };
      }
      for (const key of ['addresses', 'endpoints']) {
        if (spec.strings(key).length + spec.list(key).length > 0) {
          yield { at: spec.keyAt(key), because: `resolution DYNAMIC_DNS has no ${key}` };
        }
      }
      for (const port of spec.list('ports')) {
        if (!['HTTP', 'HTTP2', 'GRPC', 'TLS'].includes(parseProtocol(port.string('protocol')?.value))) {
          yield { at: port.valueAt('protocol'), because: 'resolution DYNAMIC_DNS is for HTTP, HTTP2, GRPC and TLS' };
        }
      }
      break;
  }
}

/** A WorkloadEntry's spec, or one of a ServiceEntry's endpoints. */
export function* checkEndpoint(of: Fields, ports: ReadonlySet<string> | undefined, namesToo: boolean): Problems {
  const address = of.string('address');
  const text = address?.value ?? '';
  const at = address?.at ?? of.at;
  if (text === '') {
    if (!of.string('network')?.value) yield { at, because: 'an endpoint needs an address' };
  } else if (text.startsWith('unix://')) {
    if ((of.fields('ports')?.keys() ?? []).length > 0)
      yield { at: of.keyAt('ports'), because: 'a unix endpoint has no ports' };
  } else if (!isIp(text) && !(namesToo && isFqdn(text))) {
    yield { at, because: namesToo ? `${text} is neither an address nor a DNS name` : `${text} is no IP address` };
  }
  for (const { value: name, at: nameAt } of of.fields('ports')?.keyNames() ?? []) {
    if (ports && !ports.has(name)) yield { at: nameAt, because: `the ServiceEntry has no port ${name}` };
    if (!isDnsLabel(name)) yield { at: nameAt, because: `${name || '(empty)'} is no port name` };
    yield* checkPort(of.fields('ports')!.number(name));
  }
  yield* checkLabels(of, 'labels');
}
