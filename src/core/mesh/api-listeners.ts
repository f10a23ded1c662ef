import { sourced, type Location, type Sourced } from '../base/location.js';
import type { K8sGateway, K8sListener, ListenerSet } from '../model/gateway-api.js';
import type { GatewayServer } from '../model/gateway.js';
import { gatewayClassOf, isManaged } from './gateway-classes.js';
import type { GatewayObject, Programs } from './gateway-objects.js';
import { listenerTls, type ListenerProblem } from './listener-tls.js';
import { letsJoin, namespacesOf } from './namespace-selection.js';
import type { MeshSnapshot } from './snapshot.js';

/** A listener of a Gateway, or of a ListenerSet that joined it, which routes may attach to (GAPI-5). */
export interface ApiListener {
  readonly gateway: K8sGateway;
  /** Whose it is: routes name this one as their parent. */
  readonly owner: K8sGateway | ListenerSet;
  readonly listener: K8sListener;
  readonly port: number;
  /** `ns/name` of the Istio Gateway that istiod makes of it. */
  readonly id: string;
  /** `ns/host` for each namespace that may attach, `*` being all and `~` none. */
  readonly hosts: readonly Sourced<string>[];
  /** Kinds of routes that may attach. */
  readonly kinds: ReadonlySet<string>;
  /** Why nothing is served there, though routes attach (GAPI-19). */
  readonly problem: ListenerProblem | undefined;
  readonly server: GatewayServer;
}

/** A listener that is none: it lost to another, or its ListenerSet is not let in. */
export interface LostListener extends ListenerProblem {
  readonly gateway: K8sGateway;
  readonly port: number;
  readonly owner: K8sGateway | ListenerSet;
  readonly listener: K8sListener;
}

export interface ApiListeners {
  readonly kept: readonly ApiListener[];
  readonly lost: readonly LostListener[];
}

/** All listeners of Gateways that Istio serves. */
export function apiListeners(mesh: MeshSnapshot): ApiListeners {
  return mesh.remember('apiListeners', () => {
    const kept: ApiListener[] = [];
    const lost: LostListener[] = [];
    for (const gateway of mesh.of('K8sGateway')) {
      if (gatewayClassOf(mesh, gateway) === 'istio') collect(mesh, gateway, kept, lost);
    }
    return { kept, lost };
  });
}

/** The Istio Gateways that istiod makes: one for each good listener (GAPI-5). */
export function apiGateways(mesh: MeshSnapshot): readonly GatewayObject[] {
  return apiListeners(mesh).kept.flatMap((it) => (it.problem ? [] : [gatewayObject(mesh, it)]));
}

/** What is not served on a Gateway's port, with the proxies that miss it. */
export interface UnservedListener {
  readonly programs: Programs;
  readonly port: number;
  readonly name: string;
  readonly problem: ListenerProblem;
  readonly at: Location;
}

/** Listeners that are written and not served: lost ones, and those with a mistake (GAPI-19). */
export function unservedListeners(mesh: MeshSnapshot): readonly UnservedListener[] {
  const { kept, lost } = apiListeners(mesh);
  const broken = kept.flatMap(({ problem, ...it }) => (problem ? [{ ...it, problem }] : []));
  return [...broken, ...lost.map((it) => ({ ...it, problem: it }))].map((it) => ({
    programs: programsOf(mesh, it.gateway),
    port: it.port,
    name: titleOf(it),
    problem: it.problem,
    at: it.listener.at,
  }));
}

function gatewayObject(mesh: MeshSnapshot, it: ApiListener): GatewayObject {
  const { gateway, owner, listener, id, server } = it;
  return {
    id,
    namespace: owner.namespace,
    name: id.slice(id.indexOf('/') + 1),
    created: owner.created,
    title: titleOf(it),
    nameAt: listener.name.at,
    semantics: 'gateway-api',
    programs: programsOf(mesh, gateway),
    servers: [server],
    managed: isManaged(gateway),
  };
}

function titleOf({ owner, listener }: Pick<ApiListener, 'owner' | 'listener'>): string {
  const kind = owner.kind === 'ListenerSet' ? 'ListenerSet' : 'Gateway';
  return `listener ${listener.name.value} of ${kind} ${owner.namespace}/${owner.name}`;
}

function programsOf(mesh: MeshSnapshot, gateway: K8sGateway): Programs {
  const hosts = new Set(servicesOf(mesh, gateway));
  return { by: 'services', hosts, namespace: gateway.namespace, at: gateway.nameAt };
}

/** The Services whose pods serve a Gateway: istiod's own, or those that its addresses name (GAPI-3, GAPI-6). */
function servicesOf(mesh: MeshSnapshot, it: K8sGateway): readonly string[] {
  const full = (name: string): string => `${name}.${it.namespace}.svc.${mesh.config.clusterDomain}`;
  if (isManaged(it)) {
    return [full(it.annotations.get('gateway.istio.io/name-override')?.value ?? `${it.name}-${it.className.value}`)];
  }
  return it.addresses
    .filter(({ type }) => type === 'Hostname')
    .map(({ value }) => (value.includes('.') ? value : full(value)));
}

interface Entry {
  readonly owner: K8sGateway | ListenerSet;
  readonly listener: K8sListener;
  readonly port: number;
}

