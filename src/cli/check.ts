import type { Command } from 'commander';
import { findingsOf, type PlacedFinding } from '../features/findings.js';
import type { Session } from '../features/session.js';
import { EXIT_FOUND, UsageError } from './exit.js';
import { loadSession, placeOfSpan } from './load.js';
import {
  githubFindings,
  jsonFindings,
  textFindings,
  type FindingsPrinter,
  type PrintedFinding,
} from './printers/findings.js';
import { junitFindings } from './printers/junit.js';
import { sarifFindings } from './printers/sarif.js';

const PRINTERS: Readonly<Record<string, FindingsPrinter>> = {
  text: textFindings,
  json: jsonFindings,
  sarif: sarifFindings,
  junit: junitFindings,
  github: githubFindings,
};

/** From the mildest that fails to the worst. */
const FAILING: Readonly<Record<string, readonly string[]>> = { error: ['error'], warning: ['error', 'warning'] };

interface CheckOptions {
  readonly format: string;
  readonly failOn: string;
}

/** `packets-eye check`: everything that is wrong in the files. */
export function addCheckCommand(program: Command): void {
  program
    .command('check')
    .description('report what is wrong in the YAML: broken routes, and what breaks them')
    .argument('<path...>', 'YAML files, or folders of them: the mesh')
    .option('--format <format>', `how to print: ${Object.keys(PRINTERS).join(', ')}`, 'text')
    .option('--fail-on <severity>', 'exit with 1 from this severity on: error or warning', 'error')
    .action((paths: string[], { format, failOn }: CheckOptions) => {
      const print = PRINTERS[format];
      const failing = FAILING[failOn];
      if (!print) throw new UsageError(`--format ${format}: expected ${Object.keys(PRINTERS).join(', ')}`);
      if (!failing) throw new UsageError(`--fail-on ${failOn}: expected error or warning`);
      const session = loadSession(paths);
      const findings = findingsOf(session).flatMap((it) => printed(session, it));
      console.log(print(findings));
      if (findings.some((it) => failing.includes(it.severity))) process.exitCode = EXIT_FOUND;
    });
}

function printed(session: Session, it: PlacedFinding): PrintedFinding[] {
  const textOf = (uri: string): string | undefined => session.workspace.file(uri)?.text;
  const at = placeOfSpan(it.span, textOf(it.span.uri) ?? '');
  const related = it.related.map((other) => ({
    at: placeOfSpan(other.span, textOf(other.span.uri) ?? ''),
    message: other.message,
  }));
  return [{ rule: it.rule, severity: it.severity, at, message: it.message, related }];
}
