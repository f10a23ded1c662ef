// Makes dist/packets-eye.vsix from a fresh build, and unpacks the same files where tests and the demo load the extension from: what they drive is
// what ships.
import { createVSIX, listFiles } from '@vscode/vsce';
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';
import { reportSizes } from './budgets.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const staged = join(root, 'node_modules/.cache/packets-eye/extension');

/** Builds, packs and unpacks the extension. */
export async function packageExtension() {
  await bundle();
  const vsix = join(root, 'dist/packets-eye.vsix');
  // Everything is bundled: the package has no dependencies to look for.
  const options = { cwd: root, dependencies: false, allowMissingRepository: true, rewriteRelativeLinks: false };
  await quietly(() => createVSIX({ ...options, packagePath: vsix }));
  rmSync(staged, { recursive: true, force: true });
  for (const file of await listFiles({ cwd: root, packageManager: 0 })) {
    mkdirSync(dirname(join(staged, file)), { recursive: true });
    copyFileSync(join(root, file), join(staged, file));
  }
  if (!existsSync(join(staged, 'package.json')))
    throw new Error('The package has no package.json: look at .vscodeignore');
}

// vsce prints every file and its advice; a failure throws anyway.
async function quietly(work) {
  const { log, warn, info } = console;
  Object.assign(console, { log() {}, warn() {}, info() {} });
  try {
    return await work();
  } finally {
    Object.assign(console, { log, warn, info });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await packageExtension();
  // `npm test` has a test for it, and tests the rest all the same.
  process.exitCode = reportSizes() && !process.argv.includes('--any-size') ? 1 : 0;
}
