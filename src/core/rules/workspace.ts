import { uriOf } from '../base/location.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { Workspace } from '../mesh/workspace.js';
import { Checker, weighed, type CheckOptions } from './engine.js';
import { RULES } from './index.js';
import type { Finding } from './rule.js';
import { suppress } from './suppress.js';
import { checkText, unreadIn } from './text.js';

/** Everything that is wrong with a workspace: its text and its mesh, less what its files ask to ignore. */
export function checkWorkspace(
  workspace: Workspace,
  mesh: MeshSnapshot,
  checker: Checker = new Checker(),
  options: CheckOptions = {},
): Finding[] {
  const steps = checkInSteps(workspace, mesh, checker, options);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The same with pauses, in which a server can look whether anybody still waits for the answer. */
export function* checkInSteps(
  workspace: Workspace,
  mesh: MeshSnapshot,
  checker: Checker,
  options: CheckOptions = {},
): Generator<string, Finding[]> {
  const text = checkText(workspace).flatMap((it) => weighed(it, options));
  yield 'text';
  const found = yield* checker.steps(mesh, { ...options, unread: unreadIn(workspace) });
  const left = suppress([...text, ...found], workspace, RULES).flatMap((it) => weighed(it, options));
  return inFileOrder(workspace, left);
}

function inFileOrder(workspace: Workspace, findings: readonly Finding[]): Finding[] {
  const placed = findings.map((finding) => {
    const span = workspace.locate(finding.at);
    return { finding, uri: span?.uri ?? uriOf(finding.at.doc), start: span?.start ?? finding.at.start };
  });
  placed.sort((a, b) => (a.uri < b.uri ? -1 : a.uri > b.uri ? 1 : a.start - b.start));
  return placed.map((it) => it.finding);
}
