import type { Location } from '../base/location.js';
import type { EffectivePolicy, EffectiveRule } from '../mesh/destination-rules.js';
import { INVALID_CREDENTIAL } from '../mesh/backend-policies.js';
import { namespacePeerMode } from '../mesh/policies.js';
import type { RegistryPort, RegistryService } from '../mesh/services.js';
import { sharedEndpoints } from '../mesh/shared-endpoints.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { ClientTls, LoadBalancer } from '../model/destination-rule.js';
import type { ClusterType, UpstreamTls } from './config.js';
import type { Proxy } from './proxy.js';

export interface TlsQuestion {
  readonly service: RegistryService;
  readonly port: RegistryPort;
  readonly subset: string;
  readonly type: ClusterType;
  readonly rule: EffectiveRule | undefined;
  readonly policy: EffectivePolicy;
}

export interface TlsAnswer {
  readonly tls: UpstreamTls;
  readonly rules: readonly string[];
  readonly evidence: readonly Location[];
  /** Why less is done than is written. */
  readonly dropped?: string;
}

/** What a proxy speaks to a cluster's endpoints (TLS-1..3). */
export function upstreamTls(mesh: MeshSnapshot, proxy: Proxy, question: TlsQuestion): TlsAnswer {
  const written = question.policy.tls;
  return written ? writtenTls(mesh, proxy, question, written) : automaticTls(mesh, question);
}

/** TLS-1: a mode in the rule holds for all endpoints, nothing is detected. */
function writtenTls(mesh: MeshSnapshot, proxy: Proxy, question: TlsQuestion, written: ClientTls): TlsAnswer {
  const { at } = written;
  const plaintext = (dropped?: string): TlsAnswer => ({
    tls: { mode: 'none', at },
    rules: ['TLS-1'],
    evidence: [at],
    ...(dropped === undefined ? {} : { dropped }),
  });
  const own = written.subjectAltNames.map((it) => it.value);
  switch (written.mode.value) {
    case 'DISABLE':
      return plaintext();
    case 'ISTIO_MUTUAL': {
      const sni = written.sni?.value ?? meshSni(question);
      const sans = own.length > 0 ? own : identitiesOf(mesh, question.service);
      return { tls: { mode: 'istio-mutual', sni, sans, at }, rules: ['TLS-1'], evidence: [at] };
    }
    case 'SIMPLE':
    case 'MUTUAL': {
      const mutual = written.mode.value === 'MUTUAL';
      const credential = written.credentialName?.value;
      if (credential !== undefined && credential !== '') {
        const open = credential.startsWith('configmap://');
        if (!open && proxy.type === 'sidecar' && !question.rule?.workloadSelector) {
          return plaintext(
            'a sidecar heeds credentialName only in a rule with a workloadSelector; without one it sends plaintext',
          );
        }
      } else if (mutual && (!written.clientCertificate?.value || !written.privateKey?.value)) {
        return plaintext('MUTUAL without clientCertificate and privateKey is dropped; plaintext is sent');
      }
      const entry = question.service.source.kind === 'ServiceEntry' ? question.service.source.subjectAltNames : [];
      const sans = own.length > 0 ? own : entry.map((it) => it.value);
      const sni = written.sni?.value === '' ? undefined : written.sni?.value;
      const verified = !written.insecureSkipVerify;
      const missing = missingSecret(mesh, proxy, credential);
      return {
        tls: {
          mode: mutual ? 'mutual' : 'simple',
          sni,
          sans,
          at,
          verified,
          ...(missing === undefined ? {} : { secretMissing: missing }),
        },
        rules: ['TLS-1'],
        evidence: [at],
      };
    }
  }
}

