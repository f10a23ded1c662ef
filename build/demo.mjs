// `npm run demo`: VS Code for the web with the extension and the sample mesh in it, and nothing to type before.
//   npm run demo -- --check   goes through it once in a browser and ends
//   npm run demo -- --port N  another port than 3000
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureChromium, ensureDependencies, ensureHost, root } from './setup.mjs';

const args = process.argv.slice(2);
await ensureDependencies();
await ensureHost('web');
if (args.includes('--check')) await ensureChromium();
console.log('Building');
const { packageExtension } = await import('./package.mjs');
await packageExtension();
const program = join(root, 'test/support/vscode/demo.ts');
const child = spawn(process.execPath, ['--require', 'tsx/cjs', program, ...args], { cwd: root, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('close', (code) => process.exit(code ?? 1));
