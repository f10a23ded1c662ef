import { containsLabels, NO_STRINGS, type StringMap } from '../model/fields.js';
import type { VirtualService } from '../model/virtual-service.js';
import { gatewayObjects } from './gateway-objects.js';
import type { MeshPod } from './pods.js';
import { exportedTo } from './services.js';
import type { MeshSnapshot } from './snapshot.js';
import { PODS } from './sources.js';
import { effectiveVirtualServices, findDelegate, type EffectiveVirtualService } from './virtual-services.js';

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
  const all = mesh.remember('routeClients', () => new Map<VirtualService, readonly RouteClient[]>());
  let clients = all.get(it);
  if (!clients) all.set(it, (clients = find(mesh, it)));
  return clients;
}

function find(mesh: MeshSnapshot, it: VirtualService): RouteClient[] {
  const roots = rootsOf(mesh).get(it) ?? [];
  const inMesh = roots.filter((root) => root.gateways.includes('mesh'));
  const sidecars = sidecarClients(mesh).filter((client) =>
    inMesh.some((root) => exportedTo(root.exportTo, client.namespace)),
  );
  const names = new Set(roots.flatMap((root) => root.gateways));
  const gateways = gatewayClients(mesh).filter(
    ({ bound, client }) =>
      [...names].some((name) => bound.has(name)) && roots.some((root) => exportedTo(root.exportTo, client.namespace)),
  );
  const found = [
    ...sidecars.filter((client) => client.namespace === it.namespace),
    ...sidecars.filter((client) => client.namespace !== it.namespace),
    ...gateways.map(({ client }) => client),
  ];
  if (found.length > 0) return found;
  return [
    {
      type: 'sidecar',
      namespace: it.namespace,
      labels: NO_STRINGS,
      title: `clients in ${it.namespace}`,
      assumed: true,
    },
  ];
}

/** What stands for each VirtualService in the mesh: itself, or the roots that delegate to it. */
function rootsOf(mesh: MeshSnapshot): ReadonlyMap<VirtualService, readonly EffectiveVirtualService[]> {
  return mesh.remember('rootsOf', () => {
    const result = new Map<VirtualService, EffectiveVirtualService[]>();
    const add = (it: VirtualService, root: EffectiveVirtualService): void =>
      void result.set(it, [...(result.get(it) ?? []), root]);
    for (const root of effectiveVirtualServices(mesh)) {
      if (!root.source) continue;
      add(root.source, root);
      for (const { delegate } of root.source.http) {
        const found = delegate && findDelegate(mesh, root.source, delegate);
        if (found && 'delegate' in found) add(found.delegate, root);
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
  return mesh.remember('gatewayClients', () => {
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
