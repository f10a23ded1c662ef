import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { hoverAt } from '../../src/features/hover.js';
import { HOVER_COMMANDS, hoverMarkdown } from '../../src/features/hover-markdown.js';
import { Session } from '../../src/features/session.js';
import { parseFixture, readFixture, type Fixture } from '../support/fixture.js';

function markdownAt(fixture: Fixture, name: string): string {
  const mark = fixture.marks.find((it) => it.word === name)!;
  const session = new Session();
  for (const { uri, text } of fixture.files) session.setFile(uri, text);
  return hoverMarkdown(session, hoverAt(session, mark.uri, mark.start)!, {
    uri: mark.uri,
    position: { line: 3, character: 18 },
  });
}

describe("a hover's Markdown", () => {
  const branches = markdownAt(readFixture('hover/branches.yaml'), 'name');

  it('has a table with a line for each branch, broken ones in bold with a link to their line', () => {
    assert.match(branches, /\| {2}\| request \| goes to \| and gets \|/);
    assert.match(branches, /\| 1 \| header end-user = jason \| reviews v2 · 1 pod \| ✓ 200 \|/);
    assert.match(branches, /\(\[line 17\]\(command:packetsEye\.revealPlace\?[^)]*\)\) \| \*\*✗ 503 NC\*\* \|/);
  });

  it('links to commands, with arguments that these can read', () => {
    const links = [...branches.matchAll(/\]\(command:([\w.]+)\?([^)]*)\)/g)];
    assert.deepEqual(
      links.map((it) => it[1]),
      ['packetsEye.revealPlace', 'packetsEye.showPath', 'packetsEye.traceRequest', 'packetsEye.copyCurl'],
    );
    const args = links.map((it) => JSON.parse(decodeURIComponent(it[2]!)) as unknown);
    assert.ok(links.every((it) => (HOVER_COMMANDS as readonly string[]).includes(it[1]!)));
    assert.deepEqual(args, [
      [{ uri: 'file:///fixture/routing.yaml', line: 16, character: 0 }],
      [{ uri: 'file:///fixture/routing.yaml', line: 3, character: 18 }],
      [{ uri: 'file:///fixture/routing.yaml', line: 3, character: 18 }],
      ['curl -sv http://reviews:9080/'],
    ]);
  });

  it('stays within twelve lines however many routes there are', () => {
    const routes = Array.from(
      { length: 30 },
      (_, i) => `
    - match: [{ uri: { prefix: /p${i} } }]
      route: [{ destination: { host: reviews } }]`,
    );
    const fixture = parseFixture(`# Many routes.
#+ base/reviews.yaml
#- routing.yaml
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
#                 ^^^^^^^ name
spec:
  hosts: [reviews]
  http:${routes.join('')}
`);
    const markdown = markdownAt(fixture, 'name');
    const lines = markdown.split('\n').filter((it) => it !== '' && !/^\|( --- \|)+$/.test(it));
    assert.ok(lines.length <= 12, lines.join('\n'));
    assert.match(markdown, /23 more in the packet's-eye view/);
  });

  it('shows names as they are, whatever Markdown would make of them', () => {
    const fixture = parseFixture(`# A host with signs that Markdown reads.
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: odd, namespace: shop }
#                 ^^^ name
spec:
  hosts: ["*.example.com"]
  http: [{ match: [{ headers: { x: { exact: "<b>[x](y)" } } }], route: [{ destination: { host: reviews } }] }]
`);
    const markdown = markdownAt(fixture, 'name');
    assert.match(markdown, /\*\*\\\*\.example\.com\*\*/);
    assert.match(markdown, /header x = \\<b\\>\\\[x\\\]\(y\)/);
  });
});
