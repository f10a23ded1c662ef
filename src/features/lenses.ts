import { uniqueLocations, type Location } from '../core/base/location.js';
import { effectiveVirtualServices } from '../core/mesh/virtual-services.js';
import { isWithin, join } from './branch-rows.js';
import { hoverAt } from './hover.js';
import { MARKS } from './outcome-text.js';
import type { FileSpan, Session } from './session.js';

const KINDS: ReadonlySet<string> = new Set(['VirtualService', 'HTTPRoute', 'GRPCRoute']);

/** Where lenses stand in a file: over each http route. Cheap: nothing is traced. */
export function lensPlaces(session: Session, uri: string): FileSpan[] {
  const documents = session.workspace.file(uri)?.documents.map((it) => it.document) ?? [];
  const objects = documents.flatMap((it) => it.resources).filter((it) => KINDS.has(it.kind));
  if (objects.length === 0) return [];
  const byDocument = new Map<string, Location[]>();
  for (const it of effectiveVirtualServices(session.snapshot)) {
    for (const { at } of it.http) byDocument.set(at.doc, [...(byDocument.get(at.doc) ?? []), at]);
  }
  const own = objects.flatMap((it) => {
    const inside = (byDocument.get(it.at.doc) ?? []).filter((at) => isWithin(at, it.at));
    return inside.length > 0 ? inside : [it.nameAt];
  });
  const spans = uniqueLocations(own).flatMap((at) => session.place(at) ?? []);
  return spans.sort((a, b) => a.start - b.start);
}

/** What the lens at a place says: the outcomes of its route. */
export function lensTitle(session: Session, uri: string, offset: number): string {
  const rows = hoverAt(session, uri, offset)?.rows ?? [];
  const codes = [...new Set(rows.map((it) => (it.code === '' ? 'never reached' : `${MARKS[it.state]} ${it.code}`)))];
  const shown = codes.length > 3 ? [...codes.slice(0, 3), '…'] : codes;
  return join(shown.join('  '), 'Show path');
}
