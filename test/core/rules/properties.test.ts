import assert from 'node:assert/strict';
import fc from 'fast-check';
import { buildSnapshot, type MeshSnapshot } from '../../../src/core/mesh/snapshot.js';
import { Workspace } from '../../../src/core/mesh/workspace.js';
import { Checker } from '../../../src/core/rules/engine.js';
import type { Finding } from '../../../src/core/rules/rule.js';
import { checkWorkspace } from '../../../src/core/rules/workspace.js';
import { readFixtures, workspaceOf } from '../../support/fixture.js';

const FIXTURES = readFixtures('rules');
const URI = 'file:///mesh.yaml';

/** The documents of each fixture; those that separators cannot take apart stay out. */
const DOCUMENTS = FIXTURES.map((it) =>
  [...workspaceOf(it).allFiles()].flatMap((file) =>
    file.documents.map(({ document }) => document.text.replace(/^---\r?\n?/, '')),
  ),
);

function check(workspace: Workspace): Finding[] {
  return checkWorkspace(workspace, buildSnapshot(workspace.resources()));
}

/** What a finding says, whatever the order of documents: its text and that of the places it speaks of. */
function said(workspace: Workspace, it: Finding): string {
  const related = it.related.map((one) => `${workspace.textAt(one.at)}: ${one.message}`).sort();
  return JSON.stringify([it.rule, it.severity, it.message, it.assuming, workspace.textAt(it.at), it.at.start, related]);
}

function workspaceWith(text: string): Workspace {
  const workspace = new Workspace();
  workspace.setFile(URI, text);
  return workspace;
}

describe('rules, whatever the files hold', function () {
  this.timeout(60_000);

  it('find the same whatever the order of documents', () => {
    const order = fc.integer({ min: 0, max: DOCUMENTS.length - 1 }).chain((index) => {
      const documents = DOCUMENTS[index]!;
      return fc
        .shuffledSubarray(documents, { minLength: documents.length, maxLength: documents.length })
        .map((shuffled) => [documents, shuffled] as const);
    });
    fc.assert(
      fc.property(order, ([documents, shuffled]) => {
        const [one, other] = [documents, shuffled].map((it) =>
          workspaceWith(it.map((text) => `---\n${text}\n`).join('')),
        );
        const lines = (workspace: Workspace): string[] =>
          check(workspace)
            .filter((it) => it.rule !== 'yaml-is-a-template') // tells of the first in a file
            .map((it) => said(workspace, it))
            .sort();
        assert.deepEqual(lines(other!), lines(one!));
      }),
      { numRuns: 80 },
    );
  });

  it('find after any edits what they find in the files as they stand', () => {
    const texts = DOCUMENTS.map((it) => it.map((text) => `---\n${text}\n`).join(''));
    const edit = fc.record({ file: fc.nat({ max: 3 }), text: fc.nat({ max: texts.length - 1 }) });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 2, maxLength: 6 }), (edits) => {
        const workspace = new Workspace();
        const checker = new Checker();
        let mesh: MeshSnapshot | undefined;
        for (const { file, text } of edits) {
          workspace.setFile(`file:///${file}.yaml`, texts[text]!);
          mesh = buildSnapshot(workspace.resources(), {}, mesh);
          assert.deepEqual(checkWorkspace(workspace, mesh, checker), check(workspace));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('find after edits inside of documents what they find in the files as they stand', () => {
    const fixture = fc.nat({ max: DOCUMENTS.length - 1 });
    fc.assert(
      fc.property(fixture, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), (index, places) => {
        const documents = [...DOCUMENTS[index]!];
        const workspace = new Workspace();
        const checker = new Checker();
        let mesh: MeshSnapshot | undefined;
        for (const place of [undefined, ...places]) {
          const at = (place ?? 0) % documents.length;
          if (place !== undefined) documents[at] = documents[at]!.replace(/name: /, 'name: x');
          workspace.setFile(URI, documents.map((text) => `---\n${text}\n`).join(''));
          mesh = buildSnapshot(workspace.resources(), {}, mesh);
          assert.deepEqual(checkWorkspace(workspace, mesh, checker), check(workspace));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('go on where they were stopped', () => {
    for (const fixture of FIXTURES) {
      const workspace = workspaceOf(fixture);
      const mesh = buildSnapshot(workspace.resources());
      const checker = new Checker();
      checker.check(buildSnapshot([]));
      const steps = checker.steps(mesh);
      for (let i = 0; i < 5; i++) steps.next();
      assert.deepEqual(checker.check(mesh), new Checker().check(mesh), fixture.name);
    }
  });

  it('never throw', () => {
    const words = [
      '{',
      '}',
      '[',
      ']',
      ':',
      '-',
      '\n',
      '  ',
      'null',
      '*',
      '&a ',
      '*a',
      '"',
      "'",
      '0',
      '- ',
      'spec:',
      '<<: ',
      'regex: (',
      '~',
    ];
    const change = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      remove: fc.nat({ max: 40 }),
      insert: fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 8 })),
    });
    const input = fc.record({
      fixture: fc.nat({ max: DOCUMENTS.length - 1 }),
      changes: fc.array(change, { minLength: 1, maxLength: 6 }),
    });
    fc.assert(
      fc.property(input, ({ fixture, changes }) => {
        let text = DOCUMENTS[fixture]!.map((it) => `---${it}\n`).join('');
        for (const { at, remove, insert } of changes) {
          const from = Math.floor(at * text.length);
          text = text.slice(0, from) + insert + text.slice(from + remove);
        }
        const workspace = workspaceWith(text);
        for (const it of check(workspace)) assert.ok(it.at.start <= it.at.end && it.message !== '');
      }),
      { numRuns: 150 },
    );
  });
});
