// Writes dist/NOTICES.txt: whose work the bundles hold, under which licence. Nearly all of these licences ask that their text goes along.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The folders of all packages of which something is in a bundle, by what esbuild put there. */
export function bundledPackages(outputs) {
  const folders = new Set();
  for (const { inputs } of Object.values(outputs)) {
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
      if (folder && bytesInOutput > 0) folders.add(folder);
    }
  }
  return [...folders].sort();
}

export function writeNotices() {
  const outputs = JSON.parse(readFileSync(join(root, 'dist/meta.json'), 'utf8'));
  const notices = bundledPackages(outputs).map(noticeOf);
  writeFileSync(join(root, 'dist/NOTICES.txt'), [INTRODUCTION, ...notices].join(`\n${'-'.repeat(100)}\n\n`));
}

const INTRODUCTION = "Packet's-Eye holds parts of the following packages, each under its own licence.\n";

function noticeOf(folder) {
  const { name, version, license, homepage, repository } = JSON.parse(
    readFileSync(join(root, folder, 'package.json'), 'utf8'),
  );
  const home = homepage ?? repository?.url ?? repository ?? `https://www.npmjs.com/package/${name}`;
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  const files = entries.filter((it) => it.isFile() && /^(licen[cs]e|copying|notice)/i.test(it.name));
  const texts = files.map((it) => `${readFileSync(join(root, folder, it.name), 'utf8').trim()}\n`);
  return [`${name} ${version}, ${license ?? 'with the licence below'}, ${home}\n`, ...texts].join('\n');
}
