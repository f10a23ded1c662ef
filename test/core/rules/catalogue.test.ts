import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { RULES } from '../../../src/core/rules/index.js';
import { expectedFindings, FIXTURES, readFixtures } from '../../support/fixture.js';
import { inRoot } from '../../support/paths.js';
import { CATALOGUE } from './catalogue.js';

/** Files that make no finding by what they say, so that no fixture can hold one. */
const WITHOUT_FIXTURE = new Set(['file-not-read']);

describe('rules', () => {
  it('have ids of the catalogue, each once', () => {
    const ids = RULES.map((it) => it.id);
    assert.deepEqual(
      ids.filter((it) => !CATALOGUE.includes(it)),
      [],
    );
    assert.equal(new Set(ids).size, ids.length);
  });

  it('live in the file of their id, in the folder of their group', () => {
    for (const { id, group } of RULES)
      assert.ok(existsSync(inRoot('src/core/rules', group, `${id}.ts`)), `${group}/${id}`);
  });

  it('say what is wrong, why it hurts and what to do', () => {
    for (const { id, title, why, remedy } of RULES) {
      assert.ok(title.length > 5 && !title.endsWith('.'), `${id}: ${title}`);
      for (const text of [why, remedy]) assert.match(text, /^\S.+\.$/s, `${id}: ${text}`);
    }
  });

  it('each have a fixture in which they fire, and one in which they stay silent', () => {
    for (const { id } of RULES.filter((it) => !WITHOUT_FIXTURE.has(it.id))) {
      const fixtures = readFixtures(join('rules', id));
      const fires = fixtures.filter((it) => expectedFindings(it).some((mark) => mark.rule === id));
      assert.ok(fires.length > 0, `${id} never fires`);
      assert.ok(
        fixtures.some((it) => !expectedFindings(it).some((mark) => mark.rule === id)),
        `${id} is never silent`,
      );
    }
  });

  it('have no fixtures that belong to no rule', () => {
    const folders = readdirSync(join(FIXTURES, 'rules'));
    assert.deepEqual(
      folders.filter((it) => !RULES.some((rule) => rule.id === it)),
      [],
    );
  });
});
