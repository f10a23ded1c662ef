import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { SAMPLE_FILES } from '../../src/client/sample-files.js';
import { inRoot } from '../support/paths.js';

describe('the sample mesh', () => {
  it('is listed in src/client/sample-files.ts file by file, since a browser cannot look into the extension', () => {
    const folder = inRoot('media/sample-mesh');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((it) => statSync(join(folder, it)).isFile())
      .map((it) => it.replaceAll('\\', '/'));
    assert.deepEqual([...SAMPLE_FILES].sort(), files.sort());
  });
});
