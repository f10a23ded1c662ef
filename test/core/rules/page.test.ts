import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { RULES } from '../../../src/core/rules/index.js';
import { EXAMPLES } from '../../../src/core/rules/examples.js';
import { pageOf, rulePage } from '../../../src/core/rules/page.js';
import { inRoot } from '../../support/paths.js';

describe('pages of rules', () => {
  it('show an example in which the rule fires, with what it says, and one in which it does not', () => {
    for (const rule of RULES.filter((it) => it.id !== 'file-not-read')) {
      const page = pageOf(rule);
      assert.match(page, /## Reported\n\n```+yaml\n[\s\S]*^# *[\^-]/m, rule.id);
      assert.match(page, /## Not reported/, rule.id);
      assert.doesNotMatch(page, /^#[+=?]/m, rule.id);
    }
  });

  it('list all rules under the empty name, and know no others', () => {
    const list = rulePage('')!;
    for (const { id } of RULES) assert.ok(list.includes(`\`${id}\``), id);
    assert.equal(rulePage('no-such-rule'), undefined);
  });

  it('have the examples that the fixtures are now', async () => {
    const made = (await import(inRoot('build/rule-examples.mjs'))) as { examples(): Promise<string> };
    assert.equal(
      readFileSync(inRoot('src/core/rules/examples.ts'), 'utf8'),
      await made.examples(),
      'run node build/rule-examples.mjs',
    );
    assert.deepEqual(
      Object.keys(EXAMPLES).filter((it) => !RULES.some((rule) => rule.id === it)),
      [],
    );
  });
});
