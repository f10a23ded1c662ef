import type { MeshPod } from '../mesh/pods.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import { nameOf } from '../xds/proxy.js';
import type { AppMessage } from './arrival.js';
import { seenByClient } from './client-outcome.js';
import { lookOfHops } from './fates.js';
import { landAt, type Landing } from './land.js';
import type { Outcome } from './path.js';
import type { Course } from './relay.js';
import { reachApplication } from './stages/reach-application.js';
import { throughNode, type NodeEndpoint } from './stages/pass-node.js';

/** A connection that no proxy of the client steers: the node passes it on, in the application's own bytes (INJ-4, CAP-4d). */
export function sendDirectly(
  mesh: MeshSnapshot,
  client: MeshPod,
  target: { ip: string; port: number },
  message: AppMessage,
): Course[] {
  if (target.ip === client.ip || target.ip.startsWith('127.')) return [toItself(mesh, client, target.port, message)];
  const passage = throughNode(mesh, client, target.ip, target.port, message);
  const node = passage.hop ? [passage.hop] : [];
  if (passage.kind !== 'reaches') {
    const outcome: Outcome = { result: passage.kind === 'refused' ? 'refused' : 'reset', because: passage.because };
    return [{ share: 1, label: '', hops: node, outcome, mirrors: [] }];
  }
  const { endpoints } = passage;
  const courses = alike(endpoints).flatMap(({ endpoint, all }) => {
    const label = `→ ${[...new Set(all.map((it) => it.id))].join(', ')}`;
    const landings = landAt(mesh, endpoint, {
      sourceIp: client.ip,
      port: endpoint.port,
      tls: message.protocol === 'tls' ? { kind: 'own', sni: message.sni } : { kind: 'none' },
      message,
    });
    return landings.map((it) => ({
      share: (it.share * all.length) / endpoints.length,
      label: [label, it.label].filter((text) => text !== '').join(', '),
      hops: [...node, ...it.hops],
      outcome: seenByClient(it.result, it.endpoints ?? all.map((one) => onPort(one.id, it.result)).sort()),
      mirrors: it.mirrors,
    }));
  });
  return sameFates(courses);
}

/** Endpoints at which nobody could tell the difference but by the pods' names share a course. */
function sameFates(courses: readonly Course[]): Course[] {
  const groups = new Map<string, Course>();
  for (const course of courses) {
    const { outcome } = course;
    const { because: _, endpoints = [], ...seen } = { because: '', endpoints: undefined, ...outcome };
    const key = JSON.stringify([
      seen,
      lookOfHops(course.hops),
      course.mirrors.map((it) => [it.endpoints, it.authority, it.path]),
    ]);
    const group = groups.get(key);
    groups.set(key, group ? joined(group, course, endpoints) : course);
  }
  return groups.size === 1 ? [...groups.values()].map((it) => ({ ...it, label: '' })) : [...groups.values()];
}

function joined(group: Course, more: Course, endpoints: readonly string[]): Course {
  const { outcome } = group;
  const all =
    'endpoints' in outcome ? { ...outcome, endpoints: [...(outcome.endpoints ?? []), ...endpoints].sort() } : outcome;
  return { ...group, share: group.share + more.share, outcome: all, label: `${group.label}, ${more.label}` };
}

/** A pod that dials its own address stays in its network namespace: no iptables rule and no proxy sees it (CAP-3). */
function toItself(mesh: MeshSnapshot, client: MeshPod, port: number, message: AppMessage): Course {
  const { hop, result } = reachApplication(mesh, client, {
    port,
    tls: message.protocol === 'tls' ? 'own' : 'none',
    message,
    attempt: 1,
    sourceIp: client.ip,
    evidence: [],
  });
  return {
    share: 1,
    label: '',
    hops: [hop],
    outcome: seenByClient(result, [`${nameOf(client)}:${port}`]),
    mirrors: [],
  };
}

/** The port may be another one than was dialed, where the server's Sidecar leads elsewhere (IN-5). */
function onPort(id: string, result: Landing['result']): string {
  return result.kind === 'answered' && result.port !== undefined ? id.replace(/:\d+$/, `:${result.port}`) : id;
}

/** Pods of one workload fare alike: one stands for all of them. */
function alike(endpoints: readonly NodeEndpoint[]): { endpoint: NodeEndpoint; all: NodeEndpoint[] }[] {
  const groups = new Map<string, { endpoint: NodeEndpoint; all: NodeEndpoint[] }>();
  for (const it of endpoints) {
    const group = groups.get(it.id);
    if (group) group.all.push(it);
    else groups.set(it.id, { endpoint: it, all: [it] });
  }
  return [...groups.values()];
}
