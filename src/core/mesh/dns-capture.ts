import type { MeshPod } from './pods.js';
import type { RegistryService } from './services.js';
import type { MeshSnapshot } from './snapshot.js';

/** Whether the agent in the pod answers the application's DNS questions (DNS-6): off unless the mesh or the pod says so. */
export function dnsCaptured(mesh: MeshSnapshot, client: MeshPod): boolean {
  if (client.proxy.value === 'none') return false;
  const annotation = client.template.annotations.get('proxy.istio.io/config')?.value ?? '';
  const written = /ISTIO_META_DNS_CAPTURE["']?\s*:\s*["']?(true|false)/.exec(annotation)?.[1];
  return written ? written === 'true' : mesh.config.dnsCapture;
}

/** The addresses that istiod allocated to a ServiceEntry's host; they exist only for clients with DNS capture (DNS-8). */
export function allocatedAddresses(service: RegistryService): readonly string[] {
  if (service.source.kind !== 'ServiceEntry' || service.addresses.length > 0) return [];
  return service.source.allocated.get(service.host) ?? [];
}

/** A service as a client with DNS capture has it. */
export function withAllocatedAddresses(service: RegistryService): RegistryService {
  const addresses = allocatedAddresses(service);
  return addresses.length > 0 ? { ...service, addresses } : service;
}
