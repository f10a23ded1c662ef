import assert from 'node:assert/strict';
import { buildSnapshot } from '../../src/core/mesh/snapshot.js';
import { readResources, type Resource } from '../../src/core/model/resources.js';
import { parseText } from '../../src/core/syntax/parse.js';

function read(text: string): Resource {
  const [first, ...more] = readResources('doc#1', parseText(text).root);
  assert.ok(first);
  assert.deepEqual(more, []);
  return first;
}

describe('resources', () => {
  it('note a wrong type once, however often the field is asked for', () => {
    const wrong = [
      'kind: Pod\napiVersion: v1\nmetadata: {name: p, labels: {version: 1}}\n',
      'kind: VirtualService\napiVersion: networking.istio.io/v1\nspec: {http: [{fault: {abort: {percentage: 5}}}]}\n',
    ];
    for (const text of wrong) {
      const resource = read(text);
      buildSnapshot([resource]).refused.get(resource);
      for (const key of ['metadata', 'spec']) resource.body.fields(key)?.string('labels');
      assert.equal(resource.problems.length, 1, text);
    }
  });

  it('of kinds that are called as what JavaScript objects have are of unknown kinds', () => {
    for (const name of ['constructor', 'toString', '__proto__']) {
      assert.equal(read(`kind: ${name}\napiVersion: v1\nmetadata: {name: x}\n`).kind, 'Other');
      assert.equal(read(`kind: Pod\napiVersion: ${name}/v1\nmetadata: {name: x}\n`).kind, 'Other');
    }
  });
});
