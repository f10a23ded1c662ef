import type { Explained, Rejected } from '../base/explained.js';
import { uniqueLocations, type Location } from '../base/location.js';
import { destinationRuleFor } from '../mesh/destination-rules.js';
import { isWildcard } from '../mesh/hosts.js';
import { portOfService, type RegistryPort, type RegistryService } from '../mesh/services.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import { clientView, type HiddenService } from './client-view.js';
import { parseOutbound, type OutboundName } from './cluster-names.js';
import { clusterServices } from './cluster-services.js';
import { nameOf, type Proxy } from './proxy.js';

type Reasons = Omit<Explained<unknown>, 'value'>;

/** Why a proxy has no cluster of a name (DST-4), with what there is instead. */
export function whyNoCluster(mesh: MeshSnapshot, proxy: Proxy, name: string): Reasons {
  const parsed = parseOutbound(name);
  if (!parsed) return reasons(['CL-1'], [{ name, because: 'this proxy has no such cluster', evidence: [] }]);
  const known = clusterServices(mesh, proxy).get(parsed.host);
  if (!known) return whyNoService(mesh, proxy, parsed);
  const port = portOfService(known.service, parsed.port);
  if (!port || !known.ports.includes(port)) return whyNoPort(known.service, port, parsed);
  return whyNotBuilt(mesh, proxy, known.service, port, parsed);
}

function reasons(rules: readonly string[], rejected: readonly Rejected[], more: readonly Location[] = []): Reasons {
  return {
    evidence: uniqueLocations([...more, ...rejected.flatMap((it) => it.evidence)]),
    rejected,
    rules: ['DST-4', ...rules],
    assumptions: [],
  };
}

/** The proxy does not know the host: it is hidden, or nobody defines it. */
function whyNoService(mesh: MeshSnapshot, proxy: Proxy, { host }: OutboundName): Reasons {
  const hidden = clientView(mesh, proxy).hidden.get(host);
  if (hidden) return reasons([hidden.by === 'Sidecar' ? 'SCO-3' : 'GEN-6'], [hiddenReason(hidden, proxy)]);
  const meant = mesh.servicesNamed(`${host}.svc.${mesh.config.clusterDomain}`)[0];
  const rejected: Rejected[] = [
    { name: host, because: 'no Service and no ServiceEntry defines this host', evidence: [] },
    ...(meant
      ? [
          {
            name: meant.title,
            because: `its host is ${meant.host}: a name with a dot is taken as it is written`,
            evidence: [meant.hostAt],
          },
        ]
      : sameNameElsewhere(mesh, host)),
  ];
  return reasons(meant ? ['GEN-5'] : ['CL-1'], rejected);
}

/** Services of that name in other namespaces: the usual mistake. */
function sameNameElsewhere(mesh: MeshSnapshot, host: string): Rejected[] {
  const name = host.split('.')[0]!;
  const byName = mesh.remember('servicesByPlainName', () => {
    const result = new Map<string, RegistryService[]>();
    for (const it of mesh.services) result.set(it.name, [...(result.get(it.name) ?? []), it]);
    return result;
  });
  return (byName.get(name) ?? [])
    .slice(0, 5)
    .map((it) => ({ name: it.title, because: `it is called ${it.host}`, evidence: [it.hostAt] }));
}

function hiddenReason({ service, by, at }: HiddenService, proxy: Proxy): Rejected {
  const because =
    by === 'exportTo'
      ? `it is not exported to ${proxy.namespace}`
      : by === 'Sidecar'
        ? `the Sidecar of ${nameOf(proxy.pod)} does not import it`
        : 'another definition of the host counts';
  return { name: service.title, because, evidence: [at, service.hostAt] };
}

function whyNoPort(service: RegistryService, port: RegistryPort | undefined, wanted: OutboundName): Reasons {
  const numbers = service.ports.map((it) => it.number).join(', ');
  const because = port
    ? `port ${wanted.port} is not imported`
    : `it has ${service.ports.length === 1 ? 'port' : 'ports'} ${numbers || 'none'}, not ${wanted.port}`;
  return reasons(
    ['DST-1'],
    [{ name: service.title, because, evidence: port ? [port.at] : service.ports.map((it) => it.at) }],
    [service.hostAt],
  );
}

function whyNotBuilt(
  mesh: MeshSnapshot,
  proxy: Proxy,
  service: RegistryService,
  port: RegistryPort,
  { subset }: OutboundName,
): Reasons {
  if (service.resolution === 'alias') {
    const because = `it is an ExternalName, another name for ${service.aliasOf}: it has no cluster of its own`;
    return reasons(['DST-2', 'LIS-9'], [{ name: service.title, because, evidence: [service.hostAt] }]);
  }
  if (port.class === 'UDP') {
    return reasons(['CL-1'], [{ name: service.title, because: `port ${port.number} is UDP`, evidence: [port.at] }]);
  }
  const rule = destinationRuleFor(mesh, proxy, service);
  if (subset !== '' && !rule.value?.subsets.some((it) => it.name.value === subset)) {
    const names = (rule.value?.subsets ?? []).map((it) => it.name);
    const there = names.length > 0 ? `it defines ${names.map((it) => it.value).join(', ')}` : 'it defines none';
    const missing: Rejected = {
      name: `subset ${subset}`,
      because: rule.value
        ? `the DestinationRule of ${service.host} lacks it: ${there}`
        : `no DestinationRule of ${service.host} acts on the client`,
      evidence: names.map((it) => it.at),
    };
    return reasons(['DST-3'], [missing, ...rule.rejected], [...rule.evidence, service.hostAt]);
  }
  if (isWildcard(service.host) && service.resolution === 'dynamic-dns') {
    const because =
      subset === ''
        ? `${port.protocol} is not a protocol for names that are resolved on demand`
        : 'names that are resolved on demand have no subsets';
    return reasons(['CL-2'], [{ name: service.title, because, evidence: [port.at] }]);
  }
  const because =
    subset === ''
      ? 'DNS services without endpoints have no cluster'
      : `no endpoint has the labels of subset ${subset}, and DNS services have no empty clusters`;
  return reasons(['CL-3'], [{ name: service.title, because, evidence: [service.hostAt] }], rule.evidence);
}
