import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'mocha';
import { inRoot } from '../support/paths.js';

interface Size {
  readonly name: string;
  readonly kb: number;
  readonly budget?: number;
}

describe('sizes', () => {
  const code = `import(${JSON.stringify(inRoot('build/budgets.mjs'))}).then((it) => console.log(JSON.stringify(it.measure())))`;
  const sizes = JSON.parse(execFileSync(process.execPath, ['-e', code], { encoding: 'utf8' })) as Size[];

  it('are known for everything that has a budget', () => {
    const missing = [
      'dist/client/browser.js',
      'dist/server/node.js',
      'dist/server/browser.js',
      'dist/webview',
      'dist/packets-eye.vsix',
    ].filter((name) => !sizes.some((it) => it.name === name && it.budget));
    assert.deepEqual(missing, [], 'build it first: npm run package');
  });

  for (const { name, kb, budget } of sizes) {
    if (budget === undefined) continue;
    it(`${name} weighs ${kb} KB, at most ${budget}`, () => {
      assert.ok(
        kb <= budget,
        `${name} weighs ${kb} KB: see what it imports, or argue for a bigger budget in build/budgets.json`,
      );
    });
  }
});
