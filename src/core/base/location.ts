/** A place in a document: half-open, in UTF-16 units from the start of that document's text (not of its file). */
export interface Location {
  readonly doc: DocumentId;
  readonly start: number;
  readonly end: number;
}

/** The place of what no document says. */
export const NOWHERE: Location = { doc: '', start: 0, end: 0 };

/**
 * Names one parsed document for as long as its text stays the same: `<file uri>#<serial>`.
 * Offsets are counted from the document, so that an edit above it in the same file moves nothing in here;
 * the workspace alone knows where in its file the document starts now.
 */
export type DocumentId = string & { readonly __document?: never };

export function documentId(uri: string, serial: number): DocumentId {
  return `${uri}#${serial}`;
}

export function uriOf(doc: DocumentId): string {
  return doc.slice(0, doc.lastIndexOf('#'));
}

/** A value together with the place it was read from. */
export interface Sourced<T> {
  readonly value: T;
  readonly at: Location;
}

export function sourced<T>(value: T, at: Location): Sourced<T> {
  return { value, at };
}

/** The list without repetitions, in the order of first appearance. */
export function uniqueLocations(locations: Iterable<Location | undefined>): Location[] {
  const seen = new Map<string, Location>();
  for (const it of locations) if (it) seen.set(`${it.doc}:${it.start}:${it.end}`, it);
  return [...seen.values()];
}
