import { checkFindings } from '../../support/check-rules.js';
import { readFixtures } from '../../support/fixture.js';

describe('rules find what the fixtures mark, and nothing else', () => {
  for (const fixture of readFixtures('rules')) {
    it(`${fixture.name.replace(/^rules\//, '')}: ${fixture.story}`, () => checkFindings(fixture));
  }
});
