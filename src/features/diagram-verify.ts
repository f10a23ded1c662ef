import { unreachable } from '../core/base/unreachable.js';
import type { Hop, Place, StageName } from '../core/trace/path.js';
import { parseClusterName } from './cluster-name.js';
import { curlLine, quote } from './curl.js';
import type { Context, Naming } from './diagram-detail.js';
import { clusterOfHop } from './hop-cluster.js';

/** A command that shows on a live cluster what the stage decided here; `undefined` where none can. */
export function verifyCommand(
  stage: StageName,
  hop: Hop,
  before: Hop | undefined,
  { request, naming }: Context,
): string | undefined {
  const workload = workloadOf(hop, naming);
  switch (stage) {
    case 'send request':
      return workload && `kubectl exec -n ${workload.namespace} ${workload.ref} -- ${curlLine(request)}`;
    case 'resolve name': {
      const client = before && workloadOf(before, naming);
      return client && before.packet.authority
        ? inPod(client, ['getent', 'hosts', before.packet.authority.replace(/:\d+$/, '')])
        : undefined;
    }
    case 'capture':
      // istio-init prints the iptables rules that it has set
      return workload && `kubectl logs -n ${workload.namespace} ${workload.ref} -c istio-init`;
    case 'choose listener':
    case 'choose filter chain':
    case 'accept connection':
    case 'authenticate peer':
    case 'authenticate request':
      return workload && proxyConfig('listeners', workload, ['--port', listenerPort(hop), '-o', 'json']);
    case 'authorize':
      return workload && `istioctl experimental authz check ${workload.ref}.${workload.namespace}`;
    case 'choose virtual host':
    case 'match route':
    case 'inject fault':
    case 'answer CORS':
    case 'redirect':
    case 'respond directly':
    case 'rewrite request':
    case 'mirror':
    case 'split by weight':
    case 'retry':
    case 'time out':
      return workload && hop.proxy?.routeConfig
        ? proxyConfig('routes', workload, ['--name', hop.proxy.routeConfig, '-o', 'json'])
        : undefined;
    case 'find cluster':
      return workload && proxyConfig('clusters', workload, clusterFilter(hop));
    case 'pick endpoint':
      return workload && hop.proxy?.cluster
        ? proxyConfig('endpoints', workload, ['--cluster', hop.proxy.cluster])
        : undefined;
    case 'connect upstream':
      return (
        workload &&
        (hop.packet.tls === 'mutual'
          ? proxyConfig('secret', workload, [])
          : proxyConfig('clusters', workload, clusterFilter(hop)))
      );
    case 'pass node':
      return endpointSlices(before);
    case 'reach application':
      return workload && `kubectl get pods -n ${workload.namespace} -o wide`;
    default:
      return unreachable(stage);
  }
}

interface Workload {
  readonly namespace: string;
  /** What kubectl and istioctl both take for any pod of it. */
  readonly ref: string;
}

function workloadOf({ place, proxy }: Hop, naming: Pick<Naming, 'resource'>): Workload | undefined {
  const pod = proxy?.proxy ?? place.pod ?? gatewayOf(place);
  const [namespace, name] = pod.split('/');
  if (!namespace || !name) return undefined;
  return { namespace: quote(namespace), ref: quote(naming.resource?.(pod) ?? `deploy/${name}`) };
}

const gatewayOf = ({ kind, name }: Place): string => (kind === 'gateway' ? name : '');

function proxyConfig(what: string, { namespace, ref }: Workload, options: readonly string[]): string {
  return ['istioctl', 'proxy-config', what, `${ref}.${namespace}`, ...options.map(quote)].join(' ');
}

function listenerPort({ proxy }: Hop): string {
  if (proxy?.side === 'inbound') return '15006';
  return /_(\d+)$/.exec(proxy?.listener ?? '')?.[1] ?? '15001';
}

function clusterFilter(hop: Hop): string[] {
  const name = parseClusterName(clusterOfHop(hop) ?? hop.proxy?.cluster ?? '');
  if (!name) return ['-o', 'json'];
  const filter = name.host ? ['--fqdn', name.host] : [];
  if (name.subset) filter.push('--subset', name.subset);
  return [...filter, '--port', name.port, '--direction', name.direction, '-o', 'json'];
}

function endpointSlices(before: Hop | undefined): string {
  const host = parseClusterName(before?.proxy?.cluster ?? '')?.host ?? '';
  const [service, namespace, svc] = host.split('.');
  if (svc !== 'svc' || !service || !namespace) return 'kubectl get endpointslices -A';
  return `kubectl get endpointslices -n ${quote(namespace)} -l ${quote(`kubernetes.io/service-name=${service}`)}`;
}

function inPod({ namespace, ref }: Workload, command: readonly string[]): string {
  return `kubectl exec -n ${namespace} ${ref} -- ${command.map(quote).join(' ')}`;
}
