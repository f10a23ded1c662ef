import ipaddr from 'ipaddr.js';
import type { Location } from '../../base/location.js';
import type { ServiceEndpoint } from '../../mesh/endpoints.js';
import { allocatedAddresses, dnsCaptured } from '../../mesh/dns-capture.js';
import { mostSpecific } from '../../mesh/hosts.js';
import { outsideOf } from '../../mesh/outside-world.js';
import type { MeshPod } from '../../mesh/pods.js';
import { isHeadless, type RegistryService } from '../../mesh/services.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import { clientView } from '../../xds/client-view.js';
import { proxyOf } from '../../xds/proxy.js';
import { decision } from '../decide.js';
import type { Decision } from '../path.js';

/** What the client's resolver says of a name. */
export interface Resolution {
  readonly decision: Decision;
  /** Addresses of which the application dials one; empty when the name does not resolve. */
  readonly addresses: readonly string[];
}

/** DNS in the client pod (section 1 of the semantics). A literal address needs none and gives no decision. */
export function resolveName(mesh: MeshSnapshot, client: MeshPod | undefined, host: string): Resolution {
  const names = candidates(host, client, mesh.config.clusterDomain);
  for (const name of names) {
    const answer = answerOf(mesh, name, client, new Set());
    if (answer) return { ...answer, decision: { ...answer.decision, rules: ['DNS-1', ...answer.decision.rules] } };
  }
  return { addresses: [], decision: unresolved(mesh, host) };
}

export function isAddress(host: string): boolean {
  return ipaddr.isValid(host) && (host.includes(':') || host.split('.').length === 4);
}

/** DNS-1: with fewer than five dots each search suffix is tried before the name itself. */
function candidates(host: string, client: MeshPod | undefined, domain: string): readonly string[] {
  const name = host.toLowerCase();
  if (name.endsWith('.')) return [name.slice(0, -1)];
  if (!client || client.template.dnsPolicy === 'Default') return [name];
  const suffixes = [`${client.namespace}.svc.${domain}`, `svc.${domain}`, domain].map((it) => `${name}.${it}`);
  const dots = name.split('.').length - 1;
  return dots < 5 ? [...suffixes, name] : [name, ...suffixes];
}

function answerOf(
  mesh: MeshSnapshot,
  name: string,
  client: MeshPod | undefined,
  seen: Set<string>,
): Resolution | undefined {
  const captured = client && dnsCaptured(mesh, client) ? capturedAnswer(mesh, client, name) : undefined;
  if (captured) return captured;
  const service = mesh.servicesNamed(name).find((it) => it.source.kind === 'Service');
  if (service) return serviceAnswer(mesh, service, client, seen);
  const ofPod = podAnswer(mesh, name);
  if (ofPod) return ofPod;
  const outside = outsideOf(mesh).resolve(name);
  if (outside === undefined) return undefined;
  const entry = mesh.servicesNamed(name)[0];
  const known = entry !== undefined || mesh.world.external.some((it) => it.host.toLowerCase() === name);
  return {
    addresses: [outside],
    decision: decision('resolve name', {
      chose: `${name} → an address outside of the cluster`,
      because: 'No Service has this name; the cluster’s DNS asks on, outside',
      rules: entry ? ['DNS-5'] : [],
      evidence: [entry?.hostAt],
      assumptions:
        known && entry
          ? [{ text: `${name} is taken to resolve outside of the cluster: a ServiceEntry publishes nothing to DNS` }]
          : [{ text: `${name} is taken to resolve outside of the cluster` }],
    }),
  };
}

function serviceAnswer(
  mesh: MeshSnapshot,
  service: RegistryService,
  client: MeshPod | undefined,
  seen: Set<string>,
): Resolution {
  const name = service.host;
  const calls = [{ kind: 'DNS watch', from: 'kube-apiserver', to: 'cluster DNS', what: service.title } as const];
  if (service.aliasOf !== undefined) {
    const target = service.aliasOf;
    const further = seen.has(target) ? undefined : answerOf(mesh, target, client, new Set([...seen, target]));
    return {
      addresses: further?.addresses ?? [],
      decision: decision('resolve name', {
        chose: `${name} → CNAME ${target}${further ? ` → ${further.addresses.join(', ')}` : ''}`,
        because: further
          ? 'An ExternalName Service is an alias in DNS; the Host header keeps the name as typed'
          : `The alias ${target} does not resolve`,
        rules: ['DNS-4', ...(further ? [] : ['DNS-10'])],
        evidence: [service.source.kind === 'Service' ? service.source.externalName?.at : undefined],
        calls,
        state: further ? 'ok' : 'broken',
      }),
    };
  }
  if (isHeadless(service)) return headlessAnswer(mesh, service);
  const source = service.source;
  const written = source.kind === 'Service' ? source.clusterIPs[0] : undefined;
  return {
    addresses: service.addresses,
    decision: decision('resolve name', {
      chose: `${name} → ${service.addresses.join(', ')}`,
      because: 'A Service resolves to its ClusterIP, whether or not it has endpoints',
      rules: ['DNS-2'],
      evidence: [service.hostAt, written?.at],
      calls,
      assumptions: addressAssumption(service, written !== undefined),
    }),
  };
}

