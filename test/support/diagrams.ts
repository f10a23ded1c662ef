import type { Diagram } from '../../src/features/diagram-model.js';
import { diagramOf } from '../../src/features/session-diagram.js';
import { conformanceCases, sessionOf } from './cases.js';

/** What the engine makes of every request of the conformance cases, or of one of them, drawn: `canary-weights everyone`. */
export function* conformanceDiagrams(only?: string): Generator<readonly [name: string, diagram: Diagram]> {
  for (const { name, files, requests } of conformanceCases()) {
    if (only !== undefined && name !== only) continue;
    const session = sessionOf(files);
    for (const request of requests) yield [`${name} ${request.name ?? ''}`, diagramOf(session, request)];
  }
}
