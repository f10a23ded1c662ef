import assert from 'node:assert/strict';
import { expectedFindings, parseFixture, placeText, workspaceOf } from '../support/fixture.js';

const TEXT = `# Jason reaches v2.
#- routing.yaml
kind: VirtualService
spec: { subset: v3 }
#               ^^ error subset-not-defined: No DestinationRule defines subset "v3"
#               ^^ here
#       ^^^^^^... related
#? hover
#= reviews v3
#=   1 pod
# wrong: two
#- rules.yaml
kind: DestinationRule
#<--- hint some-rule
`;

describe('fixture reader', () => {
  const fixture = parseFixture(TEXT);
  const [routing, rules] = fixture.files;
  const pointedAt = fixture.marks.map((it) => {
    const text = it.uri === routing!.uri ? routing!.text : rules!.text;
    return [it.word, text.slice(it.start, it.end ?? it.start + 1)];
  });

  it('reads files, marks, questions and the cursor', () => {
    assert.equal(fixture.story, 'Jason reaches v2.');
    assert.deepEqual(
      fixture.files.map((it) => it.name),
      ['routing.yaml', 'rules.yaml'],
    );
    assert.deepEqual(pointedAt, [
      ['error', 'v3'],
      ['here', 'v3'],
      ['related', 's'],
      ['hint', 'kind:'],
    ]);
    assert.deepEqual(
      fixture.questions.map(({ ask, answer, wrong, line }) => ({ ask, answer, wrong, line })),
      [{ ask: 'hover', answer: ['reviews v3', '  1 pod'], wrong: ['two'], line: 8 }],
    );
    assert.equal(placeText(fixture, fixture.cursor!.uri, fixture.cursor!.offset), 'routing.yaml:2:17');
  });

  it('tells findings apart', () => {
    assert.deepEqual(
      expectedFindings(fixture).map((it) => `${it.word} ${it.rule} ${it.text}`.trim()),
      ['error subset-not-defined No DestinationRule defines subset "v3"', 'hint some-rule'],
    );
  });

  it('fills a workspace', () => {
    assert.equal([...workspaceOf(fixture).allFiles()].length, 2);
  });
});
