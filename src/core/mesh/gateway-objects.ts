import type { Location } from '../base/location.js';
import type { StringMap } from '../model/fields.js';
import type { GatewayServer, IstioGateway } from '../model/gateway.js';
import { apiGateways } from './api-listeners.js';
import { ingressGateways } from './ingress.js';
import { byAge } from './order.js';
import type { RouteSemantics } from './virtual-services.js';
import type { MeshSnapshot } from './snapshot.js';

/** A Gateway as istiod merges them: one of Istio's, or what a Gateway API listener or an Ingress becomes. */
export interface GatewayObject {
  /** `ns/name` */
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly created: number | undefined;
  /** `Gateway front/edge`, for people. */
  readonly title: string;
  readonly nameAt: Location;
  readonly semantics: RouteSemantics;
  readonly programs: Programs;
  readonly servers: readonly GatewayServer[];
  /** istiod runs the proxies itself: they take no Istio Gateways of other namespaces (GW-1). */
  readonly managed: boolean;
}

/** Which proxies a Gateway programs. */
export type Programs =
  /** Pods with these labels (GW-1); none of them means every gateway. */
  | { readonly by: 'labels'; readonly labels: StringMap; readonly at: Location }
  /** Pods behind these Services, whose ports alone may be listened on (GW-5). */
  | {
      readonly by: 'services';
      readonly hosts: ReadonlySet<string>;
      /** In which they must be. */
      readonly namespace: string;
      readonly at: Location;
    };

/** All Gateways of the mesh, oldest first (GW-2, META-2). */
export function gatewayObjects(mesh: MeshSnapshot): readonly GatewayObject[] {
  return mesh.remember('gatewayObjects', () =>
    [...mesh.of('IstioGateway').map(fromIstio), ...ingressGateways(mesh), ...apiGateways(mesh)].sort(byAge),
  );
}

function fromIstio(it: IstioGateway): GatewayObject {
  return {
    id: `${it.namespace}/${it.name}`,
    namespace: it.namespace,
    name: it.name,
    created: it.created,
    title: `Gateway ${it.namespace}/${it.name}`,
    nameAt: it.nameAt,
    semantics: 'virtual-service',
    programs: { by: 'labels', labels: it.selector, at: it.selectorAt },
    servers: it.servers,
    managed: false,
  };
}
