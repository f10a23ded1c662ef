import type { Location, Sourced } from '../base/location.js';
import { readConnectionPool, type ConnectionPool } from './destination-rule.js';
import type { Fields } from './fields.js';
import { readWorkloadSelector } from './reading.js';
import type { ResourceBase, Selector } from './resource.js';

export interface SidecarPort {
  readonly number: Sourced<number>;
  readonly protocol: Sourced<string> | undefined;
  readonly name: Sourced<string> | undefined;
}

export interface EgressListener {
  readonly port: SidecarPort | undefined;
  readonly bind: Sourced<string> | undefined;
  readonly captureMode: string | undefined;
  readonly hosts: readonly Sourced<string>[];
  readonly at: Location;
}

export interface IngressListener {
  readonly port: SidecarPort;
  readonly bind: Sourced<string> | undefined;
  readonly captureMode: string | undefined;
  readonly defaultEndpoint: Sourced<string> | undefined;
  readonly connectionPool: ConnectionPool | undefined;
  readonly at: Location;
}

export interface Sidecar extends ResourceBase {
  readonly kind: 'Sidecar';
  readonly workloadSelector: Selector | undefined;
  /** `undefined` when the document has none, which means everything. */
  readonly egress: readonly EgressListener[] | undefined;
  readonly ingress: readonly IngressListener[];
  /** Present without a mode it means REGISTRY_ONLY. */
  readonly outboundTrafficPolicy: Sourced<string> | undefined;
  readonly inboundConnectionPool: ConnectionPool | undefined;
}

export function readSidecar(base: ResourceBase, body: Fields): Sidecar {
  const spec = body.fieldsOrEmpty('spec');
  const policy = spec.fields('outboundTrafficPolicy');
  const pool = spec.fields('inboundConnectionPool');
  const egress = spec.list('egress').map((it): EgressListener => ({
    port: readPort(it),
    bind: it.string('bind'),
    captureMode: it.string('captureMode')?.value,
    hosts: it.strings('hosts'),
    at: it.at,
  }));
  return {
    ...base,
    kind: 'Sidecar',
    workloadSelector: readWorkloadSelector(spec),
    egress: egress.length > 0 ? egress : undefined,
    ingress: spec.list('ingress').flatMap(readIngress),
    outboundTrafficPolicy: policy && (policy.string('mode') ?? { value: 'REGISTRY_ONLY', at: policy.at }),
    inboundConnectionPool: pool && readConnectionPool(pool),
  };
}

function readIngress(it: Fields): IngressListener[] {
  const port = readPort(it);
  if (!port) return [];
  const pool = it.fields('connectionPool');
  return [
    {
      port,
      bind: it.string('bind'),
      captureMode: it.string('captureMode')?.value,
      defaultEndpoint: it.string('defaultEndpoint'),
      connectionPool: pool && readConnectionPool(pool),
      at: it.at,
    },
  ];
}

function readPort(from: Fields): SidecarPort | undefined {
  const it = from.fields('port');
  const number = it?.number('number');
  return it && number ? { number, protocol: it.string('protocol'), name: it.string('name') } : undefined;
}
