import type { Location, Sourced } from '../base/location.js';
import type { Fields, StringMap } from './fields.js';
import { readExportTo, readWorkloadSelector } from './reading.js';
import type { ResourceBase, Selector } from './resource.js';

export type Resolution = 'NONE' | 'STATIC' | 'DNS' | 'DNS_ROUND_ROBIN' | 'DYNAMIC_DNS';

export interface ServiceEntryPort {
  readonly number: Sourced<number>;
  readonly name: Sourced<string> | undefined;
  readonly protocol: Sourced<string> | undefined;
  readonly targetPort: Sourced<number> | undefined;
  readonly at: Location;
}

/** A WorkloadEntry's content; also each of a ServiceEntry's `endpoints`. */
export interface WorkloadEntrySpec {
  readonly address: Sourced<string> | undefined;
  readonly ports: ReadonlyMap<string, Sourced<number>>;
  readonly labels: StringMap;
  readonly network: string | undefined;
  readonly locality: string | undefined;
  readonly weight: number | undefined;
  readonly serviceAccount: string | undefined;
  readonly at: Location;
}

export interface WorkloadEntry extends ResourceBase {
  readonly kind: 'WorkloadEntry';
  readonly spec: WorkloadEntrySpec;
}

export interface ServiceEntry extends ResourceBase {
  readonly kind: 'ServiceEntry';
  readonly hosts: readonly Sourced<string>[];
  readonly addresses: readonly Sourced<string>[];
  readonly ports: readonly ServiceEntryPort[];
  /** False unless `location: MESH_INTERNAL`. */
  readonly internal: boolean;
  readonly location: Sourced<string> | undefined;
  readonly resolution: Resolution;
  readonly resolutionAt: Location;
  readonly endpoints: readonly WorkloadEntrySpec[];
  readonly workloadSelector: Selector | undefined;
  readonly exportTo: readonly Sourced<string>[] | undefined;
  readonly subjectAltNames: readonly Sourced<string>[];
  /** Addresses that istiod allocated (status.addresses), by host. */
  readonly allocated: ReadonlyMap<string, readonly string[]>;
}

export function readServiceEntry(base: ResourceBase, body: Fields): ServiceEntry {
  const spec = body.fieldsOrEmpty('spec');
  const location = spec.string('location');
  const resolution = spec.string('resolution');
  const known: readonly string[] = ['NONE', 'STATIC', 'DNS', 'DNS_ROUND_ROBIN', 'DYNAMIC_DNS'];
  const allocated = new Map<string, string[]>();
  for (const entry of body.fieldsOrEmpty('status').list('addresses')) {
    const host = entry.string('host')?.value ?? '';
    const value = entry.string('value')?.value;
    if (value) allocated.set(host, [...(allocated.get(host) ?? []), value]);
  }
  return {
    ...base,
    kind: 'ServiceEntry',
    hosts: spec.strings('hosts'),
    addresses: spec.strings('addresses'),
    ports: spec.list('ports').flatMap((it) => {
      const number = it.number('number');
      if (!number) return [];
      const targetPort = it.number('targetPort');
      return [{ number, name: it.string('name'), protocol: it.string('protocol'), targetPort, at: it.at }];
    }),
    internal: location?.value === 'MESH_INTERNAL',
    location,
    resolution: (resolution && known.includes(resolution.value) ? resolution.value : 'NONE') as Resolution,
    resolutionAt: spec.valueAt('resolution'),
    endpoints: spec.list('endpoints').map(readWorkloadEntrySpec),
    workloadSelector: readWorkloadSelector(spec),
    exportTo: readExportTo(spec),
    subjectAltNames: spec.strings('subjectAltNames'),
    allocated,
  };
}

export function readWorkloadEntry(base: ResourceBase, body: Fields): WorkloadEntry {
  return { ...base, kind: 'WorkloadEntry', spec: readWorkloadEntrySpec(body.fieldsOrEmpty('spec')) };
}

function readWorkloadEntrySpec(it: Fields): WorkloadEntrySpec {
  const ports = new Map<string, Sourced<number>>();
  const written = it.fields('ports');
  for (const name of written?.keys() ?? []) {
    const port = written!.number(name);
    if (port) ports.set(name, port);
  }
  return {
    address: it.string('address'),
    ports,
    labels: it.stringMap('labels'),
    network: it.string('network')?.value,
    locality: it.string('locality')?.value,
    weight: it.number('weight')?.value,
    serviceAccount: it.string('serviceAccount')?.value,
    at: it.at,
  };
}
