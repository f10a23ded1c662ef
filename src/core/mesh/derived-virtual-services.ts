import { apiVirtualServices } from './api-virtual-services.js';
import { ingressVirtualServices } from './ingress.js';
import type { MeshSnapshot } from './snapshot.js';
import type { EffectiveVirtualService } from './virtual-services.js';

/** Gateway API routes and Ingresses as the VirtualServices that istiod makes of them (VS-8, HR, ING). */
export function derivedVirtualServices(mesh: MeshSnapshot): readonly EffectiveVirtualService[] {
  return [...ingressVirtualServices(mesh), ...apiVirtualServices(mesh)];
}
