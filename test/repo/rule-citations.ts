import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { inRoot } from '../support/paths.js';
import { MESH_RULES } from './mesh-rules.js';

/** Where tests and fixtures cite a rule of the mesh; paths from the repository's root, sorted. */
export type Citations = ReadonlyMap<string, readonly string[]>;

const TABLE = inRoot('test/RULES.md');
const OWN = /^test\/repo\/(mesh-rules|rule-citations|rule-coverage\.test)\.ts$/;

/** Support draws and builds, it proves nothing; of a case what a request's note cites, since the YAML is only its mesh. */
export function citationsOfTests(): Citations {
  const all = filesBelow('test').filter((it) => !OWN.test(it) && !it.startsWith('test/support/'));
  const proofs = all.filter(
    (it) => it.endsWith('.ts') || (it.startsWith('test/fixtures/') && it.endsWith('.yaml')) || isCase(it),
  );
  return citationsIn(proofs);
}

export function citationsOfSource(): Citations {
  return citationsIn(filesBelow('src/core').filter((it) => it.endsWith('.ts')));
}

/** The table of rules, with the number of files that cite each and the first of them. */
export function rulesTable(): string {
  const cited = citationsOfTests();
  const rows = Object.entries(MESH_RULES).map(([id, title]) => {
    const files = cited.get(id) ?? [];
    const first = files[0] === undefined ? '' : `\`${files[0].replace(/^test\//, '')}\``;
    return `| ${id} | ${title} | ${files.length || ''} | ${first} |`;
  });
  const head = [
    '# Rules of the mesh, and what proves them',
    '',
    'Written by `PACKETS_EYE_UPDATE=1 npm test -- --only repo`: files of tests, fixtures and cases that cite a rule, and the first one.',
    'Why a rule has none is said in `repo/rule-coverage.test.ts`.',
    '',
    '| rule | about | files | first |',
    '| --- | --- | --- | --- |',
  ];
  return [...head, ...rows, ''].join('\n');
}

export function writtenTable(): string {
  if (process.env['PACKETS_EYE_UPDATE']) writeFileSync(TABLE, rulesTable());
  return readFileSync(TABLE, 'utf8');
}

function citationsIn(files: readonly string[]): Citations {
  const result = new Map<string, string[]>();
  for (const file of files) {
    const text = readFileSync(inRoot(file), 'utf8');
    const cited = isCase(file) ? [...text.matchAll(/\bnote: (.*)/g)].map((it) => it[1]).join('\n') : text;
    for (const id of new Set(cited.match(/\b[A-Z]{2,4}-\d+\b/g) ?? [])) {
      result.set(id, [...(result.get(id) ?? []), file]);
    }
  }
  return result;
}

function isCase(file: string): boolean {
  return /^test\/conformance\/cases\/[^/]+\/requests\.yaml$/.test(file);
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(inRoot(folder), { recursive: true, withFileTypes: true });
  const paths = entries.filter((it) => it.isFile()).map((it) => `${it.parentPath}/${it.name}`.replaceAll('\\', '/'));
  const start = inRoot('.').replaceAll('\\', '/').length + 1;
  return paths.map((it) => it.slice(start)).sort();
}
