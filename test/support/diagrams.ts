import { readdirSync, readFileSync, existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { readRequestsFile } from '../../src/core/trace/requests-file.js';
import type { Diagram } from '../../src/features/diagram-model.js';
import { diagramOf } from '../../src/features/session-diagram.js';
import { Session } from '../../src/features/session.js';
import { inRoot } from './paths.js';

const CASES = 'test/conformance/cases';

/** A session that holds some files. */
export function sessionOf(...files: readonly string[]): Session {
  const session = new Session();
  for (const it of files) session.setFile(pathToFileURL(it).href, readFileSync(it, 'utf8'));
  return session;
}

/** What the engine makes of every request of the conformance cases, drawn: `canary-weights everyone`. */
export function* conformanceDiagrams(
  cases: readonly string[] = readdirSync(inRoot(CASES)).sort(),
): Generator<readonly [name: string, diagram: Diagram]> {
  for (const name of cases) {
    const files = ['resources.yaml', 'mesh.yaml'].map((it) => inRoot(CASES, name, it)).filter((it) => existsSync(it));
    const session = sessionOf(...files);
    const { requests } = readRequestsFile(readFileSync(inRoot(CASES, name, 'requests.yaml'), 'utf8'));
    for (const request of requests) yield [`${name} ${request.name ?? ''}`, diagramOf(session, request)];
  }
}
