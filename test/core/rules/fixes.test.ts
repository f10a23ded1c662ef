import assert from 'node:assert/strict';
import { buildSnapshot } from '../../../src/core/mesh/snapshot.js';
import { Workspace } from '../../../src/core/mesh/workspace.js';
import type { Fix } from '../../../src/core/rules/rule.js';
import { checkWorkspace } from '../../../src/core/rules/workspace.js';
import { readFixtures, workspaceOf } from '../../support/fixture.js';

/** What is found, without places: an edit moves them. */
function foundIn(workspace: Workspace): string[] {
  return checkWorkspace(workspace, buildSnapshot(workspace.resources())).map((it) => `${it.rule}: ${it.message}`);
}

/** The files after an edit, each text put in place of what stands there. */
function applied(workspace: Workspace, fix: Fix): Workspace {
  const result = new Workspace();
  for (const file of workspace.allFiles()) {
    const edits = fix.edits.flatMap(({ at, text }) => {
      const place = workspace.locate(at);
      return place?.uri === file.uri ? [{ ...place, text }] : [];
    });
    edits.sort((a, b) => b.start - a.start);
    let { text } = file;
    for (const it of edits) text = text.slice(0, it.start) + it.text + text.slice(it.end);
    result.setFile(file.uri, text);
  }
  return result;
}

describe('a fix takes its finding away and brings no other', () => {
  for (const fixture of readFixtures('rules')) {
    const workspace = workspaceOf(fixture);
    const findings = checkWorkspace(workspace, buildSnapshot(workspace.resources()));
    for (const { rule, message, fixes } of findings) {
      for (const fix of fixes) {
        it(`${fixture.name.replace(/^rules\//, '')}: ${fix.title}`, () => {
          const before = foundIn(workspace);
          const after = foundIn(applied(workspace, fix));
          assert.ok(!after.includes(`${rule}: ${message}`), `still there: ${message}`);
          assert.deepEqual(
            after.filter((it) => !before.includes(it)),
            [],
          );
        });
      }
    }
  }
});
