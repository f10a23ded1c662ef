import { allRouted, type Routed } from '../../mesh/routed.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import type { Unread } from '../../mesh/completeness.js';
import { defineRule, type Report } from '../rule.js';
import { ROUTES, SERVICES } from '../../mesh/sources.js';
import { portsOf } from './ports.js';
import { unknownHost, writtenIn } from './unknown-host.js';
import { isSubsetDefined } from './virtualservice-subset-not-defined.js';

/** A mirror's host, port or subset does not exist. */
export default defineRule({
  id: 'virtualservice-unknown-mirror-host',
  group: 'reference',
  severity: 'warning',
  title: 'Mirror goes nowhere',
  why: 'The copies are dropped without a trace, while the requests themselves go on as if nothing were wrong.',
  remedy: 'Mirror to a host, port and subset that exist.',
  alsoKnownAs: ['IST0101'],
  reads: [...ROUTES, ...SERVICES],
  *check(mesh, unread) {
    for (const it of allRouted(mesh)) {
      const report = it.mirror && it.share > 0 ? wrongMirror(mesh, unread, it) : undefined;
      if (report) yield report;
    }
  },
});

function wrongMirror(mesh: MeshSnapshot, unread: Unread, it: Routed): Report | undefined {
  const { host, port, subset } = it.destination;
  if (mesh.servicesNamed(it.host).length === 0) {
    const unknown = unknownHost(mesh, unread, host.value, it.host);
    if (!unknown) return undefined;
    const text = unknown.meant && writtenIn(mesh, unknown.meant, it.vs.namespace);
    const fixes = text ? [{ title: `Replace by ${text}`, edits: [{ at: host.at, text }] }] : [];
    return { at: host.at, message: `Copies are lost: ${unknown.message}`, assuming: unknown.assuming, fixes };
  }
  const there = port && portsOf(mesh, it.host);
  if (there && !there.ports.some((one) => one.number === port.value)) {
    return { at: port.at, message: `Copies are lost: ${there.title} has no port ${port.value}, it has ${there.text}` };
  }
  if (subset && !isSubsetDefined(mesh, it)) {
    return {
      at: subset.at,
      message: `Copies are lost: no DestinationRule defines subset "${subset.value}" of ${it.host}`,
    };
  }
  return undefined;
}
