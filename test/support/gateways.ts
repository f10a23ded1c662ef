import { Workspace } from '../../src/core/mesh/workspace.js';
import { buildSnapshot, type MeshSnapshot } from '../../src/core/mesh/snapshot.js';
import { proxyOf, type Proxy } from '../../src/core/xds/proxy.js';

/** A server of {@link gateway}; hosts are `*` when not given. */
export interface Server {
  readonly port: number;
  readonly protocol: string;
  readonly name?: string;
  readonly hosts?: readonly string[];
  readonly tls?: string;
  readonly bind?: string;
}

/** A Gateway of namespace `edge`, for the default ingress gateway. */
export function gateway(name: string, servers: readonly Server[], namespace = 'edge'): string {
  const list = servers.map((it, index) => {
    const { port, protocol, hosts = ['*'], tls, bind } = it;
    const parts = [
      `port: { number: ${port}, name: ${it.name ?? `${protocol.toLowerCase()}-${index}`}, protocol: ${protocol} }`,
      `hosts: [${hosts.map((host) => JSON.stringify(host)).join(', ')}]`,
      ...(tls ? [`tls: ${tls}`] : []),
      ...(bind ? [`bind: ${bind}`] : []),
    ];
    return `    - { ${parts.join(', ')} }`;
  });
  return `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  selector: { istio: ingressgateway }
  servers:
${list.join('\n')}
`;
}

/** A VirtualService whose spec is given in YAML's flow style. */
export function virtualService(name: string, spec: string, namespace = 'edge'): string {
  return `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name}, namespace: ${namespace} }
spec: ${spec}
`;
}

/** Port 80 of Service `web` beside the VirtualService. */
export const TO_WEB = 'route: [{ destination: { host: web, port: { number: 80 } } }]';

/** The mesh of these documents, with its default ingress gateway. */
export function meshOf(...documents: readonly string[]): { mesh: MeshSnapshot; proxy: Proxy } {
  const workspace = new Workspace();
  workspace.setFile('file:///mesh.yaml', documents.join('---\n'));
  const mesh = buildSnapshot(workspace.resources());
  const pod = mesh.podsOf('istio-system/istio-ingressgateway')[0]!;
  return { mesh, proxy: proxyOf(pod)! };
}

/** The commonest TLS settings of a server. */
export const SIMPLE = '{ mode: SIMPLE, credentialName: cert }';
