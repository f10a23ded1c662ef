import type { Location, Sourced } from '../base/location.js';
import type { Fields } from './fields.js';
import type { ResourceBase } from './resource.js';

export interface IngressBackend {
  readonly service: Sourced<string>;
  /** By number, or by the name of the Service's port. */
  readonly port: Sourced<number> | Sourced<string> | undefined;
  readonly at: Location;
}

export interface IngressPath {
  readonly path: Sourced<string>;
  /** Exact, Prefix, ImplementationSpecific; the last when not said. */
  readonly pathType: string;
  /** `undefined` for resources of other kinds, which Istio has no use for. */
  readonly backend: IngressBackend | undefined;
  readonly at: Location;
}

export interface IngressRule {
  readonly host: Sourced<string> | undefined;
  /** `undefined` for a rule without `http`. */
  readonly paths: readonly IngressPath[] | undefined;
  readonly at: Location;
}

export interface IngressTls {
  readonly hosts: readonly Sourced<string>[];
  readonly secretName: Sourced<string> | undefined;
  readonly at: Location;
}

/** networking.k8s.io's Ingress. */
export interface Ingress extends ResourceBase {
  readonly kind: 'Ingress';
  readonly className: Sourced<string> | undefined;
  readonly tls: readonly IngressTls[];
  readonly rules: readonly IngressRule[];
  readonly defaultBackend: Location | undefined;
}

export interface IngressClass extends ResourceBase {
  readonly kind: 'IngressClass';
  readonly controller: Sourced<string> | undefined;
}

export function readIngress(base: ResourceBase, body: Fields): Ingress {
  const spec = body.fieldsOrEmpty('spec');
  return {
    ...base,
    kind: 'Ingress',
    className: spec.string('ingressClassName'),
    tls: spec.list('tls').map((it) => ({ hosts: it.strings('hosts'), secretName: it.string('secretName'), at: it.at })),
    rules: spec.list('rules').map((it) => ({
      host: it.string('host'),
      paths: it.fields('http')?.list('paths').map(readPath),
      at: it.at,
    })),
    defaultBackend: spec.has('defaultBackend') ? spec.valueAt('defaultBackend') : undefined,
  };
}

export function readIngressClass(base: ResourceBase, body: Fields): IngressClass {
  return { ...base, kind: 'IngressClass', controller: body.fieldsOrEmpty('spec').string('controller') };
}

function readPath(it: Fields): IngressPath {
  const backend = it.fields('backend')?.fields('service');
  const service = backend?.string('name');
  const port = backend?.fieldsOrEmpty('port');
  const number = port?.number('number');
  return {
    path: it.string('path') ?? { value: '', at: it.at },
    pathType: it.string('pathType')?.value ?? 'ImplementationSpecific',
    backend: service && { service, port: number && number.value > 0 ? number : port?.string('name'), at: backend!.at },
    at: it.at,
  };
}
