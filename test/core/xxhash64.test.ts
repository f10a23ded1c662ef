import assert from 'node:assert/strict';
import { xxHash64 } from '../../src/core/base/xxhash64.js';

describe('xxHash64', () => {
  // vectors of the reference implementation
  it('gives the known values', () => {
    assert.equal(xxHash64(''), 0xef46db3751d8e999n);
    assert.equal(xxHash64('a'), 0xd24ec4f1a98c6e5bn);
    assert.equal(xxHash64('abc'), 0x44bc2cf5ad770999n);
    assert.equal(xxHash64('Call me Ishmael. Some years ago--never mind how long precisely-'), 0x02a2e85470d6fd96n);
  });
});
