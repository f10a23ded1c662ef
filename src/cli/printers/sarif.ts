import type { Log, ReportingDescriptor, Result } from 'sarif';
import { RULES } from '../../core/rules/index.js';
import type { RuleText } from '../../core/rules/rule.js';
import type { Place } from '../load.js';
import type { FindingsPrinter, PrintedFinding } from './findings.js';

/** SARIF 2.1.0, for code scanning. */
export const sarifFindings: FindingsPrinter = (findings) => {
  const used = RULES.filter((rule) => findings.some((it) => it.rule === rule.id));
  const log: Log = {
    version: '2.1.0',
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    runs: [
      {
        tool: {
          driver: {
            name: 'packets-eye',
            version: process.env['PACKETS_EYE_VERSION'] ?? '0.0.0',
            rules: used.map(descriptor),
          },
        },
        results: findings.map(result),
      },
    ],
  };
  return JSON.stringify(log, null, 1);
};

function descriptor({ id, title, why, remedy }: RuleText): ReportingDescriptor {
  return { id, shortDescription: { text: title }, fullDescription: { text: why }, help: { text: remedy } };
}

function result({ rule, severity, at, message, related }: PrintedFinding): Result {
  return {
    ruleId: rule,
    level: severity === 'error' || severity === 'warning' ? severity : 'note',
    message: { text: message },
    locations: [{ physicalLocation: physical(at) }],
    relatedLocations: related.map((it, index) => ({
      id: index,
      message: { text: it.message },
      physicalLocation: physical(it.at),
    })),
  };
}

function physical({ file, line, column, endLine, endColumn }: Place) {
  return {
    artifactLocation: { uri: file.replaceAll('\\', '/') },
    region: { startLine: line, startColumn: column, endLine, endColumn },
  };
}