function addressAssumption(service: RegistryService, written: boolean): { text: string }[] {
  if (written && service.hostAt.doc !== '') return [];
  const address = service.addresses[0];
  if (service.hostAt.doc === '')
    return [{ text: `${service.title} is taken to be there, as a default installation has it, at ${address}` }];
  return [{ text: `${service.title} has no clusterIP in the files: ${address} stands for it` }];
}

/** DNS-3 */
function headlessAnswer(mesh: MeshSnapshot, service: RegistryService): Resolution {
  const endpoints = readyBehind(mesh, service);
  const addresses = [...new Set(endpoints.map((it) => it.address))];
  const found = addresses.length > 0;
  return {
    addresses,
    decision: decision('resolve name', {
      chose: found ? `${service.host} → ${addresses.join(', ')}` : `${service.host} has no address`,
      because: found
        ? 'A headless Service resolves to the addresses of its ready pods'
        : 'A headless Service without ready pods has no addresses in DNS',
      rules: found ? ['DNS-3'] : ['DNS-3', 'DNS-10'],
      evidence: [service.hostAt, ...endpoints.flatMap((it) => it.evidence)],
      state: found ? 'ok' : 'broken',
    }),
  };
}

/** Ready endpoints, one for each address: a pod that lacks one port of the Service has its name for the others' sake. */
function readyBehind(mesh: MeshSnapshot, service: RegistryService): ServiceEndpoint[] {
  const all = service.ports.flatMap((port) => mesh.kubeProxyEndpoints(service, port));
  const ready = all.filter((it) => it.health === 'healthy');
  return [...new Map([...ready].reverse().map((it) => [it.address, it])).values()].reverse();
}

/** `<hostname>.<service>.<ns>.svc.<domain>` of a pod with hostname and subdomain (DNS-3). */
function podAnswer(mesh: MeshSnapshot, name: string): Resolution | undefined {
  const [hostname, ...rest] = name.split('.');
  const service = mesh.servicesNamed(rest.join('.')).find((it) => it.source.kind === 'Service' && isHeadless(it));
  if (!service) return undefined;
  const matching = readyBehind(mesh, service).filter(
    ({ pod }) => pod?.template.hostname === hostname && pod?.template.subdomain === service.name,
  );
  if (matching.length === 0) return undefined;
  return {
    addresses: matching.map((it) => it.address),
    decision: decision('resolve name', {
      chose: `${name} → ${matching.map((it) => it.address).join(', ')}`,
      because: 'The pod’s hostname and subdomain give it a name of its own under the headless Service',
      rules: ['DNS-3'],
      evidence: [service.hostAt, ...matching.flatMap((it) => it.evidence)],
    }),
  };
}

function unresolved(mesh: MeshSnapshot, host: string): Decision {
  const named: Location[] = mesh.servicesNamed(host.toLowerCase()).map((it) => it.hostAt);
  const routed = mesh
    .of('VirtualService')
    .flatMap((it) => it.hosts.filter((name) => name.value === host).map((name) => name.at));
  return decision('resolve name', {
    chose: `${host} does not resolve`,
    because:
      'No Service and no name outside has it; the application gets its resolver’s error, and no proxy sees anything. A VirtualService or ServiceEntry does not make a name resolvable',
    rules: ['DNS-1', 'DNS-10'],
    evidence: [...named, ...routed],
    byDefault: 'a name that no DNS server knows has no address',
    state: 'broken',
  });
}

/** DNS-7, DNS-8: addresses of ServiceEntries as the agent's name table has them. */
function capturedAnswer(mesh: MeshSnapshot, client: MeshPod, name: string): Resolution | undefined {
  const service = tableEntry(mesh, client, name);
  if (!service || service.source.kind !== 'ServiceEntry') return undefined;
  const written = service.addresses.filter((it) => !it.includes('/'));
  const addresses = written.length > 0 ? written : allocatedAddresses(service);
  if (addresses.length === 0) return undefined;
  return {
    addresses,
    decision: decision('resolve name', {
      chose: `${name} → ${addresses.join(', ')}, answered by the agent in the pod`,
      because: 'DNS capture is on, and the name table has this ServiceEntry',
      rules: ['DNS-6', 'DNS-7', ...(written.length > 0 ? [] : ['DNS-8'])],
      evidence: [service.hostAt],
      calls: [{ kind: 'NDS', from: 'istiod', to: 'istio-agent', what: 'name table' }],
    }),
  };
}

/** The client's own view decides: what is hidden from it is not in its table; wildcards answer any name below them (DNS-9). */
function tableEntry(mesh: MeshSnapshot, client: MeshPod, name: string): RegistryService | undefined {
  const proxy = proxyOf(client);
  return proxy && mostSpecific(name, clientView(mesh, proxy).byHost)?.value;
}
