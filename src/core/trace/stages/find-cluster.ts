import type { Explained } from '../../base/explained.js';
import type { Cluster } from '../../xds/config.js';
import type { Proxy } from '../../xds/proxy.js';
import { decision, push } from '../decide.js';
import type { Decision } from '../path.js';

/** The cluster that a route or chain names, as it was pushed (TR-8). */
export function clusterFound(proxy: Proxy, cluster: Cluster, found: Explained<unknown>): Decision {
  return decision('find cluster', {
    chose: `${cluster.name} (${cluster.type})`,
    because: reasonFor(cluster),
    rules: found.rules.filter((it) => !it.startsWith('TLS-')),
    evidence: found.evidence,
    rejected: found.rejected,
    assumptions: found.assumptions,
    calls: [push('CDS', proxy.name, `cluster ${cluster.name}`)],
    ...(found.evidence.length === 0 ? { byDefault: 'a cluster that every proxy has' } : {}),
  });
}

function reasonFor(cluster: Cluster): string {
  if (cluster.name === 'PassthroughCluster') return 'What the proxy does not know is passed on as it came';
  if (cluster.name === 'BlackHoleCluster') return 'Only destinations that the proxy knows are allowed';
  const policy = cluster.rules.includes('DR-6') ? ', with the DestinationRule that this client has for it' : '';
  const subset = cluster.subset === '' ? '' : `, its subset ${cluster.subset}`;
  return `The proxy knows ${cluster.host} on port ${cluster.servicePort}${subset}${policy}`;
}

/** FAIL-2: the proxy was sent no such cluster; `found` says what is in the way. */
export function clusterMissing(proxy: Proxy, name: string, found: Explained<unknown>): Decision {
  const first = found.rejected[0];
  const reason = first ? `${first.name}: ${first.because}` : 'nothing makes it';
  return decision('find cluster', {
    chose: `no cluster ${name}`,
    because: `Envoy was sent no cluster of this name (${reason})`,
    rules: ['FAIL-2', ...found.rules],
    evidence: found.evidence,
    rejected: found.rejected,
    assumptions: found.assumptions,
    calls: [push('CDS', proxy.name, `no cluster ${name}`)],
    ...(found.evidence.length === 0 ? { byDefault: 'no object in the files makes such a cluster' } : {}),
    state: 'broken',
  });
}
