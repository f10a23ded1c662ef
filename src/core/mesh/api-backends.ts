import { sourced, type Location } from '../base/location.js';
import type { BackendRef } from '../model/gateway-routes.js';
import type { Destination } from '../model/virtual-service.js';
import { mayRefer, type Referrer } from './reference-grants.js';
import { exportedTo } from './services.js';
import type { MeshSnapshot } from './snapshot.js';

/** A mistake that makes istiod drop a whole route (HR-9). */
export interface HardError {
  readonly because: string;
  readonly at: Location;
  readonly rules: readonly string[];
}

/** Where a backend's share goes: a destination, though it may not exist (HR-8, HR-10). */
export interface Backend {
  readonly destination: Destination;
  /** Why it has no cluster. */
  readonly missing: string | undefined;
}

export type BackendResult = Backend | HardError;

export function isHardError(it: object): it is HardError {
  return 'because' in it;
}

/** The destination of one backend. A route that hangs on a Service of the mesh needs no grant (MESH-8). */
export function backendOf(mesh: MeshSnapshot, ref: BackendRef, from: Referrer, needsGrant: boolean): BackendResult {
  const namespace = ref.namespace?.value ?? from.namespace;
  const name = ref.name.value;
  const { group, kind } = ref;
  if (needsGrant && !mayRefer(mesh, from, { group, kind, namespace, name })) {
    return nowhere(
      ref,
      `no ReferenceGrant in ${namespace} lets a ${from.kind} of ${from.namespace} use ${kind} ${name}`,
    );
  }
  const { clusterDomain } = mesh.config;
  let host: string;
  let known: boolean;
  if (group === '' && kind === 'Service') {
    if (name.includes('.'))
      return hard(`${name} is no name of a Service; host names are not allowed here`, ref.name.at);
    host = `${name}.${namespace}.svc.${clusterDomain}`;
    known = mesh.kubernetesServiceOf(namespace, name) !== undefined;
  } else if (group === 'networking.istio.io' && kind === 'Hostname') {
    if (ref.namespace) return hard('a Hostname has no namespace', ref.namespace.at);
    host = name;
    known = mesh.servicesNamed(name.toLowerCase()).some((it) => exportedTo(it.exportTo, namespace));
  } else if (group === 'multicluster.x-k8s.io' && kind === 'ServiceImport') {
    host = `${name}.${namespace}.svc.${clusterDomain}`;
    known = mesh.kubernetesServiceOf(namespace, name) !== undefined;
  } else {
    return nowhere(ref, `Istio has no backends of kind ${kind}`);
  }
  if (!ref.port) return hard(`backend ${name} needs a port`, ref.at);
  const destination = { host: sourced(host, ref.name.at), subset: undefined, port: ref.port, at: ref.at };
  return {
    destination,
    missing: known ? undefined : `there is no ${kind} ${kind === 'Service' ? `${namespace}/` : ''}${name}`,
  };
}

function hard(because: string, at: Location): HardError {
  return { because, at, rules: ['HR-9'] };
}

function nowhere(ref: BackendRef, missing: string): Backend {
  const destination = { host: sourced('', ref.name.at), subset: undefined, port: undefined, at: ref.at };
  return { destination, missing };
}
