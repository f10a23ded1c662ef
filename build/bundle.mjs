// Builds dist/: `node build/bundle.mjs [--watch] [--dev] [client|server|webview|cli ...]`. Minified unless --dev.
import { build, context } from 'esbuild';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reportSizes } from './budgets.mjs';
import { writeNotices } from './notices.mjs';
import { writeRulePages } from './rule-pages.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const node = { platform: 'node', format: 'cjs', target: 'node20' };
// VS Code loads a browser extension as CommonJS, and the server as a classic worker.
const browser = { platform: 'browser', format: 'cjs', target: 'es2022' };
const worker = { platform: 'browser', format: 'iife', target: 'es2022' };

/** One bundle each; `webview` is the only one with several files, so that Mermaid stays a chunk of its own. */
const bundles = [
  { from: 'src/client/node/main.ts', to: 'dist/client/node.js', ...node, external: ['vscode'] },
  { from: 'src/client/browser/main.ts', to: 'dist/client/browser.js', ...browser, external: ['vscode'] },
  { from: 'src/server/node/main.ts', to: 'dist/server/node.js', ...node },
  { from: 'src/server/browser/main.ts', to: 'dist/server/browser.js', ...worker },
  { from: 'src/cli/main.ts', to: 'dist/cli.js', ...node, banner: { js: '#!/usr/bin/env node' } },
  {
    from: 'webview/main.tsx',
    to: 'dist/webview/main.js',
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    splitting: true,
  },
];

/**
 * Takes yaml's ES modules for Node, too, and tells the bundler that they do nothing when loaded, which their package forgets to
 * say: what nobody calls of them, more than half, stays out.
 */
const yamlWithoutTheUnused = {
  name: 'yaml without the unused',
  setup(build) {
    const modules = join(root, 'node_modules/yaml/browser/dist');
    build.onResolve({ filter: /^yaml$/ }, () => ({ path: join(modules, 'index.js'), sideEffects: false }));
    build.onResolve({ filter: /^\.\.?\// }, ({ importer, path }) =>
      importer.startsWith(modules) ? { path: join(dirname(importer), path), sideEffects: false } : undefined,
    );
  },
};

/** Builds all bundles, or only those of some parts. */
export async function bundle({ minify = true, watch = false, only = [] } = {}) {
  const chosen = bundles.filter(({ to }) => only.length === 0 || only.some((it) => to.startsWith(`dist/${it}`)));
  const made = [];
  await Promise.all(
    chosen.map(async ({ from, to, ...options }) => {
      const name = to.split('/').at(-1).replace(/\.js$/, '');
      const settings = {
        absWorkingDir: root,
        entryPoints: { [name]: from },
        outdir: dirname(to),
        chunkNames: 'chunks/[name]-[hash]',
        bundle: true,
        minify,
        sourcemap: minify ? false : 'linked',
        define: { 'process.env.PACKETS_EYE_VERSION': JSON.stringify(version) },
        mainFields: options.platform === 'node' ? ['module', 'main'] : ['browser', 'module', 'main'],
        legalComments: 'none',
        jsx: 'automatic',
        jsxImportSource: 'preact',
        metafile: true,
        plugins: [yamlWithoutTheUnused],
        logLevel: 'warning',
        ...options,
      };
      if (watch) await (await context(settings)).watch();
      else made.push(...Object.entries((await build(settings)).metafile.outputs));
    }),
  );
  if (!watch) remember(Object.fromEntries(made));
  if (only.length === 0 || only.includes('rules')) await writeRulePages();
  if (only.length === 0 && !watch) writeNotices();
}

// What each file of dist/ imports (budgets.mjs asks), and no chunk that an earlier build left behind.
function remember(outputs) {
  const path = join(root, 'dist/meta.json');
  const before = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  const chunks = 'dist/webview/chunks';
  const rebuilt = Object.keys(outputs).some((it) => it.startsWith('dist/webview/'));
  if (rebuilt && existsSync(join(root, chunks))) {
    for (const file of readdirSync(join(root, chunks))) {
      if (!outputs[`${chunks}/${file}`]) rmSync(join(root, chunks, file));
    }
  }
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(path, JSON.stringify({ ...before, ...outputs }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const started = Date.now();
  const watch = process.argv.includes('--watch');
  const only = process.argv.slice(2).filter((it) => !it.startsWith('--'));
  await bundle({ minify: !process.argv.includes('--dev') && !watch, watch, only });
  if (watch) console.log('watching');
  else {
    console.log(`built in ${Date.now() - started} ms`);
    // what is not minified may weigh what it likes
    if (!process.argv.includes('--dev')) process.exitCode = reportSizes() ? 1 : 0;
  }
}
