import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseToken } from '../../src/core/trace/token.js';
import { withTrustDomainAliases } from '../../src/core/mesh/trust-domains.js';
import { meshConfigOf } from '../../src/core/model/mesh-config.js';

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

describe('tokens as text (JWT-2)', () => {
  const header = encode({ alg: 'RS256' });

  it('are read without their keys, and it says so', () => {
    const token = parseToken(`${header}.${encode({ iss: 'i', sub: 'ünn', aud: ['a', 'b'] })}.c2ln`);
    assert.equal(token.malformed, undefined);
    assert.deepEqual([token.issuer, token.claims['sub'], token.audiences], ['i', 'ünn', ['a', 'b']]);
    assert.ok(token.assumed);
  });

  const broken: Readonly<Record<string, string>> = {
    'not-a-token': 'Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections',
    'a.b': 'Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections',
    'a.b.c': 'Jwt header is an invalid Base64url encoded',
    [`${encode('text')}.e30.c2ln`]: 'Jwt header is an invalid JSON',
    [`${encode({})}.e30.c2ln`]: 'Jwt header [alg] field is required and must be a string',
    [`${encode({ alg: 'none' })}.e30.c2ln`]: 'Jwt header [alg] is not supported',
    [`${header}.e3.c2ln`]: 'Jwt payload is an invalid JSON',
    [`${header}.!!.c2ln`]: 'Jwt payload is an invalid Base64url encoded',
  };
  for (const [text, why] of Object.entries(broken))
    it(`${text}: ${why}`, () => assert.equal(parseToken(text).malformed, why));

  it('any text is read without a throw', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseToken(text)));
    fc.assert(
      fc.property(
        fc.array(fc.base64String(), { minLength: 3, maxLength: 3 }),
        (parts) => void parseToken(parts.join('.')),
      ),
    );
  });
});

describe('trust domains (AZ-6)', () => {
  const config = { ...meshConfigOf(undefined), trustDomain: 'td', trustDomainAliases: ['old'] };
  const cases: Readonly<Record<string, readonly string[]>> = {
    'cluster.local/ns/a/sa/b': ['td/ns/a/sa/b', 'old/ns/a/sa/b'],
    'old/ns/a/sa/b': ['td/ns/a/sa/b', 'old/ns/a/sa/b'],
    'far/ns/a/sa/b': ['far/ns/a/sa/b'],
    '*/ns/a/sa/b': ['*/ns/a/sa/b'],
    '*/sa/b': ['*/sa/b'],
  };
  for (const [written, meant] of Object.entries(cases)) {
    it(written, () => assert.deepEqual(withTrustDomainAliases(written, config), meant));
  }
});
