import { buildSnapshot, type MeshSnapshot } from '../../../src/core/mesh/snapshot.js';
import { readRequestsFile } from '../../../src/core/trace/requests-file.js';
import { pathLines } from '../../support/ask.js';
import { checkAnswers, readFixtures, workspaceOf, type Fixture } from '../../support/fixture.js';

/*
 * Whole requests by fixtures: each question has a line for each path that it can take. What the applications do besides answering 200
 * stands in a comment `# world: apps: [{ pod: shop/cart, status: 503 }]`, with the words of a requests file.
 */
describe('a request', () => {
  for (const fixture of readFixtures('trace')) {
    describe(`${fixture.name}: ${fixture.story}`, () => {
      const mesh = meshOf(fixture);
      for (const question of fixture.questions) {
        it(question.ask, () => checkAnswers(fixture, question, pathLines(mesh, question.ask)));
      }
    });
  }
});

function meshOf(fixture: Fixture): MeshSnapshot {
  const said = fixture.files.flatMap(({ text }) => [...text.matchAll(/^# world: (.*)$/gm)].map((it) => it[1]!));
  const { world, problems } = readRequestsFile(['requests: []', ...said].join('\n'));
  if (problems.length > 0) throw new Error(`${fixture.name}: ${problems.map((it) => it.message).join(', ')}`);
  return buildSnapshot(workspaceOf(fixture).resources(), world);
}
