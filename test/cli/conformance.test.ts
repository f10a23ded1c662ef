import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KNOWN_DIFFERENCES } from '../conformance/known-differences.js';
import { inRoot } from '../support/paths.js';

interface Comparison {
  readonly requestsSeen: number;
  readonly failures: readonly string[];
}

/** What a real istiod and Envoy did, against what the built command line says. */
describe('conformance', () => {
  const cases = readdirSync(inRoot('test/conformance/cases')).sort();
  let comparison: Comparison;

  before(function () {
    this.timeout(240_000);
    const folder = mkdtempSync(join(tmpdir(), 'packets-eye-conformance-'));
    try {
      const json = join(folder, 'comparison.json');
      const args = ['--quiet', '--cases', inRoot('test/conformance/cases'), '--json', json, '--', process.execPath];
      spawnSync(process.execPath, [inRoot('test/conformance/compare.mjs'), ...args, inRoot('dist/cli.js'), 'trace'], {
        stdio: 'ignore',
      });
      comparison = JSON.parse(readFileSync(json, 'utf8')) as Comparison;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('asks every case', () => {
    assert.ok(comparison.requestsSeen > 600, `only ${comparison.requestsSeen} requests were compared`);
    for (const name of Object.keys(KNOWN_DIFFERENCES)) assert.ok(cases.includes(name), `there is no case ${name}`);
  });

  for (const name of cases) {
    const known = KNOWN_DIFFERENCES[name];
    it(known === undefined ? `${name} agrees in every field` : `${name} differs: ${known}`, () => {
      const failures = comparison.failures.filter((it) => it.startsWith(`${name}/`) || it.startsWith(`${name}:`));
      if (known === undefined) assert.deepEqual(failures, []);
      else assert.notDeepEqual(failures, [], 'it agrees now: take it off the list of known differences');
    });
  }
});
