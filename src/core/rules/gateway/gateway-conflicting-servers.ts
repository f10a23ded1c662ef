import { mergedGateways, type RejectedServer } from '../../mesh/gateways.js';
import { gatewayPods } from '../../mesh/route-clients.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import { ENDPOINTS } from '../../mesh/sources.js';
import { defineRule, type Report } from '../rule.js';

/** A server of a Gateway loses its host to another Gateway of the same proxy. */
export default defineRule({
  id: 'gateway-conflicting-servers',
  group: 'gateway',
  severity: 'error',
  title: 'Two Gateways claim the same host',
  why: 'A proxy has one certificate for one host on one port: istiod drops the younger server, and its routes answer 404 or under the wrong certificate.',
  remedy: 'Merge the servers into one Gateway, or change the host.',
  alsoKnownAs: ['IST0145', 'KIA0301'],
  reads: ENDPOINTS,
  *check(mesh) {
    yield* droppedServers(mesh, 'GW-9');
  },
});

/** What a proxy drops of its Gateways by one rule of the semantics, each once. */
export function* droppedServers(mesh: MeshSnapshot, rule: string): Generator<Report> {
  const seen = new Set<string>();
  const pods = new Map(gatewayPods(mesh).map((it) => [it.workload, it]));
  for (const pod of [...pods.values()].sort((a, b) => (a.workload < b.workload ? -1 : 1))) {
    for (const it of mergedGateways(mesh, pod).rejected) {
      if (it.port === undefined || !it.rules.includes(rule)) continue;
      const [at, other] = it.evidence;
      if (!at || at.doc === '' || seen.has(`${at.doc} ${at.start}`)) continue;
      seen.add(`${at.doc} ${at.start}`);
      yield {
        at,
        message: textOf(it, pod.workload),
        related: other && other.doc !== '' ? [{ at: other, message: 'this server is kept' }] : [],
      };
    }
  }
}

function textOf({ name, because }: RejectedServer, workload: string): string {
  return `${name[0]!.toUpperCase()}${name.slice(1)} is dropped at ${workload}: ${because}`;
}
