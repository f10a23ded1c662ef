import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { hoverAt } from '../../src/features/hover.js';
import { hoverText } from '../../src/features/hover-markdown.js';
import { Session } from '../../src/features/session.js';
import { checkAnswers, readFixtures, type Fixture } from '../support/fixture.js';

describe('hover', () => {
  for (const fixture of readFixtures('hover')) {
    describe(`${fixture.name}: ${fixture.story}`, () => {
      for (const question of fixture.questions) {
        const { ask, line } = question;
        it(`${ask} (line ${line})`, () => checkAnswers(fixture, question, hoverLines(fixture, ask)));
      }
    });
  }
});

/** What the hover at a mark says: `hover` asks at `here`, `hover NAME` at the mark of that name. */
function hoverLines(fixture: Fixture, ask: string): string[] {
  const [, name = 'here'] = ask.split(' ');
  const mark = fixture.marks.find((it) => it.word === name);
  assert.ok(mark, `there is no mark ${name}`);
  const session = new Session();
  for (const { uri, text } of fixture.files) session.setFile(uri, text);
  const answer = hoverAt(session, mark.uri, mark.start);
  return answer ? hoverText(session, answer) : ['nothing'];
}
