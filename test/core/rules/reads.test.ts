import assert from 'node:assert/strict';
import { NOTHING_UNREAD } from '../../../src/core/mesh/completeness.js';
import { MeshSnapshot } from '../../../src/core/mesh/snapshot.js';
import { DEFAULT_WORLD } from '../../../src/core/mesh/world.js';
import type { ResourceKind, ResourceOf } from '../../../src/core/model/resources.js';
import { RULES } from '../../../src/core/rules/index.js';
import type { MeshRule } from '../../../src/core/rules/rule.js';
import { readFixtures, workspaceOf } from '../../support/fixture.js';

/** Notes which kinds are asked for. */
class RecordingSnapshot extends MeshSnapshot {
  private seen: Set<ResourceKind> | undefined;

  record(what: () => void): ReadonlySet<ResourceKind> {
    this.seen = new Set();
    what();
    return this.seen;
  }

  override of<K extends ResourceKind>(kind: K): readonly ResourceOf<K>[] {
    this.seen?.add(kind);
    return super.of(kind);
  }
}

/** What MeshConfig may come from, which every rule may read. */
const ALWAYS = new Set<ResourceKind>(['ConfigMap', 'MeshConfig', 'Other']);

describe('a rule reads no other kinds than it says', () => {
  const meshes = readFixtures('rules').map((it) => [...workspaceOf(it).resources()]);
  for (const rule of RULES.filter((it): it is MeshRule => 'check' in it)) {
    it(rule.id, () => {
      const promised = new Set<ResourceKind>([...rule.reads, ...ALWAYS]);
      for (const resources of meshes) {
        const mesh = new RecordingSnapshot(resources, DEFAULT_WORLD);
        const read = mesh.record(() => [...rule.check(mesh, NOTHING_UNREAD)]);
        assert.deepEqual(
          [...read].filter((it) => !promised.has(it)),
          [],
        );
      }
    });
  }
});
