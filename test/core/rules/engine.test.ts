import assert from 'node:assert/strict';
import { buildSnapshot } from '../../../src/core/mesh/snapshot.js';
import { Workspace } from '../../../src/core/mesh/workspace.js';
import { Checker, checkMesh } from '../../../src/core/rules/engine.js';
import { fullMessage } from '../../../src/core/rules/rule.js';
import { checkWorkspace } from '../../../src/core/rules/workspace.js';
import { LARGEST_FILE } from '../../../src/core/mesh/workspace.js';
import { readFixture, workspaceOf } from '../../support/fixture.js';

const WEIGHTS = 'virtualservice-weights-not-100';
const SOFT = 'rules/virtualservice-unknown-gateway/fires-softly.yaml';

function meshOf(name: string) {
  return buildSnapshot(workspaceOf(readFixture(name)).resources());
}

describe('the engine of the rules', () => {
  it('gives a rule the severity that the settings want, or takes it out', () => {
    const mesh = meshOf(`rules/${WEIGHTS}/fires.yaml`);
    const severities = (wanted: 'error' | 'off') =>
      checkMesh(mesh, { severities: { [WEIGHTS]: wanted } }).map((it) => it.severity);
    assert.deepEqual(severities('error'), ['error', 'error']);
    assert.deepEqual(severities('off'), []);
  });

  it('makes no more than a hint of what it is not sure of', () => {
    const mesh = meshOf(SOFT);
    const [finding] = checkMesh(mesh, { severities: { 'virtualservice-unknown-gateway': 'error' } });
    assert.equal(finding!.severity, 'hint');
    assert.match(fullMessage(finding!), /Not sure: no Gateway/);
  });

  it('looks again at a rule that was off', () => {
    const workspace = workspaceOf(readFixture(SOFT));
    const mesh = buildSnapshot(workspace.resources());
    const checker = new Checker();
    assert.deepEqual(checker.check(mesh, { severities: { 'virtualservice-unknown-gateway': 'off' } }), []);
    assert.equal(checker.check(mesh).length, 1);
  });

  it('tells of a file that is too large, and of one that is no text', () => {
    const workspace = new Workspace();
    workspace.setFile('file:///large.yaml', 'a: b\n'.repeat(LARGEST_FILE / 5 + 1));
    workspace.setFile('file:///image.yaml', 'a\u0000b');
    const found = checkWorkspace(workspace, buildSnapshot(workspace.resources()));
    assert.deepEqual(
      found.map((it) => [it.rule, it.severity]),
      [
        ['file-not-read', 'information'],
        ['file-not-read', 'information'],
      ],
    );
  });

  it('goes on checking others by what a half-typed document last said', () => {
    const workspace = workspaceOf(readFixture('rules/virtualservice-unknown-destination-host/silent.yaml'));
    const uri = [...workspace.allFiles()].find((it) => it.text.includes('kind: Service\n'))!.uri;
    const text = workspace.file(uri)!.text;
    workspace.setFile(uri, text.replace('name: reviews, namespace: shop }', 'name: reviews, namespace: shop'));
    const found = checkWorkspace(workspace, buildSnapshot(workspace.resources()));
    assert.deepEqual(
      found.map((it) => it.rule),
      ['yaml-syntax-error'],
    );
  });

  it('survives a rule that throws when somebody wants to hear of it', () => {
    const mesh = meshOf(SOFT);
    Object.defineProperty(mesh, 'services', {
      get() {
        throw new Error('no services today');
      },
    });
    const heard: string[] = [];
    new Checker().check(mesh, { onError: (rule) => heard.push(rule) });
    assert.ok(heard.length > 0);
    assert.throws(() => new Checker().check(mesh), /no services today/);
  });
});
