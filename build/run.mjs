// Runs a TypeScript program of the repository after the set-up that it needs: node build/run.mjs FILE [ARGUMENTS]
import { spawn } from 'node:child_process';
import { ensureDependencies, root } from './setup.mjs';

const [file, ...args] = process.argv.slice(2);
await ensureDependencies();
const child = spawn(process.execPath, ['--require', 'tsx/cjs', file, ...args], { cwd: root, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('close', (code) => process.exit(code ?? 1));
