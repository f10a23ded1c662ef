import { EXAMPLES } from './examples.js';
import { RULES } from './index.js';
import type { RuleText } from './rule.js';

/** The page of a rule as Markdown: what is wrong, why it hurts, what to do, and how it looks broken and mended. */
export function pageOf(rule: RuleText): string {
  const { id, title, severity, group, why, remedy, alsoKnownAs = [] } = rule;
  const example = EXAMPLES[id];
  const parts = [
    `# ${escaped(title)}`,
    `\`${id}\` · ${severity} · ${group}`,
    '## Why it hurts',
    escaped(why),
    '## What to do',
    escaped(remedy),
  ];
  if (example?.bad) parts.push('## Reported', codeBlock(example.bad));
  if (example?.good) parts.push('## Not reported', codeBlock(example.good));
  parts.push(
    '## If it is meant so',
    'Silence it at one place, above the node (above the first line of a document: for all of it):',
    codeBlock(`# packets-eye-ignore: ${id} -- why it is meant so\n`),
    'Or give it another severity everywhere, or `off`:',
    `\`\`\`json\n"packetsEye.diagnostics.severity": { "${id}": "hint" }\n\`\`\``,
  );
  const codes = alsoKnownAs.map((it) => `\`${it}\``).join(', ');
  if (codes) parts.push(`istioctl and Kiali know it as ${codes}; their annotations silence it, too.`);
  return parts.join('\n\n') + '\n';
}

/** The page of a rule by its id; the list of all for an empty one; `undefined` for an unknown one. */
export function rulePage(id: string): string | undefined {
  if (id === '') return listOfRules();
  const rule = RULES.find((it) => it.id === id);
  return rule && pageOf(rule);
}

/** Every page by the name of its file: each rule's id, and `index` for the list of all. */
export function allPages(): ReadonlyMap<string, string> {
  return new Map([['index', listOfRules()], ...RULES.map((it): [string, string] => [it.id, pageOf(it)])]);
}

function listOfRules(): string {
  const groups = new Map<string, RuleText[]>();
  for (const it of RULES) groups.set(it.group, [...(groups.get(it.group) ?? []), it]);
  const parts = [...groups].map(([group, rules]) => {
    const lines = rules.map((it) => `- \`${it.id}\` (${it.severity}): ${escaped(it.title)}`);
    return `## ${group}\n\n${lines.join('\n')}`;
  });
  return ['# Rules', ...parts].join('\n\n') + '\n';
}

function codeBlock(yaml: string): string {
  const fence = yaml.includes('```') ? '````' : '```';
  return `${fence}yaml\n${yaml.trimEnd()}\n${fence}`;
}

/** Text in which nothing is markup. */
function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|]/g, '\\$&');
}
