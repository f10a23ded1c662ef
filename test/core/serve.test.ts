import assert from 'node:assert/strict';
import { buildSnapshot } from '../../src/core/mesh/snapshot.js';
import { answerOf, readQuestion } from '../support/ask.js';
import { placeText, readFixtures, workspaceOf } from '../support/fixture.js';

/*
 * The server's end of a request, by fixtures: each question's answer, and `^^ decides` under a line that a refusal must point at.
 * What real proxies did with the same files is where the answers come from.
 */
describe('the server', () => {
  for (const fixture of readFixtures('serve')) {
    describe(`${fixture.name}: ${fixture.story}`, () => {
      const workspace = workspaceOf(fixture);
      const mesh = buildSnapshot(workspace.resources());
      const answers = fixture.questions.map((it) => ({ ...it, ...answerOf(mesh, readQuestion(it.ask)) }));
      for (const { ask, answer, lines } of answers) {
        it(ask, () => assert.deepEqual(lines, answer));
      }
      for (const mark of fixture.marks.filter((it) => it.word === 'decides')) {
        it(`points at ${placeText(fixture, mark.uri, mark.start)}`, () => {
          const evidence = answers.flatMap((it) => it.broken).flatMap((it) => it.evidence);
          const places = evidence.map((it) => workspace.locate(it));
          const found = places.some((it) => it?.uri === mark.uri && it.start === mark.start);
          assert.ok(found, `evidence is ${places.map((it) => it && placeText(fixture, it.uri, it.start)).join(', ')}`);
        });
      }
      it('says on what each decision rests', () => {
        for (const { ask } of fixture.questions) assertFounded(mesh, ask);
      });
    });
  }
});

function assertFounded(mesh: ReturnType<typeof buildSnapshot>, ask: string): void {
  for (const it of answerOf(mesh, readQuestion(ask)).broken) {
    assert.ok(it.evidence.length > 0 || it.assumptions.length > 0 || it.byDefault, `${ask}: ${it.stage} ${it.chose}`);
    assert.ok(it.rules.length > 0, `${ask}: ${it.stage} names no rule`);
  }
}
