import { containsLabels, NO_STRINGS, type StringMap } from '../model/fields.js';
import type { ResourceKind } from '../model/resources.js';
import type { VirtualService } from '../model/virtual-service.js';
import { gatewayName } from './complete-names.js';
import { gatewayObjects } from './gateway-objects.js';
import type { MeshPod } from './pods.js';
import { exportedTo, resolveExportTo } from './services.js';
import type { MeshSnapshot } from './snapshot.js';
import { CONFIG, PODS } from './sources.js';
import { delegatingVirtualServices, findDelegate } from './virtual-services.js';

/** A proxy that follows a VirtualService's routes, or a namespace full of proxies that are alike. */
export interface RouteClient {
  readonly type: 'sidecar' | 'gateway';
  readonly namespace: string;
  readonly labels: StringMap;
  /** `clients in shop`, `gateway istio-system/istio-ingressgateway`. */
  readonly title: string;
  /** No document declares it. */
  readonly assumed: boolean;
}

/**
 * Who follows a VirtualService's routes: the sidecars of the namespaces that see it, and the gateways that it is bound to;
 * of a delegate, who follows its roots. Where no document declares anybody, a client of its own namespace stands in.
 */
export function routeClientsOf(mesh: MeshSnapshot, it: VirtualService): readonly RouteClient[] {
  const reaches = isRoot(it) ? [reachOf(mesh, it)] : (rootsOf(mesh).get(it) ?? []).map((root) => reachOf(mesh, root));
  const known = mesh.derive('routeClients', CLIENT_SOURCES, () => new Map<string, readonly RouteClient[]>());
  const key = [it.namespace, ...reaches.map((one) => one.key)].join(' ');
  let clients = known.get(key);
  if (!clients) known.set(key, (clients = find(mesh, it.namespace, reaches)));
  return clients;
}

/** What the clients of a route are made of; of a delegate, its roots count as well. */
export const CLIENT_SOURCES: readonly ResourceKind[] = [...PODS, 'DestinationRule'];

/** Whether routes are followed for the VirtualService's own hosts, and not for another's (VS-7). */
export function isRoot(it: VirtualService): boolean {
  return it.hosts.length > 0;
}

/** To whom a VirtualService is given. */
interface Reach {
  /** `mesh` or `ns/name` */
  readonly gateways: readonly string[];
  readonly exportTo: ReadonlySet<string>;
  readonly key: string;
}

function reachOf(mesh: MeshSnapshot, it: VirtualService): Reach {
  const gateways = it.gateways.length === 0 ? ['mesh'] : it.gateways.map((one) => gatewayName(one.value, it.namespace));
  const written = it.exportTo?.map((one) => one.value) ?? [];
  const exported = written.length > 0 ? written : mesh.config.defaultVirtualServiceExportTo;
  const exportTo = resolveExportTo(exported, it.namespace);
  return { gateways, exportTo, key: `${gateways.join(',')}>${[...exportTo].join(',')}` };
}

function find(mesh: MeshSnapshot, namespace: string, reaches: readonly Reach[]): RouteClient[] {
  const inMesh = reaches.filter((one) => one.gateways.includes('mesh'));
  const sidecars = sidecarClients(mesh).filter((client) =>
    inMesh.some((one) => exportedTo(one.exportTo, client.namespace)),
  );
  const gateways = gatewayClients(mesh).filter(({ bound, client }) =>
    reaches.some((one) => one.gateways.some((name) => bound.has(name)) && exportedTo(one.exportTo, client.namespace)),
  );
  const found = [
    ...sidecars.filter((client) => client.namespace === namespace),
    ...sidecars.filter((client) => client.namespace !== namespace),
    ...gateways.map(({ client }) => client),
  ];
  if (found.length > 0) return found;
  return [{ type: 'sidecar', namespace, labels: NO_STRINGS, title: `clients in ${namespace}`, assumed: true }];
}

/** The roots that hand over to each delegate. */
function rootsOf(mesh: MeshSnapshot): ReadonlyMap<VirtualService, readonly VirtualService[]> {
  return mesh.derive('rootsOf', ['VirtualService', ...CONFIG], () => {
    const result = new Map<VirtualService, VirtualService[]>();
    for (const root of delegatingVirtualServices(mesh)) {
      for (const { delegate } of isRoot(root) ? root.http : []) {
        const found = delegate && findDelegate(mesh, root, delegate);
        if (found && 'delegate' in found) result.set(found.delegate, [...(result.get(found.delegate) ?? []), root]);
      }
    }
    return result;
  });
}

/** One client per namespace with sidecars; one per workload where DestinationRules tell them apart by labels (DR-3). */
function sidecarClients(mesh: MeshSnapshot): readonly RouteClient[] {
  return mesh.derive('sidecarClients', [...PODS, 'DestinationRule'], () => {
    const choosy = new Set(mesh.of('DestinationRule').flatMap((it) => (it.workloadSelector ? [it.namespace] : [])));
    const seen = new Map<string, RouteClient>();
    for (const pod of mesh.pods) {
      if (pod.proxy.value !== 'sidecar') continue;
      const { namespace } = pod;
      const alone = choosy.has(namespace);
      const key = alone ? pod.workload : namespace;
      if (seen.has(key)) continue;
      const title = alone ? `client ${pod.workload}` : `clients in ${namespace}`;
      seen.set(key, { type: 'sidecar', namespace, labels: alone ? pod.labels : NO_STRINGS, title, assumed: false });
    }
    return [...seen.values()].sort((a, b) => (a.title < b.title ? -1 : 1));
  });
}

interface GatewayClient {
  readonly client: RouteClient;
  /** `ns/name` of the Gateways that program it. */
  readonly bound: ReadonlySet<string>;
}

function gatewayClients(mesh: MeshSnapshot): readonly GatewayClient[] {
  return mesh.derive('gatewayClients', PODS, () => {
    const seen = new Map<string, MeshPod>();
    for (const pod of gatewayPods(mesh)) if (!seen.has(pod.workload)) seen.set(pod.workload, pod);
    return [...seen.values()].map((pod) => {
      const bound = gatewayObjects(mesh).filter(
        ({ programs }) => programs.by === 'labels' && containsLabels(pod.labels, programs.labels),
      );
      const { namespace, labels } = pod;
      const client: RouteClient = {
        type: 'gateway',
        namespace,
        labels,
        title: `gateway ${pod.workload}`,
        assumed: !pod.source,
      };
      return { client, bound: new Set(bound.map((it) => it.id)) };
    });
  });
}

/** Pods whose proxy is a gateway, made-up ones included. */
export function gatewayPods(mesh: MeshSnapshot): readonly MeshPod[] {
  return mesh.derive('gatewayPods', PODS, () => mesh.pods.filter((it) => it.proxy.value === 'gateway'));
}
