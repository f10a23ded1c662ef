// What each bundle may weigh, as data in budgets.json (KB on disk, minified).
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const budgets = JSON.parse(readFileSync(join(root, 'build/budgets.json'), 'utf8'));

/** The size of everything that exists now: `{ name, kb, budget }`. A folder weighs what its entry loads at once, without lazy chunks. */
export function measure() {
  const names = [...new Set([...Object.keys(budgets), 'dist/client/node.js', 'dist/cli.js'])];
  return names.flatMap((name) => {
    const path = join(root, name);
    if (!existsSync(path)) return [];
    const bytes = statSync(path).isDirectory() ? eagerBytes(name) : statSync(path).size;
    return [{ name, kb: Math.ceil(bytes / 1024), budget: budgets[name] }];
  });
}

/** Prints all sizes; complains of what weighs more than it may, and returns whether anything does. */
export function reportSizes() {
  const sizes = measure();
  for (const { name, kb, budget } of sizes) {
    console.log(`  ${name.padEnd(24)} ${String(kb).padStart(6)} KB${budget ? ` of ${budget}` : ''}`);
  }
  const over = sizes.filter((it) => it.budget !== undefined && it.kb > it.budget);
  for (const it of over)
    console.error(`${it.name} is ${it.kb} KB, over its budget of ${it.budget} KB (build/budgets.json)`);
  return over.length > 0;
}

// A dynamic import() is loaded only when asked for; everything else that the entry reaches is paid at once, style sheets too.
function eagerBytes(folder) {
  const outputs = JSON.parse(readFileSync(join(root, 'dist/meta.json'), 'utf8'));
  const seen = new Set();
  const visit = (file) => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const it of outputs[file]?.imports ?? []) if (it.kind !== 'dynamic-import') visit(it.path);
  };
  for (const file of readdirSync(join(root, folder))) if (/\.(js|css)$/.test(file)) visit(`${folder}/${file}`);
  return [...seen].reduce((sum, file) => sum + (existsSync(join(root, file)) ? statSync(join(root, file)).size : 0), 0);
}
