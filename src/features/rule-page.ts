import { RULES } from '../core/rules/index.js';
import type { RuleText } from '../core/rules/rule.js';
import { escapeMarkdown } from './export-markdown.js';

/** The page of a rule as Markdown, or the list of all rules for an empty id; `undefined` for an unknown one. */
export function rulePage(id: string): string | undefined {
  if (id === '') return listOfRules();
  const rule = RULES.find((it) => it.id === id);
  return rule && pageOf(rule);
}

function pageOf(rule: RuleText): string {
  const lines = [
    `# ${escapeMarkdown(rule.title)}`,
    `\`${rule.id}\` · ${rule.severity} · ${rule.group}`,
    '## Why it hurts',
    rule.why,
    '## What to do',
    rule.remedy,
    '## Settings',
    `Another severity, or \`off\`: \`"packetsEye.diagnostics.severity": { "${rule.id}": "warning" }\``,
  ];
  if (rule.alsoKnownAs?.length) lines.push('## Also known as', rule.alsoKnownAs.join(', '));
  return lines.join('\n\n') + '\n';
}

function listOfRules(): string {
  const groups = new Map<string, RuleText[]>();
  for (const it of RULES) groups.set(it.group, [...(groups.get(it.group) ?? []), it]);
  const parts = [...groups].map(([group, rules]) => [
    `## ${group}`,
    rules.map((it) => `- \`${it.id}\` (${it.severity}): ${escapeMarkdown(it.title)}`).join('\n'),
  ]);
  return ['# Rules', ...parts.flat()].join('\n\n') + '\n';
}
