import { hoverAt } from './hover.js';
import { join } from './branch-rows.js';
import { MARKS } from './outcome-text.js';
import type { FileSpan, Session } from './session.js';

/** Where lenses stand in a file: over each http route of a VirtualService. Cheap: nothing is traced. */
export function lensPlaces(session: Session, uri: string): FileSpan[] {
  const spans: FileSpan[] = [];
  for (const { document } of session.workspace.file(uri)?.documents ?? []) {
    for (const it of document.resources) {
      if (it.kind !== 'VirtualService') continue;
      const places = it.http.length > 0 ? it.http.map((route) => route.at) : [it.nameAt];
      for (const at of places) {
        const span = session.place(at);
        if (span) spans.push(span);
      }
    }
  }
  return spans;
}

/** What the lens at a place says: the outcomes of its route. */
export function lensTitle(session: Session, uri: string, offset: number): string {
  const rows = hoverAt(session, uri, offset)?.rows ?? [];
  const codes = [...new Set(rows.map((it) => (it.code === '' ? 'never reached' : `${MARKS[it.state]} ${it.code}`)))];
  const shown = codes.length > 3 ? [...codes.slice(0, 3), '…'] : codes;
  return join(shown.join('  '), 'Show path');
}
