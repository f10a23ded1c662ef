import type { Location, Sourced } from '../../base/location.js';
import type { Fields } from '../../model/fields.js';
import type { IstioGateway } from '../../model/gateway.js';
import { nonEmpty } from '../../model/reading.js';
import { isIp } from '../addresses.js';
import { isDnsLabel, type Problem, type Problems } from './checks.js';

const HTTP = new Set(['http', 'http2', 'grpc', 'grpc-web', 'http_proxy']);
const TLS = new Set(['https', 'tls']);
const OPAQUE = new Set(['tcp', 'udp', 'mongo', 'redis', 'mysql']);

const MODES = new Set(['PASSTHROUGH', 'SIMPLE', 'MUTUAL', 'AUTO_PASSTHROUGH', 'ISTIO_MUTUAL', 'OPTIONAL_MUTUAL']);

/** What Istio's webhook would not take in a Gateway (GW-23). */
export function* checkGateway(it: IstioGateway): Problems {
  for (const { at, because } of problems(it)) yield { at, because, rules: ['GW-23', 'META-4'] };
}

function* problems(it: IstioGateway): Problems {
  if (!isDnsLabel(it.name))
    yield { at: it.nameAt, because: `the name ${it.name} has other characters than letters, digits and -` };
  const spec = it.body.fieldsOrEmpty('spec');
  const servers = spec.list('servers');
  if (servers.length === 0) yield { at: spec.valueAt('servers'), because: 'a Gateway needs at least one server' };
  for (const server of servers) yield* checkServer(server);
  yield* checkNames(servers);
}

function* checkServer(server: Fields): Problems {
  const hosts = server.strings('hosts');
  if (hosts.length === 0) yield { at: server.at, because: 'a server needs at least one host' };
  for (const host of hosts) {
    const because = hostProblem(host.value);
    if (because !== undefined) yield { at: host.at, because };
  }
  const bind = server.string('bind');
  if (bind && bind.value !== '' && !bind.value.startsWith('unix://') && !isIp(bind.value)) {
    yield { at: bind.at, because: `bind ${bind.value} is no IP address` };
  }
  const problem = portProblem(server) ?? tlsProblem(server) ?? protocolProblem(server);
  if (problem) yield problem;
}

function portProblem(server: Fields): Problem | undefined {
  const port = server.fields('port');
  if (!port) return { at: server.at, because: 'a server needs a port' };
  const number = port.number('number')?.value ?? 0;
  const protocol = protocolOf(server);
  if (!HTTP.has(protocol) && !TLS.has(protocol) && !OPAQUE.has(protocol)) {
    return {
      at: port.valueAt('protocol'),
      because: `there is no protocol ${port.string('protocol')?.value ?? '(none)'}`,
    };
  }
  const socket = server.string('bind')?.value.startsWith('unix://') === true && number === 0;
  if (!socket && (number < 1 || number > 65535)) {
    return { at: port.valueAt('number'), because: `${number} is no port: they go from 1 to 65535` };
  }
  if (!port.string('name')?.value) return { at: port.at, because: 'a port needs a name' };
  return undefined;
}

function tlsProblem(server: Fields): Problem | undefined {
  const tls = server.fields('tls');
  if (!tls) return undefined;
  const mode = modeOf(tls);
  if (!MODES.has(mode)) return { at: tls.valueAt('mode'), because: `there is no TLS mode ${mode}` };
  const written = (key: string): Sourced<string> | undefined => nonEmpty(tls.string(key));
  const lists = ['credentialNames', 'tlsCertificates'].filter((key) => listed(tls, key));
  const named = written('credentialName') ?? tls.strings('credentialNames')[0];
  if (mode === 'ISTIO_MUTUAL') {
    const extra =
      ['serverCertificate', 'privateKey', 'caCertificates', 'credentialName'].find((key) => written(key)) ?? lists[0];
    return extra === undefined
      ? undefined
      : { at: tls.keyAt(extra), because: `ISTIO_MUTUAL uses the mesh's certificates: ${extra} is not allowed` };
  }
  const pair = written('serverCertificate') && written('privateKey');
  const sources = [pair, written('credentialName'), ...lists].filter((it) => it !== undefined).length;
  if (sources > 1) {
    return {
      at: tls.at,
      because:
        'only one of credentialName, credentialNames, tlsCertificates and serverCertificate with privateKey may be given',
    };
  }
  if (mode === 'PASSTHROUGH' || mode === 'AUTO_PASSTHROUGH' || named) return undefined;
  if (mode !== 'SIMPLE' && !written('caCertificates')) {
    return { at: tls.valueAt('mode'), because: `${mode} needs caCertificates, or a credentialName` };
  }
  if (!pair && !listed(tls, 'tlsCertificates')) {
    return { at: tls.valueAt('mode'), because: `${mode} needs a credentialName, or serverCertificate with privateKey` };
  }
  return undefined;
}

function protocolProblem(server: Fields): Problem | undefined {
  const tls = server.fields('tls');
  const protocol = protocolOf(server);
  const at: Location = server.fieldsOrEmpty('port').valueAt('protocol');
  if (TLS.has(protocol))
    return tls ? undefined : { at, because: `protocol ${protocol.toUpperCase()} needs tls settings` };
  if (!tls) return undefined;
  if (!HTTP.has(protocol))
    return { at: tls.at, because: `protocol ${protocol.toUpperCase()} cannot have tls settings` };
  const certificate = ['caCertificates', 'privateKey', 'serverCertificate'].find((key) => nonEmpty(tls.string(key)));
  const passes = ['PASSTHROUGH', 'AUTO_PASSTHROUGH'].includes(modeOf(tls));
  if (passes && certificate === undefined) return undefined;
  return { at: tls.at, because: 'a plaintext HTTP port may use tls for httpsRedirect only' };
}

function* checkNames(servers: readonly Fields[]): Problems {
  const seen = new Set<string>();
  for (const server of servers) {
    const name = server.fieldsOrEmpty('port').string('name');
    if (!name) continue;
    if (seen.has(name.value)) yield { at: name.at, because: `two ports are called ${name.value}` };
    seen.add(name.value);
  }
}

/** GW-11: `host`, or `ns/host` with a namespace, `.` or `*`. */
function hostProblem(written: string): string | undefined {
  const slash = written.indexOf('/');
  const namespace = written.slice(0, Math.max(slash, 0));
  const host = written.slice(slash + 1);
  if (slash >= 0 && namespace !== '*' && namespace !== '.' && !isDnsLabel(namespace))
    return `${namespace} is no namespace`;
  if (host === '*' || isIp(host)) return undefined;
  if (!host.includes('.')) return `${host || written} is no full name: short names are not allowed here`;
  const [first = '', ...rest] = host.replace(/\.$/, '').split('.');
  if (host.length > 255 || !(first === '*' || isDnsLabel(first)) || !rest.every(isDnsLabel))
    return `${host} is no host name`;
  return undefined;
}

function protocolOf(server: Fields): string {
  return (server.fieldsOrEmpty('port').string('protocol')?.value ?? '').toLowerCase();
}

function modeOf(tls: Fields): string {
  return tls.string('mode')?.value ?? 'PASSTHROUGH';
}

function listed(tls: Fields, key: string): boolean {
  const node = tls.raw(key);
  return node?.kind === 'seq' && node.items.length > 0;
}
