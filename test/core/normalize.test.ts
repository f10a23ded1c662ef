import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PathNormalization } from '../../src/core/model/mesh-config.js';
import { normalizePath } from '../../src/core/trace/normalize.js';

const MODES: readonly PathNormalization[] = ['NONE', 'BASE', 'MERGE_SLASHES', 'DECODE_AND_MERGE_SLASHES'];

/** What a real Envoy 1.40 made of each path, in the order of MODES; a shorter row repeats its last. */
const SEEN: Readonly<Record<string, readonly string[]>> = {
  '/': ['/'],
  '/a/../b': ['/a/../b', '/b'],
  '/a/./b/.': ['/a/./b/.', '/a/b/'],
  '/../../a': ['/../../a', '/a'],
  '/%76ault/%7E%2D': ['/%76ault/%7E%2D', '/vault/~-'],
  '/a/%2e%2E/b': ['/a/%2e%2E/b', '/b'],
  '/a/..;x=1/b': ['/a/..;x=1/b', '/b'],
  '/a/.;/b': ['/a/.;/b', '/a/b'],
  '/a/%2e%2e;/b': ['/a/%2e%2e;/b', '/a/..;/b'],
  '/a/...;/b;c': ['/a/...;/b;c'],
  '/a%20b/%c3%a9': ['/a%20b/%c3%a9'],
  '/a%2Fb': ['/a%2Fb', '/a%2Fb', '/a%2Fb', '/a/b'],
  '/a%5cb': ['/a%5cb', '/a%5cb', '/a%5cb', '/a/b'],
  '//a//b//': ['//a//b//', '//a//b//', '/a/b/'],
  '/a//../b': ['/a//../b', '/a/b'],
  '//': ['//'],
  '/%2F': ['/%2F', '/%2F', '/%2F', '//'],
  '/a?x=/../%41//': ['/a?x=/../%41//'],
  '/a/..?q': ['/a/..?q', '/?q'],
};

describe('path normalization (GEN-9)', () => {
  for (const [path, seen] of Object.entries(SEEN)) {
    it(path, () => {
      const all = MODES.map((_, index) => seen[index] ?? seen.at(-1)!);
      assert.deepEqual(
        MODES.map((it) => normalizePath(path, it)),
        all,
      );
    });
  }

  it('leaves what does not begin with a slash', () => assert.equal(normalizePath('*', 'BASE'), '*'));

  it('leaves no dot segment behind, whatever comes', () => {
    const piece = fc.constantFrom('a', '.', '..', '%2e', '%2E.', '..;', '.;x', '', '%2F', '%5C', '\\', '%', '%zz', 'é');
    const paths = fc.array(piece).map((it) => `/${it.join('/')}`);
    fc.assert(
      fc.property(paths, fc.constantFrom(...MODES.slice(1)), (path, mode) => {
        const result = normalizePath(path, mode);
        assert.ok(result.startsWith('/'));
        assert.ok(!result.split('/').some((it) => it === '.' || it === '..'), result);
      }),
    );
  });
});
