// Writes dist/rules/<id>.md, the pages to which codes in the Problems panel link, and the list of all, index.md.
import { build } from 'esbuild';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The pages are files of their own, so that the server need not carry a hundred kilobytes of examples. */
export async function writeRulePages() {
  const made = await build({
    absWorkingDir: root,
    entryPoints: ['src/core/rules/page.ts'],
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
    logLevel: 'warning',
  });
  const { allPages } = await import(
    `data:text/javascript;base64,${Buffer.from(made.outputFiles[0].contents).toString('base64')}`
  );
  const folder = join(root, 'dist/rules');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of allPages()) writeFileSync(join(folder, `${name}.md`), text);
}
