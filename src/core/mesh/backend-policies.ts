import type { Location, Sourced } from '../base/location.js';
import type { ClientTls, DestinationRule, PolicyFields, TrafficPolicy } from '../model/destination-rule.js';
import { NO_STRINGS, type Fields } from '../model/fields.js';
import type { OtherResource } from '../model/resources.js';
import type { MeshSnapshot } from './snapshot.js';

/** What a Gateway API policy says of TLS to a backend, as the DestinationRule that istiod makes of it (BTP-1). */
export interface BackendRule extends DestinationRule {
  readonly kindName: 'BackendTLSPolicy';
}

export function isBackendRule(it: DestinationRule): it is BackendRule {
  return 'kindName' in it && it.kindName === 'BackendTLSPolicy';
}

/** All BackendTLSPolicies of the mesh. */
export function backendPolicies(mesh: MeshSnapshot): readonly OtherResource[] {
  return mesh
    .of('Other')
    .filter((it) => it.kindName === 'BackendTLSPolicy' && it.apiVersion.startsWith('gateway.networking.k8s.io/'));
}

/** One rule for each host that policies name; of policies for the same port the oldest counts (BTP-3). */
export function backendRules(mesh: MeshSnapshot): readonly BackendRule[] {
  const targets = new Map<string, Attachment[]>();
  for (const it of [...backendPolicies(mesh)].sort(byAgeThenPlace).flatMap((policy) => attachmentsOf(mesh, policy))) {
    const known = targets.get(it.host) ?? [];
    // the one that came first has the port, or the whole backend
    if (!known.some((other) => other.port?.value === it.port?.value)) targets.set(it.host, [...known, it]);
  }
  return [...targets].map(([host, attachments]) => ruleOf(host, attachments));
}

function byAgeThenPlace(a: OtherResource, b: OtherResource): number {
  const place = (it: OtherResource): string => `${it.namespace}/${it.name}`;
  return (a.created ?? 0) - (b.created ?? 0) || (place(a) < place(b) ? -1 : 1);
}

interface Attachment {
  readonly policy: OtherResource;
  readonly host: string;
  readonly at: Location;
  /** The service's port, when the policy names one. */
  readonly port: Sourced<number> | undefined;
  readonly tls: ClientTls;
}

/** BTP-1: Services by their name, ServiceEntries by theirs, in the policy's namespace. A port that does not exist has no effect. */
function attachmentsOf(mesh: MeshSnapshot, policy: OtherResource): Attachment[] {
  const spec = policy.body.fieldsOrEmpty('spec');
  const tls = tlsOf(mesh, policy, spec.fieldsOrEmpty('validation'));
  return spec.list('targetRefs').flatMap((ref): Attachment[] => {
    const name = ref.string('name');
    if (!name) return [];
    const target = targetOf(mesh, policy.namespace, ref.string('kind')?.value ?? '', name.value);
    if (!target) return [];
    const section = ref.string('sectionName');
    const number = section && target.ports.get(section.value);
    if (section && section.value !== '' && number === undefined) return [];
    const port = section && number !== undefined ? { value: number, at: section.at } : undefined;
    return target.hosts.map((host) => ({ policy, host, at: name.at, port, tls }));
  });
}

function targetOf(
  mesh: MeshSnapshot,
  namespace: string,
  kind: string,
  name: string,
): { readonly hosts: readonly string[]; readonly ports: ReadonlyMap<string, number> } | undefined {
  if (kind === 'Service') {
    const service = mesh.find('Service', namespace, name);
    const hosts = [`${name}.${namespace}.svc.${mesh.config.clusterDomain}`];
    return service && { hosts, ports: new Map(service.ports.map((it) => [it.name?.value ?? '', it.port.value])) };
  }
  if (kind !== 'ServiceEntry') return undefined;
  const entry = mesh.find('ServiceEntry', namespace, name);
  return (
    entry && {
      hosts: entry.hosts.map((it) => it.value),
      ports: new Map(entry.ports.map((it) => [it.name?.value ?? '', it.number.value])),
    }
  );
}

function tlsOf(mesh: MeshSnapshot, policy: OtherResource, validation: Fields): ClientTls {
  const names = validation.list('subjectAltNames').flatMap((it) => it.string('hostname') ?? it.string('uri') ?? []);
  const at = validation.at;
  return {
    mode: { value: 'SIMPLE', at },
    sni: validation.string('hostname'),
    credentialName: authorityOf(mesh, policy, validation),
    caCertificates: undefined,
    clientCertificate: undefined,
    privateKey: undefined,
    subjectAltNames: names,
    insecureSkipVerify: false,
    at,
  };
}

/** A reference that leads nowhere blocks traffic; it does not fall back to plaintext (BTP-2). */
export const INVALID_CREDENTIAL = 'invalid://';

function authorityOf(mesh: MeshSnapshot, policy: OtherResource, validation: Fields): Sourced<string> | undefined {
  const ref = validation.string('wellKnownCACertificates') ? undefined : validation.list('caCertificateRefs')[0];
  const name = ref?.string('name');
  if (!ref || !name) return undefined;
  const map =
    ref.string('kind')?.value === 'ConfigMap' ? mesh.find('ConfigMap', policy.namespace, name.value) : undefined;
  const isGood = map?.data.has('ca.crt') ?? false;
  return { value: isGood ? `configmap://${policy.namespace}/${name.value}` : INVALID_CREDENTIAL, at: name.at };
}

function ruleOf(host: string, attachments: readonly Attachment[]): BackendRule {
  const { policy, at } = attachments[0]!;
  const fields = (tls: ClientTls | undefined): PolicyFields => ({
    connectionPool: undefined,
    outlierDetection: undefined,
    loadBalancer: undefined,
    tls,
    at: tls?.at ?? at,
  });
  const trafficPolicy: TrafficPolicy = {
    ...fields(attachments.find((it) => !it.port)?.tls),
    ports: attachments.flatMap(({ port, tls }) => (port ? [{ ...fields(tls), port }] : [])),
  };
  return {
    ...policy,
    kind: 'DestinationRule',
    kindName: 'BackendTLSPolicy',
    labels: NO_STRINGS,
    host: { value: host, at },
    trafficPolicy,
    subsets: [],
    workloadSelector: undefined,
    exportTo: undefined,
  };
}

/** BTP-4: what a user's rule leaves open, the policy fills, whichever of the two is older. */
export function filledBy(
  user: TrafficPolicy | undefined,
  policy: TrafficPolicy | undefined,
): TrafficPolicy | undefined {
  if (!user || !policy) return user ?? policy;
  const fill = (mine: PolicyFields, theirs: PolicyFields): PolicyFields => ({
    connectionPool: mine.connectionPool ?? theirs.connectionPool,
    outlierDetection: mine.outlierDetection ?? theirs.outlierDetection,
    loadBalancer: mine.loadBalancer ?? theirs.loadBalancer,
    tls: mine.tls ?? theirs.tls,
    at: mine.at,
  });
  const ports = user.ports.map((it) => {
    const theirs = policy.ports.find((other) => other.port.value === it.port.value);
    return theirs ? { ...fill(it, theirs), port: it.port } : it;
  });
  const more = policy.ports.filter((it) => !user.ports.some((own) => own.port.value === it.port.value));
  return { ...fill(user, policy), ports: [...ports, ...more] };
}
