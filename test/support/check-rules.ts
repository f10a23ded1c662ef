import assert from 'node:assert/strict';
import { buildSnapshot } from '../../src/core/mesh/snapshot.js';
import { checkWorkspace } from '../../src/core/rules/workspace.js';
import { fullMessage, type Finding } from '../../src/core/rules/rule.js';
import { expectedFindings, placeText, workspaceOf, type Fixture, type Mark } from './fixture.js';

/** All findings of a fixture's files, with their places in the files. */
export function findingsIn(fixture: Fixture) {
  const workspace = workspaceOf(fixture);
  const place = (at: Finding['at']) => {
    const span = workspace.locate(at) ?? {
      uri: at.doc.slice(0, at.doc.lastIndexOf('#')),
      start: at.start,
      end: at.end,
    };
    return { ...span, text: workspace.textAt(at) };
  };
  return checkWorkspace(workspace, buildSnapshot(workspace.resources())).map((finding) => ({
    finding,
    ...place(finding.at),
    related: finding.related.map((it) => ({ ...place(it.at), message: it.message })),
  }));
}

/** Says that the rules find what the fixture's marks say, and nothing else. */
export function checkFindings(fixture: Fixture): void {
  const found = findingsIn(fixture);
  const lines = found.map((it) =>
    line(fixture, it.uri, it.start, it.end, it.finding.severity, it.finding.rule, fullMessage(it.finding)),
  );
  const marks = expectedFindings(fixture);
  const expected = marks.map((it) => {
    const match = found.find((one) => isMarkOf(it, one));
    const message = it.text || (match ? fullMessage(match.finding) : '(any message)');
    return line(fixture, it.uri, it.start, it.end ?? match?.end ?? it.start, it.word, it.rule, message);
  });
  assert.deepEqual(lines.sort(), expected.sort(), fixture.name);
  const related = found.flatMap((it) => it.related);
  for (const mark of fixture.marks.filter((it) => it.word === 'related')) {
    const there = related.filter(
      (it) => it.uri === mark.uri && it.start === mark.start && (mark.end ?? it.end) === it.end,
    );
    const hit = there.find((it) => it.message === mark.text) ?? there[0];
    const where = related.map((it) => `${placeText(fixture, it.uri, it.start)} ${it.text} ${it.message}`).join('\n');
    assert.ok(
      hit,
      `${fixture.name}: nothing is related at ${placeText(fixture, mark.uri, mark.start)}; but:\n${where}`,
    );
    if (mark.text) assert.equal(hit.message, mark.text);
  }
}

function isMarkOf(mark: Mark, it: ReturnType<typeof findingsIn>[number]): boolean {
  return (
    mark.uri === it.uri && mark.start === it.start && mark.rule === it.finding.rule && mark.word === it.finding.severity
  );
}

function line(
  fixture: Fixture,
  uri: string,
  start: number,
  end: number,
  severity: string,
  rule: string,
  message: string,
): string {
  return `${placeText(fixture, uri, start)}+${end - start} ${severity} ${rule}: ${message}`;
}
