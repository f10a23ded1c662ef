// `npm run test:electron`: the package in a desktop VS Code that is downloaded, oldest and newest. Needs an ordinary network (and, without a
// screen, xvfb-run); the editors of `npm test` need neither.
import { runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { inRoot } from '../support/paths.js';
import { stagedExtension } from '../support/vscode/hosts.js';

async function main(): Promise<void> {
  execFileSync(process.execPath, [inRoot('build/package.mjs')], { stdio: 'inherit' });
  const suite = inRoot('node_modules/.cache/packets-eye/electron/suite.js');
  await build({
    entryPoints: [inRoot('test/electron/suite.ts')],
    outfile: suite,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode'],
    logLevel: 'warning',
  });
  const { engines } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')) as { engines: { vscode: string } };
  for (const version of [engines.vscode.replace('^', ''), 'stable']) {
    console.log(`\nVS Code ${version}`);
    await runTests({
      version,
      extensionDevelopmentPath: stagedExtension,
      extensionTestsPath: suite,
      launchArgs: [inRoot('media/sample-mesh'), '--disable-extensions', '--disable-workspace-trust'],
      cachePath: inRoot('node_modules/.cache/packets-eye/vscode'),
    });
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
