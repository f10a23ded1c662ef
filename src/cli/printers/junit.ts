import { getJunitXml } from 'junit-xml';
import type { FindingsPrinter } from './findings.js';

/** JUnit's XML: a test suite per file, a failed case per error or warning. A mesh without any is one case that passed. */
export const junitFindings: FindingsPrinter = (findings) => {
  const files = new Map<string, typeof findings>();
  for (const it of findings) files.set(it.at.file, [...(files.get(it.at.file) ?? []), it]);
  const suites = [...files].map(([name, list]) => ({
    name,
    testCases: list.map(({ rule, severity, at, message, related }) => ({
      name: `${rule} at line ${at.line}`,
      classname: name,
      ...(severity === 'error' || severity === 'warning'
        ? {
            errors: [{ message, type: severity }],
            systemErr: related.map((it) => `${it.at.file}:${it.at.line} ${it.message}`),
          }
        : { systemOut: [message] }),
    })),
  }));
  return getJunitXml({
    name: 'packets-eye',
    suites: suites.length > 0 ? suites : [{ name: 'packets-eye check', testCases: [{ name: 'nothing is wrong' }] }],
  });
};
