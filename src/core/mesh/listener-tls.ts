import { sourced, type Location } from '../base/location.js';
import type { K8sGateway, K8sListener, ListenerSet, ObjectRef } from '../model/gateway-api.js';
import type { ServerTls } from '../model/gateway.js';
import { mayRefer } from './reference-grants.js';
import type { MeshSnapshot } from './snapshot.js';

/** Why a listener cannot be programmed. */
export interface ListenerProblem {
  readonly because: string;
  readonly at: Location;
  readonly rules: readonly string[];
}

export type ListenerTlsResult =
  { readonly tls: ServerTls | undefined; readonly problem?: undefined } | { readonly problem: ListenerProblem };

/** The TLS settings of a listener in the terms of an Istio Gateway's server (GAPI-8, GAPI-9, GAPI-10). */
export function listenerTls(
  mesh: MeshSnapshot,
  gateway: K8sGateway,
  owner: K8sGateway | ListenerSet,
  listener: K8sListener,
  port: number,
): ListenerTlsResult {
  const written = listener.tls;
  if (!written) return { tls: undefined };
  const { mode, at } = written;
  if (mode.value === 'Passthrough') {
    const auto = isAutoPassthrough(owner, listener, port);
    return { tls: settings(at, auto ? 'AUTO_PASSTHROUGH' : 'PASSTHROUGH', mode.at) };
  }
  const option = written.options.get('gateway.istio.io/tls-terminate-mode');
  if (option?.value === 'ISTIO_MUTUAL') return { tls: settings(at, 'ISTIO_MUTUAL', option.at) };
  if (option?.value === 'ISTIO_SIMPLE') {
    return { tls: { ...settings(at, 'SIMPLE', option.at), credentialNames: [sourced('builtin://', option.at)] } };
  }
  const { certificateRefs } = written;
  if (certificateRefs.length > 2) {
    return { problem: { because: 'a listener takes two certificates at most', at, rules: ['GAPI-8'] } };
  }
  const checked = certificateRefs.map((ref) => certificate(mesh, owner, ref));
  const good = checked.flatMap((it) => ('name' in it ? [sourced(it.name, it.at)] : []));
  const bad = checked.find((it): it is ListenerProblem => 'because' in it);
  if (good.length === 0 && bad) return { problem: bad };
  const tls: ServerTls = {
    ...settings(
      at,
      option?.value === 'MUTUAL' || option?.value === 'OPTIONAL_MUTUAL' ? option.value : 'SIMPLE',
      option?.at ?? mode.at,
    ),
    credentialNames: good,
  };
  return withFrontend(mesh, gateway, owner, tls, port, option?.value);
}

/** GAPI-10 */
function withFrontend(
  mesh: MeshSnapshot,
  gateway: K8sGateway,
  owner: K8sGateway | ListenerSet,
  tls: ServerTls,
  port: number,
  option: string | undefined,
): ListenerTlsResult {
  const perPort = gateway.frontend.find((it) => it.port === port);
  const validation = perPort ?? gateway.frontend.find((it) => it.port === undefined);
  const [ref, second] = validation?.caRefs ?? [];
  if (!validation || !ref) return { tls };
  if (second) {
    return {
      problem: { because: 'only one CA for client certificates is supported', at: second.at, rules: ['GAPI-10'] },
    };
  }
  const problem = caProblem(mesh, owner, ref);
  if (problem) return { problem };
  const lenient = validation.mode === 'AllowInsecureFallback';
  const mode = option === 'MUTUAL' || option === 'OPTIONAL_MUTUAL' ? option : lenient ? 'OPTIONAL_MUTUAL' : 'MUTUAL';
  return { tls: { ...tls, mode: sourced(mode, validation.at), caElsewhere: ref.name } };
}

function caProblem(mesh: MeshSnapshot, owner: K8sGateway | ListenerSet, ref: ObjectRef): ListenerProblem | undefined {
  const namespace = ref.namespace?.value ?? owner.namespace;
  const kind = ref.kind === 'Secret' ? 'Secret' : 'ConfigMap';
  const rules = ['GAPI-10'];
  if (ref.group !== '' || (ref.kind !== 'Secret' && ref.kind !== 'ConfigMap')) {
    return { because: `a CA is a ConfigMap or Secret, not a ${ref.kind}`, at: ref.at, rules };
  }
  const found = mesh.find(kind, namespace, ref.name.value);
  const keys = found?.kind === 'Secret' ? found.keys : new Set(found?.data.keys());
  if (!found || !(keys.has('ca.crt') || keys.has('cacert'))) {
    return { because: `there is no ${kind} ${namespace}/${ref.name.value} with ca.crt`, at: ref.name.at, rules };
  }
  const allowed = mayRefer(mesh, referrer(owner), { group: '', kind, namespace, name: ref.name.value });
  return allowed
    ? undefined
    : { because: `no ReferenceGrant in ${namespace} lets it use ${kind} ${ref.name.value}`, at: ref.at, rules };
}

/** GAPI-9: whether there is such a Secret, then whether it may be used. */
function certificate(
  mesh: MeshSnapshot,
  owner: K8sGateway | ListenerSet,
  ref: ObjectRef,
): { readonly name: string; readonly at: Location } | ListenerProblem {
  const namespace = ref.namespace?.value ?? owner.namespace;
  const name = ref.name.value;
  const rules = ['GAPI-9'];
  if (ref.group !== '' || ref.kind !== 'Secret')
    return { because: `a certificate is a Secret, not a ${ref.kind}`, at: ref.at, rules };
  const secret = mesh.find('Secret', namespace, name);
  const assumed = mesh.world.synthesizeMissingTlsSecrets;
  if (!secret && !assumed) return { because: `there is no Secret ${namespace}/${name}`, at: ref.name.at, rules };
  if (secret && !hasKeyPair(secret.keys))
    return { because: `Secret ${namespace}/${name} has no tls.crt with tls.key`, at: ref.name.at, rules };
  if (!mayRefer(mesh, referrer(owner), { group: '', kind: 'Secret', namespace, name })) {
    return {
      because: `no ReferenceGrant in ${namespace} lets it use Secret ${name}`,
      at: ref.at,
      rules: ['GAPI-9', 'GAPI-20'],
    };
  }
  return { name: `kubernetes-gateway://${namespace}/${name}`, at: ref.name.at };
}

function referrer(owner: K8sGateway | ListenerSet): { kind: string; namespace: string } {
  return { kind: owner.kind === 'ListenerSet' ? 'ListenerSet' : 'Gateway', namespace: owner.namespace };
}

function hasKeyPair(keys: ReadonlySet<string>): boolean {
  return (keys.has('tls.crt') && keys.has('tls.key')) || (keys.has('cert') && keys.has('key'));
}

function isAutoPassthrough(owner: K8sGateway | ListenerSet, listener: K8sListener, port: number): boolean {
  if (listener.tls?.options.get('gateway.istio.io/listener-protocol')?.value === 'auto-passthrough') return true;
  if (!owner.labels.has('topology.istio.io/network')) return false;
  return String(port) === (owner.labels.get('networking.istio.io/gatewayPort')?.value ?? '15443');
}

function settings(at: Location, mode: string, modeAt: Location): ServerTls {
  return {
    httpsRedirect: undefined,
    mode: sourced(mode, modeAt),
    credentialNames: [],
    serverCertificate: undefined,
    privateKey: undefined,
    caCertificates: undefined,
    at,
  };
}
