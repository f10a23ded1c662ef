import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { CodeActionRequest, type CodeAction } from 'vscode-languageserver-protocol';
import { readFixture } from '../support/fixture.js';
import { LspSession, MemoryFiles } from '../support/lsp.js';

const fixture = readFixture('hover/branches.yaml');
const FOLDER = 'file:///fixture';
const ROUTING = `${FOLDER}/routing.yaml`;
const text = fixture.files.find((it) => it.uri === ROUTING)!.text;

function place(name: string): { line: number; character: number } {
  const { start } = fixture.marks.find((it) => it.word === name)!;
  const before = text.slice(0, start).split('\n');
  return { line: before.length - 1, character: before.at(-1)!.length };
}

describe('what a client asks', () => {
  let session: LspSession;
  before(async () => {
    const files = new MemoryFiles(Object.fromEntries(fixture.files.map((it) => [it.uri, it.text])));
    session = await LspSession.start({ files, folders: [FOLDER] });
    await session.openDocument(ROUTING, text);
  });
  after(() => session.stop());

  it('the request that shows a place best, and its trace with lines of files', async () => {
    const request = await session.ask('packetsEye/witness', { uri: ROUTING, ...place('bad') });
    assert.ok(request);
    assert.deepEqual(request.from, { pod: 'shop/productpage' });
    const diagram = await session.ask('packetsEye/trace', { request, near: ROUTING });
    const broken = diagram!.branches.find((it) => it.badge.state === 'broken')!;
    assert.equal(broken.badge.code, '503 NC');
    const evidence = broken.messages.flatMap((it) => it.detail.evidence);
    assert.ok(evidence.some((it) => it.at.uri === ROUTING && it.at.start.line === place('bad').line));
    assert.ok(
      evidence.every((it) => /^[\w.-]+:\d+/.test(it.text)),
      evidence.map((it) => it.text).join('\n'),
    );
  });

  it('what a form can offer', async () => {
    const { workloads, hosts } = await session.ask('packetsEye/suggestions', { near: ROUTING });
    assert.ok(workloads.includes('shop/productpage'));
    assert.ok(hosts.includes('reviews.shop:9080'));
    assert.deepEqual(await session.ask('packetsEye/parseTarget', { text: 'reviews:9080/api' }), {
      target: { host: 'reviews', port: 9080, scheme: 'http', path: '/api' },
    });
  });

  it('a branch as Mermaid and as Markdown', async () => {
    const request = (await session.ask('packetsEye/witness', { uri: ROUTING, ...place('good') }))!;
    const mermaid = await session.ask('packetsEye/export', { request, branch: '', format: 'mermaid', near: ROUTING });
    assert.match(mermaid ?? '', /^sequenceDiagram/);
    const markdown = await session.ask('packetsEye/export', { request, branch: '', format: 'markdown', near: ROUTING });
    assert.match(markdown ?? '', /^# GET http/);
  });

  it('lenses with the outcome of each route, and a command that opens it', async () => {
    const lenses = await session.lenses(ROUTING);
    assert.deepEqual(
      lenses.map((it) => it.command?.title),
      ['✓ 200 · Show path', '✓ 200  ✗ 503 NC · Show path'],
    );
    assert.equal(lenses[0]!.command?.command, 'packetsEye.showPath');
  });

  it('fixes for a line, which make their finding go away', async () => {
    const uri = `${FOLDER}/typo.yaml`;
    const typo = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: typo, namespace: shop }
spec: { hosts: [typo.example.com], http: [{ route: [{ destination: { host: reviewz, port: { number: 9080 } } }] }] }
`;
    await session.after(() => session.openDocument(uri, typo));
    const at = { line: 3, character: 0 };
    const actions = (await session.connection.sendRequest(CodeActionRequest.type, {
      textDocument: { uri },
      range: { start: at, end: at },
      context: { diagnostics: [] },
    })) as CodeAction[];
    assert.equal(actions.length, 1, JSON.stringify(session.problems(uri)));
    const [edit] = actions[0]!.edit!.changes![uri]!;
    const { range, newText } = edit!;
    assert.deepEqual([range.start.line, newText], [3, 'reviews']);
    const start = typo.indexOf('reviewz');
    await session.after(() => session.edit(uri, start, start + 'reviewz'.length, newText));
    assert.doesNotMatch(session.problems(uri).join(), /unknown-destination-host/);
  });
});
