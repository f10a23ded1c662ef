/** The parts of a cluster's name as istiod builds it (`outbound|9080|v3|reviews.shop.svc.cluster.local`). */
export interface ClusterName {
  readonly direction: string;
  readonly port: string;
  readonly subset: string;
  readonly host: string;
}

/** The parts of a cluster's name; `undefined` for PassthroughCluster and the like, which have none. */
export function parseClusterName(name: string): ClusterName | undefined {
  const [direction, port, subset, host, ...rest] = name.split('|');
  if (direction === undefined || port === undefined || subset === undefined || host === undefined || rest.length)
    return;
  return { direction, port, subset, host };
}

/** A cluster as people call it: `reviews v3`, with the namespace where it is not the caller's; other names stay as they are. */
export function clusterTitle(name: string, callersNamespace?: string): string {
  const parts = parseClusterName(name);
  if (!parts || parts.host === '') return name;
  return [shortHost(parts.host, callersNamespace), parts.subset].filter((it) => it !== '').join(' ');
}

/** `reviews`, `reviews.shop` for a cluster-local name; other hosts in full. */
function shortHost(host: string, callersNamespace?: string): string {
  const [service, namespace, svc] = host.split('.');
  if (svc !== 'svc' || !service || !namespace) return host;
  return namespace === callersNamespace ? service : `${service}.${namespace}`;
}
