// Builds dist/: `node build/bundle.mjs [--watch] [--dev]`. Minified unless --dev.
import { build, context } from 'esbuild';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { overBudget, measure } from './budgets.mjs';

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
    from: ['webview/main.tsx', 'webview/main.ts'],
    to: 'dist/webview/main.js',
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    splitting: true,
  },
];

/** Builds what exists and returns the bundles that were made. */
export async function bundle({ minify = true, watch = false, log = console.log } = {}) {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  mkdirSync(join(root, 'dist'), { recursive: true });
  const made = [];
  await Promise.all(
    bundles.map(async ({ from, to, ...options }) => {
      const entry = [from].flat().find((it) => existsSync(join(root, it)));
      if (!entry) return log(`  ${to}: not built, there is no ${[from].flat().join(' or ')} yet`);
      const name = to.split('/').at(-1).replace(/\.js$/, '');
      const settings = {
        absWorkingDir: root,
        entryPoints: { [name]: entry },
        outdir: dirname(to),
        chunkNames: 'chunks/[name]-[hash]',
        bundle: true,
        minify,
        // Names stay readable in stack traces that users send; costs a few percent.
        keepNames: false,
        sourcemap: minify ? false : 'linked',
        define: { 'process.env.PACKETS_EYE_VERSION': JSON.stringify(version) },
        mainFields: options.platform === 'node' ? ['module', 'main'] : ['browser', 'module', 'main'],
        legalComments: 'none',
        jsx: 'automatic',
        jsxImportSource: 'preact',
        loader: { '.ttf': 'file', '.svg': 'text' },
        metafile: true,
        logLevel: 'warning',
        ...options,
      };
      if (watch) await (await context(settings)).watch();
      else made.push({ to, meta: (await build(settings)).metafile });
    }),
  );
  writeFileSync(join(root, 'dist/meta.json'), JSON.stringify(Object.assign({}, ...made.map((it) => it.meta.outputs))));
  return made.map((it) => it.to);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const started = Date.now();
  const watch = process.argv.includes('--watch');
  await bundle({ minify: !process.argv.includes('--dev') && !watch, watch });
  if (watch) console.log('watching');
  else {
    for (const { name, kb, budget } of measure()) {
      console.log(`  ${name.padEnd(24)} ${String(kb).padStart(6)} KB${budget ? ` of ${budget}` : ''}`);
    }
    console.log(`built in ${Date.now() - started} ms`);
    const over = process.argv.includes('--dev') ? [] : overBudget();
    for (const it of over)
      console.error(`${it.name} is ${it.kb} KB, over its budget of ${it.budget} KB (build/budgets.json)`);
    process.exitCode = over.length ? 1 : 0;
  }
}
