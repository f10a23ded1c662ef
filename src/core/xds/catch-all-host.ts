import { sourced, type Location } from '../base/location.js';
import { expandHost } from '../mesh/hosts.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import { DYNAMIC_DNS_CLUSTER, PASSTHROUGH_CLUSTER, outboundCluster } from './cluster-names.js';
import type { Route, RouteAction, VirtualHost } from './config.js';
import type { Proxy } from './proxy.js';

const NOWHERE: Location = { doc: '', start: 0, end: 0 };

/** The virtual host for everything that no other takes: it lets through or answers 502 (LIS-13, LIS-14). */
export function catchAllHost(mesh: MeshSnapshot, proxy: Proxy): VirtualHost {
  const { mode, at } = mesh.scopeOf(proxy.pod).outboundPolicy;
  switch (mode) {
    case 'ALLOW_ANY':
      return host('allow_any', to(egressProxyOf(mesh, proxy) ?? PASSTHROUGH_CLUSTER, at), at);
    case 'ALLOW_ANY_DYNAMIC_DNS':
      return host('allow_any_dynamic_dns', to(DYNAMIC_DNS_CLUSTER, at), at);
    case 'REGISTRY_ONLY': {
      const where = at ?? NOWHERE;
      const response = { status: sourced(502, where), body: undefined, at: where };
      return host('block_all', { kind: 'direct', response }, at);
    }
  }
}

/** The cluster to which a Sidecar sends unknown traffic instead of where it was going. */
export function egressProxyOf(mesh: MeshSnapshot, proxy: Proxy): string | undefined {
  const sidecar = mesh.sidecarOf(proxy.pod);
  const written = sidecar?.body.fields('spec')?.fields('outboundTrafficPolicy')?.fields('egressProxy');
  const name = written?.string('host')?.value;
  if (!written || !name) return undefined;
  const port = written.fields('port')?.number('number')?.value ?? 0;
  const full = expandHost(name, proxy.namespace, mesh.config.clusterDomain);
  return outboundCluster(port, written.string('subset')?.value ?? '', full);
}

function to(cluster: string, at: Location | undefined): RouteAction {
  return {
    kind: 'clusters',
    clusters: [
      {
        cluster,
        weight: 1,
        headers: undefined,
        evidence: at ? [at] : [],
        rejected: [],
        rules: ['LIS-13'],
        assumptions: [],
      },
    ],
    rewrite: undefined,
    mirrors: [],
    clusterNotFoundStatus: 503,
  };
}

function host(name: string, action: RouteAction, at: Location | undefined): VirtualHost {
  const evidence = at ? [at] : [];
  const route: Route = {
    name,
    match: undefined,
    action,
    timeout: undefined,
    retries: { attempts: 0, retryOn: [], statusCodes: [], perTryTimeout: undefined, at: undefined },
    fault: undefined,
    cors: undefined,
    headers: undefined,
    title: name,
    config: undefined,
    evidence,
    rejected: [],
    rules: ['LIS-13', 'RT-10'],
    assumptions: [],
  };
  return {
    name,
    domains: ['*'],
    routes: [route],
    requireTls: false,
    evidence,
    rejected: [],
    rules: ['LIS-13', 'LIS-14'],
    assumptions: [],
  };
}
