import { effectiveRuleFor, trafficPolicyFor } from '../../mesh/destination-rules.js';
import { namespacePeerMode, peerModeOf } from '../../mesh/policies.js';
import { serviceTargetsOf } from '../../mesh/service-targets.js';
import type { MeshPod } from '../../mesh/pods.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import { CONFIG, ENDPOINTS } from '../../mesh/sources.js';
import { containsLabels, NO_STRINGS } from '../../model/fields.js';
import { acceptConnection } from '../../trace/stages/accept-connection.js';
import { defineRule, type Report } from '../rule.js';
import { tlsInForce, type TlsInForce } from './tls-in-force.js';

/** Clients send plaintext, or TLS without the mesh's certificate, to pods that take mutual TLS only. */
export default defineRule({
  id: 'mtls-client-plain-server-strict',
  group: 'security',
  severity: 'error',
  title: 'Client sends plaintext to a STRICT server',
  why: "The server's proxy accepts the connection and closes it again: 503 with flag UC, or a reset for whoever has no sidecar.",
  remedy:
    'Take the tls block out (mutual TLS is then automatic), set ISTIO_MUTUAL, or let the server accept plaintext on that port.',
  alsoKnownAs: ['KIA0207', 'KIA0208'],
  reads: ['DestinationRule', 'PeerAuthentication', ...ENDPOINTS, ...CONFIG],
  *check(mesh) {
    const seen = new Map<string, { report: Report; others: string[] }>();
    for (const it of tlsInForce(mesh)) {
      const { mode } = it.tls;
      if (mode.value !== 'DISABLE' && mode.value !== 'SIMPLE') continue;
      const report = strictServer(mesh, it);
      if (!report) continue;
      const key = `${mode.at.doc} ${mode.at.start}`;
      const before = seen.get(key);
      if (!before) seen.set(key, { report, others: [it.service.title] });
      else if (!before.others.includes(it.service.title)) before.others.push(it.service.title);
    }
    for (const { report, others } of seen.values()) {
      const more = others.length > 1 ? ` (and of ${others.length - 1} more services)` : '';
      yield { ...report, message: report.message + more };
    }
    yield* strictInPlainNamespaces(mesh);
  },
});

function strictServer(mesh: MeshSnapshot, { tls, service, servers }: TlsInForce): Report | undefined {
  for (const { pod, endpoint } of servers) {
    const mode = strictMode(mesh, pod, endpoint.port);
    if (!mode) continue;
    const sends = tls.mode.value === 'DISABLE' ? 'plaintext' : 'TLS without a certificate of the mesh';
    return {
      at: tls.mode.at,
      message: `Clients send ${sends} to ${service.title}, whose pods take mutual TLS only`,
      assuming: pod.proxy.assumptions[0]?.text,
      related: mode.map((at) => ({ at, message: `pod ${pod.id} is told STRICT here` })),
    };
  }
  return undefined;
}

/** The places that make a pod's proxy take nothing but mutual TLS on a port; `undefined` when it takes more. */
function strictMode(mesh: MeshSnapshot, pod: MeshPod, port: number) {
  if (pod.proxy.value !== 'sidecar' || !acceptConnection(pod, port).captured) return undefined;
  const mode = peerModeOf(mesh, pod, port);
  return mode.value === 'STRICT' ? mode.evidence : undefined;
}

/** Automatic TLS looks at the whole namespace only: where that says DISABLE, STRICT of one workload shuts all out (TLS-2). */
function* strictInPlainNamespaces(mesh: MeshSnapshot): Generator<Report> {
  for (const policy of mesh.of('PeerAuthentication')) {
    const { selector, namespace, mode } = policy;
    if (!selector || selector.labels.size === 0 || mode?.value !== 'STRICT') continue;
    const general = namespacePeerMode(mesh, namespace);
    if (general.value !== 'DISABLE') continue;
    const pods = mesh.podsIn(namespace).filter((it) => containsLabels(it.labels, selector.labels));
    pods.sort((a, b) => (a.id < b.id ? -1 : 1));
    const hit = pods.find((pod) =>
      serviceTargetsOf(mesh, pod).some(({ service, port, targetPort }) => {
        const rule = effectiveRuleFor(mesh, { namespace, labels: NO_STRINGS }, service);
        return strictMode(mesh, pod, targetPort) && !trafficPolicyFor(mesh, rule, port.number, '').tls;
      }),
    );
    if (!hit) continue;
    yield {
      at: mode.at,
      message: `Clients send plaintext to ${hit.workload}, because the mode of its whole namespace is DISABLE, and it takes mutual TLS only`,
      assuming: hit.proxy.assumptions[0]?.text,
      related: general.evidence.map((at) => ({ at, message: 'clients look at this mode' })),
    };
  }
}
