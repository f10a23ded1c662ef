import { buildSnapshot, type MeshSnapshot } from '../../src/core/mesh/snapshot.js';
import { Workspace } from '../../src/core/mesh/workspace.js';
import type { World } from '../../src/core/mesh/world.js';
import { traceRequest } from '../../src/core/trace/trace.js';
import type { Target } from '../../src/core/trace/request.js';
import type { Path } from '../../src/core/trace/path.js';
import { proxyOf, type Proxy } from '../../src/core/xds/proxy.js';

/** A mesh of documents, each a text of YAML; namespaces `shop` and `bank` have sidecars, `bare` has none. */
export function smallMesh(documents: readonly string[], world: Partial<World> = {}): MeshSnapshot {
  const workspace = new Workspace();
  const all = [namespace('shop'), namespace('bank'), namespace('bare', false), ...documents];
  workspace.setFile('file:///mesh.yaml', all.join('\n---\n'));
  return buildSnapshot(workspace.resources(), world);
}

export function namespace(name: string, injected = true): string {
  return `{apiVersion: v1, kind: Namespace, metadata: {name: ${name}${injected ? ', labels: {istio-injection: enabled}' : ''}}}`;
}

export interface PodOptions {
  readonly labels?: string;
  readonly ip?: string;
  readonly node?: string;
  readonly ready?: boolean;
  readonly account?: string;
}

/** A pod that listens on 8080 and 9000. */
export function pod(id: string, { labels = '', ip, node, ready = true, account }: PodOptions = {}): string {
  const [ns, name] = id.split('/');
  const place = `${node ? `nodeName: ${node}, ` : ''}${account ? `serviceAccountName: ${account}, ` : ''}`;
  const status = `{phase: Running${ip ? `, podIP: ${ip}` : ''}, conditions: [{type: Ready, status: "${ready ? 'True' : 'False'}"}]}`;
  return `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, namespace: ${ns}, labels: {${labels}}}, spec: {${place}containers: [{name: c, ports: [{containerPort: 8080}, {containerPort: 9000}]}]}, status: ${status}}`;
}

export function node(name: string, region: string, zone: string): string {
  return `{apiVersion: v1, kind: Node, metadata: {name: ${name}, labels: {topology.kubernetes.io/region: ${region}, topology.kubernetes.io/zone: ${zone}}}}`;
}

/** A Service with port 80 (http, to 8080) and 9000 (tcp), of the pods with label `app: <name>` unless told otherwise. */
export function service(id: string, more = '', app?: string): string {
  const [ns, name] = id.split('/');
  const ports = '[{name: http, port: 80, targetPort: 8080}, {name: tcp, port: 9000}]';
  return `{apiVersion: v1, kind: Service, metadata: {name: ${name}, namespace: ${ns}}, spec: {selector: {app: ${app ?? name}}, ports: ${ports}${more ? `, ${more}` : ''}}}`;
}

/** An Istio object: `istio('DestinationRule', 'shop/cart', 'host: cart')`. */
export function istio(kind: string, id: string, spec: string, metadata = ''): string {
  const [ns, name] = id.split('/');
  const group = /Authentication|Authorization/.test(kind) ? 'security' : 'networking';
  return `{apiVersion: ${group}.istio.io/v1, kind: ${kind}, metadata: {name: ${name}, namespace: ${ns}${metadata ? `, ${metadata}` : ''}}, spec: {${spec}}}`;
}

export function proxyIn(mesh: MeshSnapshot, id: string): Proxy {
  const proxy = mesh.pod(id) && proxyOf(mesh.pod(id)!);
  if (!proxy) throw new Error(`no proxy in ${id}`);
  return proxy;
}

export function pathsFrom(mesh: MeshSnapshot, from: string, to: Target): readonly Path[] {
  return traceRequest(mesh, { from: { pod: from }, to }).paths;
}

/** `67 % delivered shop/cart:8080`, `33 % 503 UF,URX`: a line for each path. */
export function outcomesFrom(mesh: MeshSnapshot, from: string, to: Target): string[] {
  return pathsFrom(mesh, from, to).map(({ share, outcome }) => {
    const part = `${Math.round(share * 100)} %`;
    switch (outcome.result) {
      case 'delivered': {
        const status = outcome.status === 200 || outcome.status === undefined ? '' : ` ${outcome.status}`;
        return `${part} delivered ${[...new Set(outcome.endpoints)].join(', ')}${status}`;
      }
      case 'status':
        return [part, outcome.status, outcome.flags].filter((it) => it !== undefined).join(' ');
      case 'unknown':
        return `${part} unknown`;
      default:
        return [part, outcome.result, outcome.flags].filter((it) => it !== undefined).join(' ');
    }
  });
}
