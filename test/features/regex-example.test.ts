import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { regexExample } from '../../src/features/regex-example.js';

describe('an example for a regular expression', () => {
  for (const pattern of [
    '/api/.*',
    '/v[0-9]+/items/[^/]+',
    '^(.*?;)?(user=jason)(;.*)?$',
    '(iOS|Android)\\/\\d+\\.\\d+',
    '(?i)firefox',
    '[a-z]{3,5}-\\w+',
    '(?:foo|bar){2}',
    '.+',
    'a|',
  ]) {
    it(`fits ${pattern}`, () => {
      const example = regexExample(pattern);
      assert.ok(example !== undefined);
      const source = pattern.replace(/^\(\?i\)/, '');
      assert.match(example, new RegExp(`^(?:${source})$`, 'i'));
    });
  }

  it('is not made up where there is none', () => {
    assert.equal(regexExample('[z-a]'), undefined);
    assert.equal(regexExample('(unclosed'), undefined);
    assert.equal(regexExample('a$b'), undefined);
  });
});
