import type { ResourceKind } from '../model/resources.js';
import type { MeshSnapshot } from './snapshot.js';

/**
 * An answer about one object that hangs on nothing but that object and the kinds named here: kept for as long as neither
 * changes, so that an edit of one object asks again about that one alone.
 */
export function perObject<T>(
  mesh: MeshSnapshot,
  question: string,
  kinds: readonly ResourceKind[],
  object: object,
  answer: () => T,
): T {
  const known = mesh.derive(`perObject ${question}`, kinds, () => new WeakMap<object, { readonly answer: T }>());
  let found = known.get(object);
  if (!found) known.set(object, (found = { answer: answer() }));
  return found.answer;
}
