import { uniqueLocations, type Location } from '../base/location.js';
import { extensionAssumptions } from '../mesh/extensions.js';
import type { MeshPod } from '../mesh/pods.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import { SERVICES } from '../mesh/sources.js';
import { chainTitle, chooseChain, type ChainChoice } from '../xds/choose-chain.js';
import type { FilterChain, Listener } from '../xds/config.js';
import { outboundListeners, virtualOutbound } from '../xds/outbound-listeners.js';
import { outboundRoutes } from '../xds/outbound-routes.js';
import { nameOf, proxyOf, type Proxy } from '../xds/proxy.js';
import type { AppMessage } from './arrival.js';
import { seenByClient } from './client-outcome.js';
import { decision, push } from './decide.js';
import { sendDirectly } from './direct.js';
import { enterGateway } from './gateway.js';
import { lookOf, messageOf, packetOf } from './message.js';
import type { Decision, Hop, Path, Place, ProxyLog, Trace } from './path.js';
import { relayHttp, relayTcp, type Course, type Relay } from './relay.js';
import { relayThroughGateway } from './relay-gateway.js';
import { portOf, type TraceRequest } from './request.js';
import { captureOutbound } from './stages/capture.js';
import { readRequest, type Unread } from './stages/read-request.js';
import { isAddress, resolveName } from './stages/resolve-name.js';

/** Follows a request through the mesh: every course that it can take, likeliest first. Section 11 of the semantics. */
export function traceRequest(mesh: MeshSnapshot, request: TraceRequest): Trace {
  const courses = 'pod' in request.from ? fromPod(mesh, request, request.from.pod) : fromOutside(mesh, request);
  return { request, paths: pathsOf(courses) };
}

function fromOutside(mesh: MeshSnapshot, request: TraceRequest): Course[] {
  return enterGateway(mesh, request).flatMap((entry): Course[] => {
    const { share, label, hops, then } = entry;
    if (then.kind === 'end') return [{ share, label, hops, outcome: then.outcome, mirrors: [] }];
    return relayThroughGateway(mesh, then.visit, messageOf(request)).map((it) => before(hops, it, share, label));
  });
}

function fromPod(mesh: MeshSnapshot, request: TraceRequest, id: string): Course[] {
  const client = mesh.podsOf(id)[0];
  if (!client) return [nobody(mesh, id, messageOf(request))];
  const message = messageOf(request);
  const place: Place = { kind: 'client', name: nameOf(client), pod: nameOf(client), side: 'client' };
  const asked = `${request.to.host}:${portOf(request.to)}`;
  const hops: Hop[] = [
    { place, decisions: [sending(client, message, asked)], packet: packetOf(message, client.ip, asked) },
  ];

  let addresses: readonly string[];
  if (request.to.ip !== undefined) addresses = [request.to.ip];
  else if (isAddress(request.to.host)) addresses = [request.to.host];
  else {
    const resolution = resolveName(mesh, client, request.to.host);
    hops.push({
      place: { kind: 'dns', name: 'cluster DNS', side: 'client' },
      decisions: [resolution.decision],
      packet: packetOf(message, client.ip, asked),
    });
    addresses = resolution.addresses;
    if (addresses.length === 0) {
      return [
        {
          share: 1,
          label: '',
          hops,
          outcome: { result: 'unresolved', because: resolution.decision.because },
          mirrors: [],
        },
      ];
    }
  }
  return addresses.flatMap((ip) => {
    const label = addresses.length > 1 ? `dialing ${ip}` : '';
    return dial(mesh, client, { ip, port: portOf(request.to) }, message).map((it) =>
      before(hops, it, 1 / addresses.length, label),
    );
  });
}

/** A connection as it leaves the application: TR-2, TR-3. */
function dial(
  mesh: MeshSnapshot,
  client: MeshPod,
  target: { ip: string; port: number },
  message: AppMessage,
): Course[] {
  const { captured, decision: captureDecision } = captureOutbound(client, target.ip, target.port);
  const place: Place = { kind: 'iptables', name: nameOf(client), pod: nameOf(client), side: 'client' };
  const packet = packetOf(message, client.ip, `${target.ip}:${target.port}`);
  const iptables: Hop = { place, decisions: [captureDecision], packet };
  const proxy = captured || hasOwnListener(mesh, client, target) ? proxyOf(client) : undefined;
  const courses = proxy
    ? throughSidecar(mesh, proxy, target, captured, message)
    : sendDirectly(mesh, client, target, message);
  return courses.map((it) => before([iptables], it));
}