/** The Gateway's own listeners come before those of ListenerSets; a later one that conflicts is lost (GAPI-13, GAPI-14). */
function collect(mesh: MeshSnapshot, gateway: K8sGateway, kept: ApiListener[], lost: LostListener[]): void {
  const entries: Entry[] = gateway.listeners.map((listener) => ({
    owner: gateway,
    listener,
    port: listener.port.value,
  }));
  for (const set of listenerSetsOf(mesh, gateway)) {
    if (!letsJoin(mesh, gateway.allowedListeners, gateway.namespace, set.namespace)) {
      const because = `Gateway ${gateway.namespace}/${gateway.name} lets no ListenerSet of ${set.namespace} join`;
      const at = gateway.allowedListeners.at;
      lost.push(
        ...set.listeners.map((listener) => ({
          gateway,
          port: defaultPort(listener),
          owner: set,
          listener,
          because,
          at,
          rules: ['GAPI-14'],
        })),
      );
    } else {
      entries.push(...set.listeners.map((listener) => ({ owner: set, listener, port: defaultPort(listener) })));
    }
  }
  const accepted: Entry[] = [];
  for (const it of entries) {
    const rival = accepted.find((other) => conflict(it, other));
    if (rival) {
      const because = `it conflicts with listener ${rival.listener.name.value} on port ${it.port}`;
      lost.push({
        gateway,
        port: it.port,
        owner: it.owner,
        listener: it.listener,
        because,
        at: rival.listener.at,
        rules: ['GAPI-13'],
      });
      continue;
    }
    accepted.push(it);
    const made = apiListener(mesh, gateway, it);
    // a ListenerSet's bad listener is no parent of anything
    if (made && !(made.problem && it.owner.kind === 'ListenerSet')) kept.push(made);
  }
}

/** Oldest first, then by `ns/name` as one text (META-2). */
function listenerSetsOf(mesh: MeshSnapshot, gateway: K8sGateway): readonly ListenerSet[] {
  const joined = mesh.of('ListenerSet').filter(({ parent, namespace }) => {
    if (!parent || parent.kind !== 'Gateway' || parent.name.value !== gateway.name) return false;
    return (parent.namespace?.value ?? namespace) === gateway.namespace;
  });
  const key = (it: ListenerSet): string => `${it.namespace}/${it.name}`;
  return joined.sort((a, b) => (a.created ?? 0) - (b.created ?? 0) || (key(a) < key(b) ? -1 : 1));
}

function defaultPort({ port, protocol }: K8sListener): number {
  if (port.value !== 0) return port.value;
  return protocol.value === 'HTTP' ? 80 : protocol.value === 'HTTPS' ? 443 : 0;
}

/** GAPI-13 */
function conflict(a: Entry, b: Entry): boolean {
  if (a.port !== b.port) return false;
  const [ours, theirs] = [a.listener.protocol.value, b.listener.protocol.value];
  const opaque = (it: string): boolean => it === 'TCP' || it === 'UDP';
  const httpLike = (it: string): boolean => it === 'HTTP' || it === 'HTTPS' || it === 'TLS';
  if (httpLike(ours) && httpLike(theirs))
    return (a.listener.hostname?.value ?? '*') === (b.listener.hostname?.value ?? '*');
  if ((opaque(ours) || httpLike(ours)) && (opaque(theirs) || httpLike(theirs))) return true;
  return ours === theirs;
}

const PROTOCOLS = new Set(['HTTP', 'HTTPS', 'TLS', 'TCP']);

/** `undefined` for TLS without settings, which is nothing at all (GAPI-8). */
function apiListener(
  mesh: MeshSnapshot,
  gateway: K8sGateway,
  { owner, listener, port }: Entry,
): ApiListener | undefined {
  const { hostname, protocol } = listener;
  const host = hostname ?? sourced('*', listener.at);
  const namespaces = namespacesOf(mesh, listener.namespaces, owner.namespace);
  const hosts = (namespaces.length > 0 ? namespaces : ['~']).map((it) => sourced(`${it}/${host.value}`, host.at));
  const checked = listenerTls(mesh, gateway, owner, listener, port);
  const name = `${owner.name}~istio-autogenerated-k8s-gateway~${listener.name.value}`;
  if (!listener.tls && (protocol.value === 'HTTPS' || protocol.value === 'TLS')) return undefined;
  return {
    gateway,
    owner,
    listener,
    port,
    id: `${owner.namespace}/${name}`,
    hosts,
    kinds: kindsOf(listener),
    problem: problemOf(listener, port) ?? checked.problem,
    server: {
      port: sourced(port, listener.port.at),
      portName: 'default',
      protocol,
      hosts,
      tls: 'tls' in checked ? checked.tls : undefined,
      bind: undefined,
      name: undefined,
      at: listener.at,
    },
  };
}

/** GAPI-7 */
function problemOf({ protocol, port }: K8sListener, number: number): ListenerProblem | undefined {
  if (!PROTOCOLS.has(protocol.value)) {
    return { because: `Istio has no protocol ${protocol.value} for listeners`, at: protocol.at, rules: ['GAPI-7'] };
  }
  return number === 0 ? { because: 'it needs a port', at: port.at, rules: ['GAPI-14'] } : undefined;
}

/** GAPI-12 */
function kindsOf({ protocol, tls, kinds }: K8sListener): ReadonlySet<string> {
  const supported: Readonly<Record<string, readonly string[]>> = {
    HTTP: ['HTTPRoute', 'GRPCRoute'],
    HTTPS: ['HTTPRoute', 'GRPCRoute'],
    TCP: ['TCPRoute'],
    TLS: tls?.mode.value === 'Terminate' ? ['TLSRoute', 'TCPRoute'] : ['TLSRoute'],
  };
  const fitting = supported[protocol.value] ?? [];
  return new Set(kinds.length === 0 ? fitting : fitting.filter((it) => kinds.some(({ kind }) => kind === it)));
}
