// `npm test`: does all the set-up, builds, runs every check and test and ends with one line of counts.
//   npm test -- --only core,features      these levels
//   npm test -- --only core --grep host   mocha's own options go to mocha
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ensureChromium, ensureDependencies, ensureHost, hosts, root } from './setup.mjs';

const tool = (path, ...args) => ({ command: [join(root, 'node_modules', path), ...args] });

/** In the order of how soon they would notice a mistake. `needs` names what must be prepared first. */
const levels = {
  format: tool('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'),
  lint: tool('eslint/bin/eslint.js', '--max-warnings', '0', '.'),
  typecheck: tool('typescript/bin/tsc', '-b'),
  core: { tests: 'test/core' },
  features: { tests: 'test/features' },
  cli: { tests: 'test/cli', needs: ['package'] },
  repo: { tests: 'test/repo', needs: ['package'] },
  server: { tests: 'test/server', needs: ['package'] },
  client: { tests: 'test/client' },
  webview: { tests: 'test/webview', needs: ['package', 'chromium'] },
  'vscode-web-1.91': { tests: 'test/vscode', needs: ['package', 'chromium', 'web-1.91'], host: 'web-1.91' },
  'vscode-web': { tests: 'test/vscode', needs: ['package', 'chromium', 'web'], host: 'web' },
  'vscode-node': { tests: 'test/vscode', needs: ['package', 'chromium', 'node'], host: 'node' },
};

const { only, mochaOptions } = readArguments(process.argv.slice(2));
const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];

await ensureDependencies();
const prepared = prepare(only.flatMap((name) => levels[name].needs ?? []));
for (const name of only) await runLevel(name, levels[name]);

// A test that no level runs would be green for ever.
const homeless = testFiles(join(root, 'test')).filter(
  (file) => !Object.values(levels).some((it) => it.tests && file.startsWith(join(root, it.tests, '/'))),
);
if (homeless.length) {
  console.log(`\nNo level of build/test.mjs runs ${homeless.map((it) => relative(root, it)).join(', ')}`);
  total.failed += homeless.length;
}

for (const it of failures) console.log(`failed: ${it}`);
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ''}`);
process.exit(total.failed > 0 ? 1 : 0);

function readArguments(args) {
  const at = args.indexOf('--only');
  const names = at < 0 ? Object.keys(levels) : (args[at + 1] ?? '').split(',');
  const unknown = names.filter((it) => !levels[it]);
  if (unknown.length) {
    console.error(`There is no level ${unknown.join(', ')}; there are ${Object.keys(levels).join(', ')}`);
    process.exit(2);
  }
  return {
    only: Object.keys(levels).filter((it) => names.includes(it)),
    mochaOptions: at < 0 ? args : args.toSpliced(at, 2),
  };
}

// Everything is prepared one after the other while the first levels run; who needs a thing waits for it.
function prepare(needs) {
  const prepared = {};
  let last = Promise.resolve();
  const log = (it) => console.log(`  (meanwhile: ${it})`);
  for (const it of ['package', 'chromium', ...Object.keys(hosts)]) {
    if (!needs.includes(it)) continue;
    const work =
      { package: packageInItsOwnProcess, chromium: () => ensureChromium(log) }[it] ?? (() => ensureHost(it, log));
    prepared[it] = last.then(() => work());
    // Who waits for it reports its failure.
    last = prepared[it].catch(() => {});
  }
  return prepared;
}

async function packageInItsOwnProcess() {
  const { code, output } = await start([join(root, 'build/package.mjs'), '--any-size'], {});
  if (code !== 0) throw new Error(output);
}

async function runLevel(name, { command, tests, needs = [], host }) {
  const started = Date.now();
  console.log(`\n▸ ${name}`);
  const counts = await (async () => {
    try {
      for (const it of needs) await prepared[it];
      if (command) return (await start(command, { show: true })).code === 0 ? { passed: 1 } : { failed: 1 };
      return await runMocha(name, tests, host);
    } catch (error) {
      console.error(error.message);
      return { failed: 1 };
    }
  })();
  const { passed = 0, failed = 0, skipped = 0 } = counts;
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  if (failed) failures.push(`${name} (${failed})`);
  console.log(`  ${name}: ${passed} of ${passed + failed} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

async function runMocha(name, folder, host) {
  const files = testFiles(join(root, folder));
  if (files.length === 0) {
    console.log(`  there are no tests in ${folder}`);
    return { failed: 1 };
  }
  const home = mkdtempSync(join(tmpdir(), 'packets-eye-counts-'));
  const counts = join(home, 'counts.json');
  try {
    const { code } = await start(
      [
        join(root, 'node_modules/mocha/bin/mocha.js'),
        '--reporter',
        join(root, 'build/reporter.cjs'),
        ...mochaOptions,
        ...files,
      ],
      {
        show: true,
        env: { PACKETS_EYE_COUNTS: counts, ...(host && { PACKETS_EYE_HOST: host, PACKETS_EYE_REPORTER: 'spec' }) },
      },
    );
    // No counts: it ended before its end, by a crash or by its time limit.
    const found = existsSync(counts) ? JSON.parse(readFileSync(counts, 'utf8')) : { failed: 1 };
    return code !== 0 && !found.failed ? { ...found, failed: 1 } : found;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function testFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .filter((it) => /\.test\.tsx?$/.test(it))
    .map((it) => join(folder, it))
    .sort();
}

// A process of Node, with a limit: a hanging test must not hang the machine that runs it.
function start(args, { show = false, env = {} }) {
  return new Promise((resolve) => {
    const stdio = show ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'];
    const child = spawn(process.execPath, args, { cwd: root, stdio, env: { ...process.env, ...env } });
    let output = '';
    child.stdout?.on('data', (it) => (output += it));
    child.stderr?.on('data', (it) => (output += it));
    const limit = setTimeout(() => {
      console.error('  stopped: it took more than 15 minutes');
      child.kill('SIGKILL');
    }, 15 * 60_000);
    child.on('close', (code) => {
      clearTimeout(limit);
      resolve({ code, output });
    });
  });
}