/** A Sidecar may bind listeners to addresses of the pod itself, for applications that dial them (LIS-16). */
function hasOwnListener(mesh: MeshSnapshot, client: MeshPod, target: { ip: string; port: number }): boolean {
  const proxy = target.ip.startsWith('127.') ? proxyOf(client) : undefined;
  return proxy !== undefined && outboundListeners(mesh, proxy, target.port).has(`${target.ip}_${target.port}`);
}

/** The client's Envoy: TR-5 to TR-9. */
function throughSidecar(
  mesh: MeshSnapshot,
  proxy: Proxy,
  target: { ip: string; port: number },
  captured: boolean,
  message: AppMessage,
): Course[] {
  const listener = listenerFor(mesh, proxy, target);
  const look = lookOf(message);
  const choice = chooseChain(listener, { ...target, ...look });
  const chain = choice.chain;
  const listening = listenerDecision(mesh, proxy, listener, target);
  const log: ProxyLog = {
    proxy: proxy.name,
    side: 'outbound',
    kind: 'tcp',
    listener: listener.name,
    ...(chain?.name ? { filterChain: chain.name } : {}),
    ...(look.sni === undefined ? {} : { sni: look.sni }),
    tlsFromClient: false,
  };
  const place: Place = { kind: 'sidecar', name: proxy.name, pod: proxy.name, side: 'client' };
  if (!chain || chain.filter.kind === 'blackhole') {
    const decisions = [listening, noChainDecision(listener, choice.rejected)];
    const hop: Hop = {
      place,
      decisions,
      packet: packetOf(message, proxy.pod.ip, `${target.ip}:${target.port}`),
      proxy: { ...log, kind: 'listener', flags: 'NR', details: 'filter_chain_not_found' },
    };
    return [
      {
        share: 1,
        label: '',
        hops: [hop],
        outcome: { result: 'reset', flags: 'NR', because: 'No filter chain takes the connection' },
        mirrors: [],
      },
    ];
  }
  const relay: Relay = {
    proxy,
    place,
    decisions: [listening, chainDecision(mesh, proxy, chain, target, choice)],
    log,
    dialed: target,
    originalDestination: captured ? target : undefined,
  };
  const filter = chain.filter;
  if (filter.kind === 'tcp') return relayTcp(mesh, relay, filter.clusters, message);
  const unread = readRequest(chain, NO_TLS, message);
  if (unread) return [ended(relay, target, message, unread)];
  const routes = filter.inline ?? outboundRoutes(mesh, proxy, filter.routeConfig);
  return relayHttp(mesh, relay, routes, message, { scheme: 'http' });
}

/** The application's own bytes: nobody has put TLS around them. */
const NO_TLS = { kind: 'none' } as const;

/** The client's Envoy does not get to a route. */
function ended(
  relay: Relay,
  target: { ip: string; port: number },
  message: AppMessage,
  { decision: reading, log, result }: Unread,
): Course {
  const proxy: ProxyLog = { ...relay.log, kind: 'http', ...log, tlsToUpstream: false };
  const hop: Hop = {
    place: relay.place,
    decisions: [...relay.decisions, reading],
    packet: packetOf(message, relay.proxy.pod.ip, `${target.ip}:${target.port}`),
    proxy,
  };
  return { share: 1, label: '', hops: [hop], outcome: seenByClient(result, [], proxy), mirrors: [] };
}

/** LIS-11 */
function listenerFor(mesh: MeshSnapshot, proxy: Proxy, target: { ip: string; port: number }): Listener {
  const listeners = outboundListeners(mesh, proxy, target.port);
  return (
    listeners.get(`${target.ip}_${target.port}`) ??
    listeners.get(`0.0.0.0_${target.port}`) ??
    virtualOutbound(mesh, proxy)
  );
}

function listenerDecision(
  mesh: MeshSnapshot,
  proxy: Proxy,
  listener: Listener,
  target: { ip: string; port: number },
): Decision {
  const known = listener.name !== 'virtualOutbound';
  return decision('choose listener', {
    chose: `listener ${listener.name}`,
    because: known
      ? `Envoy has a listener for ${listener.address === '0.0.0.0' ? `port ${target.port} at any address` : `${target.ip}:${target.port}`}`
      : `No service that this client sees has ${target.ip}:${target.port}; the listener for everything else takes it`,
    rules: ['LIS-11', ...listener.rules],
    evidence: telling(mesh, listener.evidence, target),
    rejected: listener.rejected,
    assumptions: [...listener.assumptions, ...extensionAssumptions(mesh, proxy.pod, 'outbound')],
    calls: [push('LDS', proxy.name, `listener ${listener.name}`)],
    ...(listener.evidence.length === 0
      ? { byDefault: 'the listener that every sidecar has for what it does not know' }
      : {}),
  });
}

/** A listener that many services share has as many lines behind it: the one of the service that is dialed says most. */
const MOST_SHARED = 4;

