import type { Assumption } from '../base/explained.js';
import type { Location } from '../base/location.js';
import type { BoundServer } from '../mesh/gateways.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { Secret } from '../model/kubernetes.js';
import type { DownstreamTls } from './config.js';
import type { Proxy } from './proxy.js';

/** How a server takes off TLS, and where that is written. */
export interface TerminatedTls {
  readonly tls: DownstreamTls;
  readonly evidence: readonly Location[];
  readonly rules: readonly string[];
  readonly assumptions: readonly Assumption[];
}

const MODES: Readonly<Record<string, DownstreamTls['mode']>> = {
  ISTIO_MUTUAL: 'mesh',
  MUTUAL: 'mutual',
  OPTIONAL_MUTUAL: 'optional-mutual',
};

/** The TLS of a terminating server, with the secrets that the gateway's pod can load (GW-15, GW-16). */
export function downstreamTls(mesh: MeshSnapshot, proxy: Proxy, { server }: BoundServer): TerminatedTls {
  const settings = server.tls!;
  const mode = MODES[settings.mode.value] ?? 'simple';
  const evidence: Location[] = [settings.mode.at];
  if (mode === 'mesh') return { tls: { mode }, evidence, rules: ['GW-15'], assumptions: [] };
  if (settings.credentialNames.length === 0) {
    const files = settings.serverCertificate ?? settings.privateKey;
    const assumptions = [
      { text: 'The certificate files are taken to be in the gateway', ...(files && { at: files.at }) },
    ];
    return { tls: { mode }, evidence: files ? [...evidence, files.at] : evidence, rules: ['GW-15'], assumptions };
  }
  evidence.push(...settings.credentialNames.map((it) => it.at));
  const assumptions: Assumption[] = [];
  let missing: string | undefined;
  let loaded = 0;
  for (const [index, name] of settings.credentialNames.entries()) {
    // the first of several brings the CA
    const found = loadSecret(
      mesh,
      proxy.namespace,
      name.value,
      mode !== 'simple' && index === 0 && !settings.caElsewhere,
    );
    if (found.assumed !== undefined) assumptions.push({ text: found.assumed, at: name.at });
    evidence.push(...found.evidence);
    if (found.missing === undefined) loaded++;
    else missing ??= found.missing;
  }
  // of several certificates Envoy waits for each
  const secretMissing = loaded === settings.credentialNames.length ? undefined : missing;
  return {
    tls: secretMissing === undefined ? { mode } : { mode, secretMissing },
    evidence,
    rules: ['GW-15', 'GW-16'],
    assumptions,
  };
}

interface Loaded {
  /** Why the handshake cannot be made. */
  readonly missing?: string;
  readonly assumed?: string;
  readonly evidence: readonly Location[];
}

function loadSecret(mesh: MeshSnapshot, podNamespace: string, name: string, withCa: boolean): Loaded {
  if (name === 'builtin://') return { evidence: [] };
  const { namespace, secret } = parseCredential(name, podNamespace);
  if (namespace !== podNamespace && !name.startsWith('kubernetes-gateway://')) {
    return { missing: `a gateway in ${podNamespace} may not read Secret ${namespace}/${secret}`, evidence: [] };
  }
  const found = mesh.find('Secret', namespace, secret);
  if (!found) {
    if (mesh.world.synthesizeMissingTlsSecrets)
      return { assumed: `Secret ${namespace}/${secret} is taken to exist`, evidence: [] };
    const elsewhere = mesh.of('Secret').find((it) => it.name === secret);
    const hint = elsewhere ? `; the one in ${elsewhere.namespace} is not looked at` : '';
    return {
      missing: `there is no Secret ${namespace}/${secret}, where the gateway's pod runs${hint}`,
      evidence: elsewhere ? [elsewhere.nameAt] : [],
    };
  }
  if (!hasKeyPair(found)) {
    return {
      missing: `Secret ${namespace}/${secret} has no tls.crt with tls.key, nor cert with key`,
      evidence: [found.nameAt],
    };
  }
  if (!withCa) return { evidence: [found.nameAt] };
  const ca = mesh.find('Secret', namespace, `${secret}-cacert`);
  if (ca && hasCa(ca)) return { evidence: [found.nameAt, ca.nameAt] };
  if (hasCa(found)) return { evidence: [found.nameAt] };
  return {
    missing: `there is no CA for client certificates: neither Secret ${namespace}/${secret}-cacert nor ca.crt in ${secret}`,
    evidence: [found.nameAt],
  };
}

function parseCredential(name: string, podNamespace: string): { namespace: string; secret: string } {
  const path = name.replace(/^kubernetes(-gateway)?:\/\//, '');
  const slash = path.indexOf('/');
  return slash < 0
    ? { namespace: podNamespace, secret: path }
    : { namespace: path.slice(0, slash), secret: path.slice(slash + 1) };
}

function hasKeyPair({ keys }: Secret): boolean {
  return (keys.has('tls.crt') && keys.has('tls.key')) || (keys.has('cert') && keys.has('key'));
}

function hasCa(it: Secret | undefined): boolean {
  return it !== undefined && (it.keys.has('cacert') || it.keys.has('ca.crt'));
}
