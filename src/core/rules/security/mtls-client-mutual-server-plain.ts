import type { Location } from '../../base/location.js';
import { peerModeOf } from '../../mesh/policies.js';
import type { MeshPod } from '../../mesh/pods.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import { CONFIG, ENDPOINTS } from '../../mesh/sources.js';
import { acceptConnection } from '../../trace/stages/accept-connection.js';
import { defineRule, type Related, type Report } from '../rule.js';
import { tlsInForce } from './tls-in-force.js';

/** A DestinationRule insists on mutual TLS with pods that cannot speak it. */
export default defineRule({
  id: 'mtls-client-mutual-server-plain',
  group: 'security',
  severity: 'error',
  title: 'Client insists on mutual TLS, server has none',
  why: 'The TLS handshake meets plain HTTP and fails: Envoy answers 503 with flag UF.',
  remedy: 'Take the tls block out: mutual TLS is then used where it can be. Or give the server a sidecar.',
  alsoKnownAs: ['KIA0505', 'KIA0506'],
  reads: ['DestinationRule', 'PeerAuthentication', ...ENDPOINTS, ...CONFIG],
  *check(mesh) {
    const seen = new Map<string, { report: Report; others: string[] }>();
    for (const { tls, service, servers } of tlsInForce(mesh)) {
      const { mode } = tls;
      if (mode.value !== 'ISTIO_MUTUAL') continue;
      const plain = servers.flatMap(({ pod, endpoint }) => reasonFor(mesh, pod, endpoint.port) ?? []);
      if (plain.length === 0) continue;
      const key = `${mode.at.doc} ${mode.at.start}`;
      const before = seen.get(key);
      if (before) {
        if (!before.others.includes(service.title)) before.others.push(service.title);
        continue;
      }
      const { pod, why, at } = plain[0]!;
      const part = plain.length === servers.length ? '' : `${plain.length} of ${servers.length} pods of `;
      const report: Report = {
        at: mode.at,
        message: `Clients insist on mutual TLS with ${part}${service.title}, but ${why}`,
        assuming: pod.assumptions[0]?.text,
        related: at.map((one): Related => ({ at: one, message: `pod ${pod.id}` })),
      };
      seen.set(key, { report, others: [service.title] });
    }
    for (const { report, others } of seen.values()) {
      const more = others.length > 1 ? ` (and ${others.length - 1} more services like it)` : '';
      yield { ...report, message: report.message + more };
    }
  },
});

interface Plain {
  readonly pod: MeshPod;
  readonly why: string;
  readonly at: readonly Location[];
}

function reasonFor(mesh: MeshSnapshot, pod: MeshPod, port: number): Plain | undefined {
  if (pod.proxy.value === 'gateway') return undefined;
  if (pod.proxy.value === 'none') {
    const at = pod.proxy.evidence.length > 0 ? pod.proxy.evidence : [pod.template.labelsAt];
    return { pod, why: `${pod.workload} has no sidecar`, at: at.filter((it) => it.doc !== '') };
  }
  const { captured, decision } = acceptConnection(pod, port);
  if (!captured)
    return { pod, why: `connections to port ${port} of ${pod.workload} pass by its sidecar`, at: decision.evidence };
  const mode = peerModeOf(mesh, pod, port);
  if (mode.value !== 'DISABLE') return undefined;
  return { pod, why: `${pod.workload} takes plaintext only on port ${port}`, at: mode.evidence };
}