function telling(
  mesh: MeshSnapshot,
  evidence: readonly Location[],
  target: { ip: string; port: number },
): readonly Location[] {
  if (evidence.length <= MOST_SHARED) return evidence;
  const byAddress = mesh.derive('portsByAddress', SERVICES, () => {
    const result = new Map<string, Location>();
    for (const it of mesh.services) {
      for (const address of it.addresses) for (const port of it.ports) result.set(`${address} ${port.number}`, port.at);
    }
    return result;
  });
  const own = byAddress.get(`${target.ip} ${target.port}`);
  return own && own.doc !== '' ? [own] : evidence.slice(0, MOST_SHARED);
}

function chainDecision(
  mesh: MeshSnapshot,
  proxy: Proxy,
  chain: FilterChain,
  target: { ip: string; port: number },
  { byDefault, rejected }: ChainChoice,
): Decision {
  const to = chain.filter.kind === 'http' ? `HTTP, route configuration ${chain.filter.routeConfig}` : 'TCP';
  return decision('choose filter chain', {
    chose: `${chainTitle(chain)} → ${to}`,
    because: byDefault
      ? 'No chain fits these bytes; the listener’s default chain takes them'
      : 'The first bytes and the destination fit this chain best',
    rules: ['LIS-12', ...chain.rules],
    evidence: telling(mesh, chain.evidence, target),
    rejected,
    assumptions: chain.assumptions,
    calls: [push('LDS', proxy.name, chainTitle(chain))],
    ...(chain.evidence.length === 0 ? { byDefault: 'the chain that istiod gives every such listener' } : {}),
  });
}

function noChainDecision(listener: Listener, rejected: Decision['rejected']): Decision {
  return decision('choose filter chain', {
    chose: 'no filter chain',
    because: 'None fits these bytes and there is no default: Envoy closes the connection',
    rules: ['LIS-12'],
    evidence: listener.evidence,
    byDefault: 'a connection that fits no chain is closed',
    rejected,
    state: 'broken',
  });
}

function sending(client: MeshPod, message: AppMessage, asked: string): Decision {
  const what =
    message.protocol === 'tcp'
      ? `opens ${asked}`
      : message.protocol === 'tls'
        ? `opens TLS to ${asked}`
        : `sends ${message.method} ${message.path} to ${asked}`;
  return decision('send request', {
    chose: `${nameOf(client)} ${what}`,
    because: 'This is the request that is followed',
    rules: ['TR-1'],
    evidence: client.source ? [client.source.nameAt] : [],
    byDefault: 'the request that was asked about',
    assumptions: client.assumptions,
  });
}

function nobody(mesh: MeshSnapshot, id: string, message: AppMessage): Course {
  const because = `There is no pod or workload ${id} in the environment (there are ${mesh.pods.length} pods)`;
  const start = decision('send request', {
    chose: `nobody is called ${id}`,
    because,
    byDefault: 'a request needs somebody who sends it',
    state: 'broken',
  });
  const place: Place = { kind: 'client', name: id, side: 'client' };
  return {
    share: 1,
    label: '',
    hops: [{ place, decisions: [start], packet: packetOf(message, '', '') }],
    outcome: { result: 'unknown', because },
    mirrors: [],
  };
}

function before(hops: readonly Hop[], course: Course, share = 1, label = ''): Course {
  return {
    ...course,
    share: course.share * share,
    label: [label, course.label].filter((it) => it !== '').join(', '),
    hops: [...hops, ...course.hops],
  };
}

/** Courses that cannot be told apart are one path. */
function pathsOf(courses: readonly Course[]): Path[] {
  const byFate = new Map<string, Course>();
  for (const course of courses) {
    if (course.share <= 0) continue;
    const key = JSON.stringify([
      course.outcome,
      course.mirrors.map((it) => [it.endpoints, it.authority, it.path]),
      course.hops.map((it) => [it.place.kind, it.proxy]),
    ]);
    const same = byFate.get(key);
    byFate.set(key, same ? { ...same, share: same.share + course.share } : course);
  }
  const kept = [...byFate.values()].sort((a, b) => b.share - a.share);
  return kept.map((it) => ({ ...it, label: kept.length > 1 ? it.label : '', assumptions: assumptionsOf(it) }));
}

function assumptionsOf(course: Course): Path['assumptions'] {
  const all = course.hops.flatMap((hop) => hop.decisions.flatMap((it) => it.assumptions));
  return [...new Map(all.map((it) => [it.text, it])).values()];
}

/** Every place in the files that decided something on a path. */
export function evidenceOf(path: Path): ReturnType<typeof uniqueLocations> {
  return uniqueLocations(path.hops.flatMap((hop) => hop.decisions.flatMap((it) => it.evidence)));
}
