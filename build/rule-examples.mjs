// Writes src/core/rules/examples.ts from the fixtures of the rules: `node build/rule-examples.mjs`.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { format, resolveConfig } from 'prettier';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const fixtures = join(root, 'test/fixtures/rules');
const target = join(root, 'src/core/rules/examples.ts');

/** The file's text as it should be. */
export async function examples() {
  const entries = readdirSync(fixtures)
    .sort()
    .map((id) => {
      const [bad, good] = ['fires', 'silent'].map((name) => exampleOf(join(fixtures, id, `${name}.yaml`), id));
      return `  '${id}': { bad: ${bad}, good: ${good} },`;
    });
  const text = `/* Made by build/rule-examples.mjs of test/fixtures/rules: change the fixtures, then run it. */

/** Files in which a rule fires, with what it says; and near ones in which it does not. */
export const EXAMPLES: Readonly<Record<string, { readonly bad: string; readonly good: string }>> = {
${entries.join('\n')}
};
`;
  return format(text, { ...(await resolveConfig(target)), parser: 'typescript' });
}

/** Marks of the rule itself keep their message; what is there for the tests alone goes. */
function exampleOf(file, id) {
  if (!existsSync(file)) return "''";
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const kept = lines.flatMap((line) => {
    const name = /^#- (.*)/.exec(line);
    if (name) return [`# ${name[1]}`];
    if (/^#[+?=] ?/.test(line)) return [];
    const mark = /^(#\s*\^+(?:\.\.\.)?|#<-*(?:\.\.\.)?)\s*(.*)/.exec(line);
    if (!mark) return [line];
    const message = new RegExp(`^(?:error|warning|information|hint) ${id}:? ?(.*)`).exec(mark[2]);
    return message ? [`${mark[1].replace('#<', '# ')} ${message[1]}`.trimEnd()] : [];
  });
  return JSON.stringify(kept.join('\n') + '\n');
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) writeFileSync(target, await examples());
