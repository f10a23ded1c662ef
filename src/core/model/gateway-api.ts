import type { Location, Sourced } from '../base/location.js';
import type { Fields, StringMap } from './fields.js';
import { nonEmpty } from './reading.js';
import type { ResourceBase } from './resource.js';

/*
 * The objects of gateway.networking.k8s.io that say where traffic enters. Fields that the API server fills in when they are
 * absent are filled in here (META-3).
 */

export const GATEWAY_API = 'gateway.networking.k8s.io';

/** A name in another object, with the defaults of the place that it stands in. */
export interface ObjectRef {
  readonly group: string;
  readonly kind: string;
  /** `undefined` for the namespace of the object that refers. */
  readonly namespace: Sourced<string> | undefined;
  readonly name: Sourced<string>;
  readonly at: Location;
}

/** Which namespaces may attach: `Same`, `All`, `None`, or those that the selector picks. */
export interface NamespaceRule {
  readonly from: string;
  readonly selector: LabelSelector | undefined;
  readonly at: Location;
}

export interface LabelSelector {
  readonly matchLabels: StringMap;
  readonly expressions: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values: readonly string[];
  }[];
}

export interface ListenerTls {
  readonly mode: Sourced<string>;
  readonly certificateRefs: readonly ObjectRef[];
  readonly options: StringMap;
  readonly at: Location;
}

export interface K8sListener {
  readonly name: Sourced<string>;
  /** 0 when not given, which only ListenerSets may leave out. */
  readonly port: Sourced<number>;
  readonly protocol: Sourced<string>;
  readonly hostname: Sourced<string> | undefined;
  readonly tls: ListenerTls | undefined;
  readonly namespaces: NamespaceRule;
  /** Kinds of routes; empty means those that fit the protocol. */
  readonly kinds: readonly { readonly group: string; readonly kind: string; readonly at: Location }[];
  readonly at: Location;
}

/** Whether and how clients must show certificates. */
export interface FrontendValidation {
  /** `undefined` for all ports without a rule of their own. */
  readonly port: number | undefined;
  readonly caRefs: readonly ObjectRef[];
  readonly mode: string;
  readonly at: Location;
}

/** gateway.networking.k8s.io's Gateway. */
export interface K8sGateway extends ResourceBase {
  readonly kind: 'K8sGateway';
  readonly kindName: 'Gateway';
  readonly className: Sourced<string>;
  readonly addresses: readonly { readonly type: string; readonly value: string; readonly at: Location }[];
  readonly listeners: readonly K8sListener[];
  /** Whose ListenerSets may join. */
  readonly allowedListeners: NamespaceRule;
  readonly infrastructureLabels: StringMap | undefined;
  readonly frontend: readonly FrontendValidation[];
}

export interface GatewayClass extends ResourceBase {
  readonly kind: 'GatewayClass';
  readonly controller: Sourced<string> | undefined;
}

export interface ListenerSet extends ResourceBase {
  readonly kind: 'ListenerSet';
  readonly parent: ObjectRef | undefined;
  readonly listeners: readonly K8sListener[];
}

export interface ReferenceGrant extends ResourceBase {
  readonly kind: 'ReferenceGrant';
  readonly from: readonly {
    readonly group: string;
    readonly kind: string;
    readonly namespace: string;
    readonly at: Location;
  }[];
  readonly to: readonly {
    readonly group: string;
    readonly kind: string;
    readonly name: string | undefined;
    readonly at: Location;
  }[];
}

export function readK8sGateway(base: ResourceBase, body: Fields): K8sGateway {
  const spec = body.fieldsOrEmpty('spec');
  const infrastructure = spec.fields('infrastructure');
  const frontend = spec.fieldsOrEmpty('tls').fields('frontend');
  return {
    ...base,
    kind: 'K8sGateway',
    kindName: 'Gateway',
    className: spec.string('gatewayClassName') ?? { value: '', at: spec.at },
    addresses: spec.list('addresses').map((it) => ({
      type: it.string('type')?.value ?? 'IPAddress',
      value: it.string('value')?.value ?? '',
      at: it.at,
    })),
    listeners: spec.list('listeners').map(readListener),
    allowedListeners: readNamespaces(spec.fieldsOrEmpty('allowedListeners'), 'None'),
    infrastructureLabels: infrastructure?.fields('labels') && infrastructure.stringMap('labels'),
    frontend: frontend ? readFrontend(frontend) : [],
  };
}

