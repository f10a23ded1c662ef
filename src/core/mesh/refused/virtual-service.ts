import type { Location, Sourced } from '../../base/location.js';
import { isSubsetOf, hostsMatch } from '../hosts.js';
import type { Fields } from '../../model/fields.js';
import { isAddressOrBlock, isIp } from '../addresses.js';
import {
  checkDestination,
  checkExportTo,
  checkGatewayNames,
  checkLabels,
  checkPort,
  checkWeights,
  isWildcardDomain,
  type Problems,
} from './checks.js';
import { checkHttpEntry } from './http-entry.js';

/** What Istio's webhook would not take in a VirtualService's spec. */
export function* checkVirtualService(spec: Fields, namespace: string): Problems {
  const hosts = spec.strings('hosts');
  const gateways = spec.strings('gateways');
  const delegate = hosts.length === 0;
  if (delegate) {
    for (const key of ['gateways', 'tls', 'tcp']) {
      if (spec.strings(key).length + spec.list(key).length > 0) {
        yield {
          at: spec.keyAt(key),
          because: `a VirtualService without hosts is a delegate and has no ${key}`,
          rules: ['VS-7'],
        };
      }
    }
  }
  const forMesh = gateways.length === 0 || gateways.some(({ value }) => value === 'mesh');
  yield* checkGatewayNames(gateways);
  yield* checkHosts(spec, hosts, forMesh);
  const [http, tls, tcp] = [spec.list('http'), spec.list('tls'), spec.list('tcp')];
  if (http.length + tls.length + tcp.length === 0) {
    yield { at: spec.at, because: 'a VirtualService needs http, tls or tcp routes' };
  }
  for (const entry of http) yield* checkHttpEntry(entry, { delegate, forMesh });
  for (const entry of tls) yield* checkTls(entry, hosts, forMesh);
  for (const entry of tcp) yield* checkTcp(entry);
  yield* checkExportTo(spec, namespace);
}

function* checkHosts(spec: Fields, hosts: readonly Sourced<string>[], forMesh: boolean): Problems {
  const sni = spec.list('tls').some((it) => it.list('match').some((match) => match.strings('sniHosts').length > 0));
  let sound = true;
  for (const { value, at } of hosts) {
    const usable = isWildcardDomain(value) || isIp(value) || (!forMesh && sni && isGeneratedSni(value));
    if (!usable) yield { at, because: `${value || '(empty)'} is no host` };
    const everything = forMesh && value === '*';
    if (everything) yield { at, because: 'host * is not allowed for the mesh, only at gateways', rules: ['VS-1'] };
    sound &&= usable && !everything;
  }
  if (!sound) return;
  for (const [index, { value, at }] of hosts.entries()) {
    const twin = hosts.slice(0, index).find((it) => hostsMatch(it.value, value));
    if (twin) yield { at, because: `host ${value} overlaps with ${twin.value}` };
  }
}

/** `outbound_.80_._.reviews.prod.svc.cluster.local`, as clients of the mesh name clusters in TLS. */
function isGeneratedSni(value: string): boolean {
  return /^outbound_\.\d[^_]*_\.[^_]*_\..*[a-zA-Z]/.test(value);
}

/** SNI-2 */
function* checkTls(entry: Fields, hosts: readonly Sourced<string>[], forMesh: boolean): Problems {
  const rules = ['SNI-2'];
  const matches = entry.list('match');
  if (matches.length === 0) yield { at: entry.at, because: 'a tls route needs a match', rules };
  for (const match of matches) {
    const names = match.strings('sniHosts');
    if (names.length === 0) yield { at: match.at, because: 'a tls match needs sniHosts', rules };
    for (const { value, at } of names) {
      if (isIp(value)) continue;
      if (!isWildcardDomain(value) && !(!forMesh && isGeneratedSni(value))) {
        yield { at, because: `${value || '(empty)'} is no name for SNI`, rules };
      } else if (!hosts.some((it) => isSubsetOf(value, it.value))) {
        yield { at, because: `SNI ${value} is not covered by the VirtualService's hosts`, rules };
      }
    }
    yield* checkL4Match(match);
  }
  yield* checkL4Route(entry, 'tls');
}

function* checkTcp(entry: Fields): Problems {
  for (const match of entry.list('match')) yield* checkL4Match(match);
  yield* checkL4Route(entry, 'tcp');
}

function* checkL4Match(match: Fields): Problems {
  for (const { value, at } of match.strings('destinationSubnets')) {
    if (!isAddressOrBlock(value)) yield { at, because: `${value} is neither an address nor a block of them` };
  }
  const port = match.number('port');
  if (port?.value !== 0) yield* checkPort(port);
  yield* checkLabels(match, 'sourceLabels');
  yield* checkGatewayNames(match.strings('gateways'));
}

function* checkL4Route(entry: Fields, what: string): Problems {
  const route = entry.list('route');
  const at: Location = entry.at;
  if (route.length === 0) yield { at, because: `a ${what} route needs a destination` };
  for (const to of route) yield* checkDestination(to.fields('destination'), to, 'destination');
  yield* checkWeights(route, entry.valueAt('route'));
}
