import type { Location } from '../../base/location.js';
import type { ServiceEndpoint } from '../../mesh/endpoints.js';
import type { MeshPod } from '../../mesh/pods.js';
import type { RegistryPort, RegistryService } from '../../mesh/services.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import { addressId } from '../../xds/endpoints.js';
import { nameOf } from '../../xds/proxy.js';
import type { AppMessage } from '../arrival.js';
import { decision } from '../decide.js';
import { packetOf } from '../message.js';
import type { Decision, Hop } from '../path.js';

/** Where a connection that no proxy steers ends up. */
export type NodePassage =
  | {
      readonly kind: 'reaches';
      /** Pods or other addresses behind it, each equally likely. */
      readonly endpoints: readonly NodeEndpoint[];
      /** kube-proxy's hop; `undefined` when the address is no Service's. */
      readonly hop: Hop | undefined;
    }
  | { readonly kind: 'refused' | 'dropped'; readonly because: string; readonly hop: Hop | undefined };

export interface NodeEndpoint {
  readonly ip: string;
  readonly port: number;
  readonly pod: MeshPod | undefined;
  /** `ns/workload:port`, `ns/pod:port`, `host:port` or `ip:port`. */
  readonly id: string;
}

/**
 * A connection to `ip:port` as the client's node passes it on: the address of a Service leads to one of its ready endpoints,
 * any other address to itself (INJ-4, KP-1..KP-9).
 */
export function throughNode(
  mesh: MeshSnapshot,
  client: MeshPod | undefined,
  ip: string,
  port: number,
  message?: AppMessage,
): NodePassage {
  const service = servicesByAddress(mesh).get(ip);
  if (!service) return { kind: 'reaches', endpoints: [nodeEndpoint(mesh, ip, port)], hop: undefined };
  const known = service.ports.find((it) => it.number === port && it.transport === 'TCP');
  const hopWith = (made: Decision, destination: string): Hop => ({
    place: { kind: 'node', name: client?.nodeName ?? 'node', side: 'middle' },
    decisions: [made],
    packet: packetOf(message ?? BARE, client?.ip ?? '', destination),
  });
  if (!known) {
    const numbers = service.ports.map((it) => it.number).join(', ');
    const because = `${service.title} has ${service.ports.length === 1 ? 'port' : 'ports'} ${numbers || 'none'}, not ${port}`;
    const made = nodeDecision(
      service,
      undefined,
      { chose: `nobody answers at ${ip}:${port}`, because, rules: ['KP-1'] },
      'broken',
    );
    // only for cluster addresses does a node answer in the Service's stead
    const kind = service.addresses.includes(ip) ? 'refused' : 'dropped';
    return { kind, because, hop: hopWith(made, `${ip}:${port}`) };
  }
  const usable = usableEndpoints(mesh, client, service, known);
  if ('because' in usable) {
    const { kind, because, rules, evidence } = usable;
    const parts = { chose: `no endpoint for ${ip}:${port}`, because, rules };
    const made = nodeDecision(service, known, parts, 'broken', evidence);
    return { kind, because, hop: hopWith(made, `${ip}:${port}`) };
  }
  const endpoints = usable.endpoints.map((it) => nodeEndpoint(mesh, it.address, it.port));
  const ids = [...new Set(endpoints.map((it) => it.id))].sort();
  const made = nodeDecision(
    service,
    known,
    {
      chose: `${ip}:${port} → ${ids.join(' or ')}`,
      because: 'kube-proxy has a ready endpoint of the Service answer, each as likely as the others',
      rules: ['KP-1', 'KP-2', 'KP-3', ...(usable.local ? ['KP-5'] : [])],
    },
    'ok',
    usable.endpoints.flatMap((it) => it.evidence),
  );
  const to = endpoints[0]!;
  const rewritten: Decision = {
    ...made,
    effects: [
      {
        what: 'destination',
        before: `${ip}:${port}`,
        after: endpoints.map((it) => `${it.ip}:${it.port}`).join(' or '),
      },
    ],
  };
  return { kind: 'reaches', endpoints, hop: hopWith(rewritten, `${to.ip}:${to.port}`) };
}

const BARE: AppMessage = { protocol: 'tcp', method: '', authority: '', path: '', headers: {}, scheme: 'http' };

/** Kubernetes Services by every address that nodes translate: cluster, load balancer and external ones. */
function servicesByAddress(mesh: MeshSnapshot): ReadonlyMap<string, RegistryService> {
  return mesh.remember('servicesByAddress', () => {
    const result = new Map<string, RegistryService>();
    for (const it of mesh.services) {
      if (it.source.kind !== 'Service') continue;
      const outer = [...it.source.externalIPs, ...it.source.loadBalancerIPs].map((address) => address.value);
      for (const address of [...it.addresses, ...outer]) if (!result.has(address)) result.set(address, it);
    }
    return result;
  });
}

type Usable =
  | { readonly endpoints: readonly ServiceEndpoint[]; readonly local: boolean }
  | {
      readonly kind: 'refused' | 'dropped';
      readonly because: string;
      readonly rules: readonly string[];
      readonly evidence: readonly Location[];
    };

/** KP-2, KP-5 */
function usableEndpoints(
  mesh: MeshSnapshot,
  client: MeshPod | undefined,
  service: RegistryService,
  port: RegistryPort,
): Usable {
  const all = mesh.kubeProxyEndpoints(service, port);
  const ready = readyOf(all);
  if (ready.length === 0) {
    const because = all.length === 0 ? `no pod is behind ${service.title}` : `no pod behind ${service.title} is ready`;
    return { kind: 'refused', because, rules: ['KP-2'], evidence: all.flatMap((it) => it.evidence) };
  }
  const local = service.source.kind === 'Service' && service.source.internalTrafficPolicyLocal && client !== undefined;
  if (!local) return { endpoints: ready, local };
  const here = ready.filter((it) => it.nodeName === client.nodeName);
  if (here.length > 0) return { endpoints: here, local };
  const because = `internalTrafficPolicy: Local, and no pod behind ${service.title} runs on ${client.nodeName}`;
  const evidence = [service.source.body.fieldsOrEmpty('spec').valueAt('internalTrafficPolicy')];
  return { kind: 'dropped', because, rules: ['KP-5'], evidence };
}

/** Ready ones; if there is none, those that still serve while they end. */
function readyOf(all: readonly ServiceEndpoint[]): readonly ServiceEndpoint[] {
  const ready = all.filter((it) => it.health === 'healthy');
  return ready.length > 0 ? ready : all.filter((it) => it.health === 'terminating' && it.pod?.ready);
}

function nodeDecision(
  service: RegistryService,
  port: RegistryPort | undefined,
  parts: { chose: string; because: string; rules: readonly string[] },
  state: Decision['state'],
  more: readonly Location[] = [],
): Decision {
  return decision('pass node', {
    ...parts,
    evidence: [service.hostAt, port?.at, ...more],
    byDefault: 'kube-proxy translates the addresses of Services',
    calls: [
      {
        kind: 'kube-proxy watch',
        from: 'kube-apiserver',
        to: 'kube-proxy',
        what: `${service.title} and its EndpointSlices`,
      },
    ],
    state,
  });
}

/** What answers at an address. */
export function nodeEndpoint(mesh: MeshSnapshot, ip: string, port: number): NodeEndpoint {
  const pod = mesh.podAt(ip);
  return { ip, port, pod, id: pod ? `${nameOf(pod)}:${port}` : addressId(mesh, ip, port) };
}