/** The secret or ConfigMap that a credentialName stands for, when the environment lacks it (BTP-2). */
function missingSecret(mesh: MeshSnapshot, proxy: Proxy, credential: string | undefined): string | undefined {
  if (!credential) return undefined;
  if (credential === INVALID_CREDENTIAL) return 'the ConfigMap with the CA does not exist or has no ca.crt';
  const [scheme, rest] = credential.includes('://') ? (credential.split('://') as [string, string]) : ['', credential];
  const [name, namespace = proxy.namespace] = rest.split('/').reverse() as [string, string?];
  if (scheme === 'configmap') {
    return mesh.find('ConfigMap', namespace, name) ? undefined : `ConfigMap ${namespace}/${name} does not exist`;
  }
  const found = [name, `${name}-cacert`].some((it) => mesh.find('Secret', namespace, it));
  return found || mesh.world.synthesizeMissingTlsSecrets ? undefined : `Secret ${namespace}/${name} does not exist`;
}

/** TLS-2, and TLS-3 for clusters that go where the application dialed. */
function automaticTls(mesh: MeshSnapshot, question: TlsQuestion): TlsAnswer {
  const { service, type } = question;
  const none = (rule: string, ...evidence: (Location | undefined)[]): TlsAnswer => {
    const places = evidence.flatMap((it) => it ?? []);
    return { tls: { mode: 'none', at: places[0] }, rules: [rule], evidence: places };
  };
  if (service.external) return none('TLS-2', locationOfExternal(service));
  if (!mesh.config.enableAutoMtls) return none('TLS-2', mesh.config.written?.valueAt('enableAutoMtls'));
  if (isAllOrNothing(question)) {
    const endpoints = sharedEndpoints(mesh, service, question.port);
    const without = endpoints.find((it) => it.tlsMode === 'disabled');
    if (endpoints.length === 0 || without) return none('TLS-3', ...(without?.evidence ?? [service.hostAt]));
  }
  const mode = namespacePeerMode(mesh, service.namespace);
  if (mode.value === 'DISABLE') return none('TLS-2', ...mode.evidence);
  const sni = meshSni(question);
  const sans = identitiesOf(mesh, service);
  // an original destination has no endpoint of which to decide: the whole cluster speaks TLS
  if (type === 'ORIGINAL_DST') {
    return { tls: { mode: 'istio-mutual', sni, sans, at: undefined }, rules: ['TLS-3'], evidence: mode.evidence };
  }
  return { tls: { mode: 'auto', sni, sans }, rules: ['TLS-2'], evidence: mode.evidence };
}

/** Whether istiod asks that all endpoints take mesh TLS: it looks at the rule as a whole, or at the subset alone. */
function isAllOrNothing({ service, subset, rule }: TlsQuestion): boolean {
  if (service.resolution === 'passthrough') return true;
  const policy =
    subset === '' ? rule?.trafficPolicy : rule?.subsets.find((it) => it.name.value === subset)?.trafficPolicy;
  return isPassthrough(policy?.loadBalancer);
}

export function isPassthrough(it: LoadBalancer | undefined): boolean {
  return it?.simple?.value === 'PASSTHROUGH';
}

function meshSni({ service, port, subset }: TlsQuestion): string {
  return `outbound_.${port.number}_.${subset}_.${service.host}`;
}

function locationOfExternal(service: RegistryService): Location {
  return service.source.kind === 'ServiceEntry' ? (service.source.location?.at ?? service.hostAt) : service.hostAt;
}

/** The identities that a service's endpoints may prove (TLS-5); none known: anybody's. */
export function identitiesOf(mesh: MeshSnapshot, service: RegistryService): readonly string[] {
  return mesh.remember(
    `identitiesOf ${service.namespace} ${service.source.kind}/${service.name} ${service.host}`,
    () => {
      const result = new Set<string>();
      for (const port of service.ports) {
        for (const { serviceAccount } of sharedEndpoints(mesh, service, port)) {
          // whatever runs at the address, the endpoint belongs to the namespace that names it
          if (serviceAccount) result.add(spiffe(mesh, service.namespace, serviceAccount));
        }
      }
      if (service.source.kind === 'ServiceEntry') for (const it of service.source.subjectAltNames) result.add(it.value);
      return [...result];
    },
  );
}

/** What a workload of the mesh proves with its certificate. */
export function spiffe(mesh: MeshSnapshot, namespace: string, serviceAccount: string): string {
  return `spiffe://${mesh.config.trustDomain}/ns/${namespace}/sa/${serviceAccount}`;
}
