import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { load } from 'js-yaml';
import { RE2JS } from 're2js';
import ipaddr from 'ipaddr.js';
import { parseDocument } from 'yaml';

// The libraries that the core stands on come in three module shapes; each must load the same way in tests, in bundles and in tsc.
describe('libraries', () => {
  it('load in a test', () => {
    assert.deepEqual(load('a: 1'), { a: 1 });
    assert.deepEqual(parseDocument('a: 1').toJS(), { a: 1 });
    assert.equal(RE2JS.compile('a+').matches('aaa'), true);
    assert.equal(ipaddr.parse('10.0.0.1').kind(), 'ipv4');
  });
});
