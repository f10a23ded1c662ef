import type { PlacedFinding } from '../../features/findings.js';
import type { Place } from '../load.js';

/** A finding with lines and columns from 1; the form that every printer takes. */
export interface PrintedFinding {
  readonly rule: string;
  readonly severity: PlacedFinding['severity'];
  readonly at: Place;
  readonly message: string;
  readonly related: readonly { readonly at: Place; readonly message: string }[];
}

export type FindingsPrinter = (findings: readonly PrintedFinding[]) => string;

export function counts(findings: readonly PrintedFinding[]): string {
  const count = (severity: string, one: string, many: string): string => {
    const number = findings.filter((it) => it.severity === severity).length;
    return `${number} ${number === 1 ? one : many}`;
  };
  const rest = findings.filter((it) => it.severity === 'information' || it.severity === 'hint').length;
  return `${count('error', 'error', 'errors')}, ${count('warning', 'warning', 'warnings')}${rest > 0 ? `, ${rest} more` : ''}`;
}

/** `file:line:column: severity message [rule]`, as compilers print, with the other places below. */
export const textFindings: FindingsPrinter = (findings) => {
  const lines = findings.flatMap((it) => [
    `${where(it.at)}: ${it.severity}: ${it.message} [${it.rule}]`,
    ...it.related.map((other) => `    ${where(other.at)}: ${other.message}`),
  ]);
  return [...lines, counts(findings)].join('\n');
};

/** Version 1; fields may be added, none changes its meaning within a version. */
export const jsonFindings: FindingsPrinter = (findings) => JSON.stringify({ version: 1, findings }, null, 1);

/** Workflow commands that GitHub shows beside the lines of a pull request. */
export const githubFindings: FindingsPrinter = (findings) => {
  const lines = findings.map(({ severity, at, message, rule }) => {
    const command = severity === 'error' || severity === 'warning' ? severity : 'notice';
    const properties = {
      file: at.file,
      line: at.line,
      col: at.column,
      endLine: at.endLine,
      endColumn: at.endColumn,
      title: rule,
    };
    const list = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
    return `::${command} ${list.join(',')}::${escapeMessage(message)}`;
  });
  return [...lines, counts(findings)].join('\n');
};

function where(at: Place): string {
  return `${at.file}:${at.line}:${at.column}`;
}

function escapeMessage(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