function readFrontend(frontend: Fields): FrontendValidation[] {
  const read = (port: number | undefined, it: Fields | undefined): FrontendValidation[] => {
    const validation = it?.fields('validation');
    if (!validation) return [];
    const caRefs = validation.list('caCertificateRefs').flatMap((ref) => readRef(ref, '', 'ConfigMap'));
    return [{ port, caRefs, mode: validation.string('mode')?.value ?? 'AllowValidOnly', at: validation.at }];
  };
  return [
    ...read(undefined, frontend.fields('default')),
    ...frontend.list('perPort').flatMap((it) => read(it.number('port')?.value, it.fields('tls'))),
  ];
}

export function readGatewayClass(base: ResourceBase, body: Fields): GatewayClass {
  return { ...base, kind: 'GatewayClass', controller: body.fieldsOrEmpty('spec').string('controllerName') };
}

export function readListenerSet(base: ResourceBase, body: Fields): ListenerSet {
  const spec = body.fieldsOrEmpty('spec');
  const parent = spec.fields('parentRef');
  return {
    ...base,
    kind: 'ListenerSet',
    parent: parent && readRef(parent, GATEWAY_API, 'Gateway')[0],
    listeners: spec.list('listeners').map(readListener),
  };
}

export function readReferenceGrant(base: ResourceBase, body: Fields): ReferenceGrant {
  const spec = body.fieldsOrEmpty('spec');
  const text = (it: Fields, key: string): string => it.string(key)?.value ?? '';
  return {
    ...base,
    kind: 'ReferenceGrant',
    from: spec
      .list('from')
      .map((it) => ({ group: text(it, 'group'), kind: text(it, 'kind'), namespace: text(it, 'namespace'), at: it.at })),
    to: spec
      .list('to')
      .map((it) => ({ group: text(it, 'group'), kind: text(it, 'kind'), name: it.string('name')?.value, at: it.at })),
  };
}

function readListener(it: Fields): K8sListener {
  const tls = it.fields('tls');
  const allowed = it.fieldsOrEmpty('allowedRoutes');
  return {
    name: it.string('name') ?? { value: '', at: it.at },
    port: it.number('port') ?? { value: 0, at: it.at },
    protocol: it.string('protocol') ?? { value: '', at: it.at },
    hostname: nonEmpty(it.string('hostname')),
    tls: tls && {
      mode: tls.string('mode') ?? { value: 'Terminate', at: tls.at },
      certificateRefs: tls.list('certificateRefs').flatMap((ref) => readRef(ref, '', 'Secret')),
      options: tls.stringMap('options'),
      at: tls.at,
    },
    namespaces: readNamespaces(allowed, 'Same'),
    kinds: allowed.list('kinds').map((kind) => ({
      group: kind.string('group')?.value ?? GATEWAY_API,
      kind: kind.string('kind')?.value ?? '',
      at: kind.at,
    })),
    at: it.at,
  };
}

function readNamespaces(from: Fields, otherwise: string): NamespaceRule {
  const namespaces = from.fieldsOrEmpty('namespaces');
  const selector = namespaces.fields('selector');
  return {
    from: namespaces.string('from')?.value ?? otherwise,
    selector: selector && readLabelSelector(selector),
    at: namespaces.node ? namespaces.at : from.at,
  };
}

/** Kubernetes' LabelSelector; an empty one selects everything. */
export function readLabelSelector(it: Fields): LabelSelector {
  return {
    matchLabels: it.stringMap('matchLabels'),
    expressions: it.list('matchExpressions').map((expression) => ({
      key: expression.string('key')?.value ?? '',
      operator: expression.string('operator')?.value ?? '',
      values: expression.strings('values').map((value) => value.value),
    })),
  };
}

/** A reference, or nothing when it names nothing. */
export function readRef(it: Fields, group: string, kind: string): ObjectRef[] {
  const name = it.string('name');
  if (!name) return [];
  return [
    {
      group: it.string('group')?.value ?? group,
      kind: it.string('kind')?.value ?? kind,
      namespace: nonEmpty(it.string('namespace')),
      name,
      at: it.at,
    },
  ];
}
