import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parseText, splitDocuments } from '../../../src/core/syntax/parse.js';
import { readFast } from '../../../src/core/syntax/read-fast.js';
import { readPatient } from '../../../src/core/syntax/read-patient.js';
import { toPlain, type YamlNode } from '../../../src/core/syntax/tree.js';
import { inRoot } from '../../support/paths.js';

/** What a tree says and where, without the ends of collections, which have no one right place. */
function outline(node: YamlNode | undefined): unknown {
  switch (node?.kind) {
    case undefined:
      return undefined;
    case 'scalar':
      return [node.start, node.end, node.text, node.value];
    case 'seq':
      return node.items.map(outline);
    case 'map':
      return node.entries.map((it) => [outline(it.key), outline(it.value)]);
  }
}

function* documents(): Generator<readonly [string, string]> {
  const cases = inRoot('test/conformance/cases');
  const sample = inRoot('media/sample-mesh');
  const files = [
    ...readdirSync(cases).map((it) => join(cases, it, 'resources.yaml')),
    ...['talk', 'shop'].flatMap((it) => readdirSync(join(sample, it)).map((file) => join(sample, it, file))),
  ];
  for (const file of files) for (const it of splitDocuments(readFileSync(file, 'utf8'))) yield [file, it.text];
}

describe('syntax', () => {
  it('both readers give the same tree for correct YAML', () => {
    let count = 0;
    for (const [file, text] of documents()) {
      const fast = readFast(text);
      assert.ok('root' in fast, file);
      assert.deepEqual(outline(readPatient(text)), outline(fast.root), file);
      count++;
    }
    assert.ok(count > 900, `only ${count} documents were compared`);
  });

  it('types scalars as Kubernetes does', () => {
    const read = (text: string): unknown => (toPlain(parseText(`a: ${text}\n`).root) as { a: unknown }).a;
    assert.deepEqual(['on', 'No', 'y', 'true', '"on"', 'yes-man'].map(read), [
      true,
      false,
      true,
      true,
      'on',
      'yes-man',
    ]);
    assert.deepEqual(['017', '0x1F', '1_000', '1e3', '.5', '1.2.3', '12:30:45'].map(read), [
      15,
      31,
      1000,
      1000,
      0.5,
      '1.2.3',
      '12:30:45',
    ]);
    assert.deepEqual(['~', '', 'null', "'null'"].map(read), [null, null, null, 'null']);
  });

  it('puts merges in place, the earlier one first', () => {
    const text = 'base: &b { x: 1, y: 1 }\nmore: &m { y: 2, z: 2 }\nall: { <<: [*b, *m], z: 3 }\n';
    assert.deepEqual((toPlain(parseText(text).root) as { all: unknown }).all, { x: 1, y: 1, z: 3 });
  });

  it('reports a key that comes twice, and takes the last one', () => {
    const parsed = parseText('spec: { a: 1 }\nspec: { a: 2 }\n');
    assert.deepEqual(toPlain(parsed.root), { spec: { a: 2 } });
    assert.deepEqual(
      parsed.problems.map((it) => [it.kind, it.start, it.first?.start]),
      [['duplicate-key', 15, 0]],
    );
  });

  it('cuts files at separators, whatever their line ends', () => {
    const text =
      '\uFEFF# only a comment\r\n---\r\na: 1\r\n---   \r\n# nothing\r\n--- \r\nb: |\r\n  ---\r\n  text\r\n...\r\n---\r\nc: 3';
    assert.deepEqual(
      splitDocuments(text).map((it) => [
        text.slice(it.start, it.start + 3),
        Object.keys(toPlain(parseText(it.text).root) as object),
      ]),
      [
        ['---', ['a']],
        ['---', ['b']],
        ['---', ['c']],
      ],
    );
  });

  it('says of broken text where it breaks, in words that help', () => {
    const breaks: readonly (readonly [string, string, RegExp])[] = [
      ['a:\n\tb: 1\n', '\t', /use spaces/],
      ['spec: { ports: [ 1 ]\n', ']', /still open/],
      ['spec: { ports: [ 1 }\n', '}', /closing bracket is missing/],
      ['a: b: c\n', ':', /quote a text that holds a colon/],
      ['a: *nobody\n', 'nobody', /names no anchor/],
    ];
    for (const [text, at, message] of breaks) {
      const parsed = parseText(text);
      assert.equal(parsed.broken, true, text);
      const [problem, ...more] = parsed.problems;
      assert.deepEqual(more, [], 'one problem for a broken document');
      assert.match(problem!.message, message);
      assert.equal(text.slice(problem!.start, problem!.end).slice(0, at.length), at, text);
    }
  });

  it('leaves chart templates alone, and knows braces that are none', () => {
    const template = (text: string): boolean => parseText(text).template;
    assert.equal(template('metadata:\n  name: {{ .Release.Name }}\n'), true);
    assert.equal(template('host: "{{ .Values.host }}"\n'), true);
    assert.equal(template('{{- if .Values.on }}\na: 1\n{{- end }}\n'), true);
    assert.equal(template('metadata: { annotations: { note: "{{ .x }}" } }\n'), false);
    assert.equal(template('kind: EnvoyFilter\nlua: |\n  local t = {{ .a }}\n'), false);
  });

  it('never throws, and points into the text', () => {
    const pieces = fc.constantFrom(
      'a',
      ': ',
      '\n',
      '  ',
      '- ',
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      '|',
      '>',
      '&x ',
      '*x',
      '<<: ',
      '#',
      '\t',
      '---\n',
      '{{',
      '!!str ',
      '\r\n',
      '\u0000',
      '0x',
      '%',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (list) => {
        const text = list.join('');
        for (const slice of splitDocuments(text)) {
          for (const it of parseText(slice.text).problems) {
            assert.ok(it.start >= 0 && it.start <= it.end && it.end <= slice.text.length, JSON.stringify([text, it]));
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('survives depth, alias bombs and binary junk', () => {
    const bomb = [
      'a: &a [x]',
      ...'bcdefghij'.split('').map((it, index) => `${it}: &${it} [${`*${'abcdefghij'[index]}, `.repeat(9)}]`),
    ].join('\n');
    assert.equal(parseText(bomb).broken, false);
    assert.equal(parseText('['.repeat(50_000)).broken, true);
    assert.equal(parseText(`${'a:\n '.repeat(300)}x`).broken, true);
    assert.equal(parseText('\u0001\u0002\u0000%PDF').broken, true);
  });
});
