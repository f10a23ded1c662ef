import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSnapshot, type MeshSnapshot } from '../../src/core/mesh/snapshot.js';
import { Workspace } from '../../src/core/mesh/workspace.js';
import type { World } from '../../src/core/mesh/world.js';
import type { TraceRequest } from '../../src/core/trace/request.js';
import { readRequestsFile } from '../../src/core/trace/requests-file.js';
import { Session } from '../../src/features/session.js';
import { inRoot } from './paths.js';

/** A mesh with requests whose fate in a real mesh is known. */
export interface ConformanceCase {
  readonly name: string;
  readonly files: readonly { readonly uri: string; readonly text: string }[];
  readonly requests: readonly TraceRequest[];
  readonly world: Partial<World>;
}

/** All cases of test/conformance. */
export function conformanceCases(): ConformanceCase[] {
  const root = inRoot('test/conformance/cases');
  return readdirSync(root)
    .sort()
    .map((name) => {
      const paths = ['resources.yaml', 'mesh.yaml'].map((it) => join(root, name, it)).filter((it) => existsSync(it));
      const { requests, world } = readRequestsFile(readFileSync(join(root, name, 'requests.yaml'), 'utf8'));
      const files = paths.map((path) => ({
        uri: `file:///${name}/${path.slice(path.lastIndexOf('/') + 1)}`,
        text: readFileSync(path, 'utf8'),
      }));
      return { name, files, requests, world };
    });
}

export function workspaceOf(files: ConformanceCase['files']): Workspace {
  const workspace = new Workspace();
  for (const it of files) workspace.setFile(it.uri, it.text);
  return workspace;
}

/** A session that holds these files. */
export function sessionOf(files: ConformanceCase['files']): Session {
  const session = new Session();
  for (const it of files) session.setFile(it.uri, it.text);
  return session;
}

export function snapshotOf(it: ConformanceCase): MeshSnapshot {
  return buildSnapshot(workspaceOf(it.files).resources(), it.world);
}
