import type { Location, Sourced } from '../base/location.js';
import type { Fields, StringMap } from './fields.js';
import type { ResourceBase } from './resource.js';

export interface ServerTls {
  readonly httpsRedirect: Sourced<boolean> | undefined;
  /** PASSTHROUGH, the first of the enum, when the block does not say. */
  readonly mode: Sourced<string>;
  readonly credentialNames: readonly Sourced<string>[];
  readonly serverCertificate: Sourced<string> | undefined;
  readonly privateKey: Sourced<string> | undefined;
  readonly caCertificates: Sourced<string> | undefined;
  /** The CA for client certificates is not to be looked for beside the certificate: this object has it (GAPI-10). */
  readonly caElsewhere?: Sourced<string>;
  readonly at: Location;
}

export interface GatewayServer {
  readonly port: Sourced<number>;
  readonly portName: string;
  readonly protocol: Sourced<string>;
  readonly hosts: readonly Sourced<string>[];
  readonly tls: ServerTls | undefined;
  readonly bind: Sourced<string> | undefined;
  readonly name: string | undefined;
  readonly at: Location;
}

/** networking.istio.io's Gateway. */
export interface IstioGateway extends ResourceBase {
  readonly kind: 'IstioGateway';
  readonly kindName: 'Gateway';
  readonly selector: StringMap;
  readonly selectorAt: Location;
  readonly servers: readonly GatewayServer[];
}

export function readIstioGateway(base: ResourceBase, body: Fields): IstioGateway {
  const spec = body.fieldsOrEmpty('spec');
  return {
    ...base,
    kind: 'IstioGateway',
    kindName: 'Gateway',
    selector: spec.stringMap('selector'),
    selectorAt: spec.valueAt('selector'),
    servers: spec.list('servers').flatMap(readServer),
  };
}

function readServer(it: Fields): GatewayServer[] {
  const port = it.fieldsOrEmpty('port');
  const number = port.number('number');
  if (!number) return [];
  const tls = it.fields('tls');
  return [
    {
      port: number,
      portName: port.string('name')?.value ?? '',
      protocol: port.string('protocol') ?? { value: '', at: port.at },
      hosts: it.strings('hosts'),
      tls: tls && readServerTls(tls),
      bind: it.string('bind'),
      name: it.string('name')?.value,
      at: it.at,
    },
  ];
}

function readServerTls(it: Fields): ServerTls {
  const single = it.string('credentialName');
  const mode = it.string('mode');
  return {
    httpsRedirect: it.boolean('httpsRedirect'),
    // the enum's first member is PASSTHROUGH, and istiod takes it when the block does not say
    mode: mode ?? { value: 'PASSTHROUGH', at: it.at },
    credentialNames: [...(single ? [single] : []), ...it.strings('credentialNames')],
    serverCertificate: it.string('serverCertificate'),
    privateKey: it.string('privateKey'),
    caCertificates: it.string('caCertificates'),
    at: it.at,
  };
}
