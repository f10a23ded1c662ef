import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { isMeshText } from '../../src/client/mesh-text.js';

describe('what wakes the server', () => {
  const wakes = [
    'apiVersion: networking.istio.io/v1\nkind: VirtualService\n',
    '# first a comment\n---\napiVersion: "security.istio.io/v1"\n',
    'apiVersion: gateway.networking.k8s.io/v1\r\nkind: HTTPRoute\r\n',
    'apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n',
    '{\n  "apiVersion": "v1",\n  "kind": "Service"\n}\n',
  ];
  const letsSleep = [
    '',
    'name: build\non: [push]\njobs:\n  a:\n    runs-on: ubuntu-latest\n',
    'apiVersion: apps/v1\nkind: Deployment\n',
    'apiVersion: v1\nkind: ServiceAccount\n',
    'description: |\n  apiVersion of networking.istio.io is not meant here\n',
    'lockfileVersion: 6.0\npackages:\n  kind: 1\n',
  ];
  for (const text of wakes) it(`is ${JSON.stringify(text)}`, () => assert.ok(isMeshText(text)));
  for (const text of letsSleep) it(`is not ${JSON.stringify(text)}`, () => assert.ok(!isMeshText(text)));
});
