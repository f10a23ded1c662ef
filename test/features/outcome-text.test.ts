import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Outcome } from '../../src/core/trace/path.js';
import { badgeLine, badgeOf } from '../../src/features/outcome-text.js';

const outcomes: readonly [Outcome, state: string, line: string][] = [
  [{ result: 'delivered', endpoints: ['shop/cart:80'] }, 'ok', '200 · shop/cart:80'],
  [{ result: 'delivered', endpoints: ['shop/cart:80', 'b:1', 'c:2'] }, 'ok', '200 · shop/cart:80 and 2 more'],
  [{ result: 'delivered', status: 404, endpoints: ['a:1'] }, 'warning', "404 · the application's own answer · a:1"],
  [{ result: 'delivered', endpoints: ['a:1'], delaySeconds: 5 }, 'ok', '200 · after 5 s · a:1'],
  [{ result: 'status', status: 503, flags: 'UH', because: '' }, 'broken', '503 UH · no healthy upstream'],
  [
    { result: 'status', status: 503, flags: 'UF,URX', because: '' },
    'broken',
    '503 UF,URX · upstream connection failure',
  ],
  [{ result: 'status', status: 418, flags: 'DI,FI', because: '' }, 'warning', '418 DI,FI · fault injected'],
  [{ result: 'status', status: 301, location: 'https://a/', because: '' }, 'ok', '301 · redirected to https://a/'],
  [
    { result: 'status', status: 200, flags: 'UH', grpcStatus: 14, because: '' },
    'broken',
    '200 UH grpc-status 14 · no healthy upstream',
  ],
  [
    { result: 'status', status: 403, details: 'rbac_access_denied_matched_policy[none]', because: '' },
    'broken',
    '403 · RBAC: access denied, no policy allows it',
  ],
  [
    { result: 'status', status: 401, details: 'jwt_authn_access_denied{Jwt_is_expired}', because: '' },
    'broken',
    '401 · JWT refused: Jwt is expired',
  ],
  [{ result: 'reset', because: 'x' }, 'broken', 'reset · the connection is cut off'],
  [{ result: 'refused', because: 'x' }, 'broken', 'refused · nothing accepts the connection'],
  [{ result: 'unresolved', because: 'x' }, 'broken', 'no address · the name does not resolve'],
  [{ result: 'unknown', because: 'the Service is elsewhere' }, 'unknown', 'unknown · the Service is elsewhere'],
];

describe('outcome in words', () => {
  for (const [outcome, state, line] of outcomes) {
    it(line, () => {
      const badge = badgeOf({ outcome, hops: [] });
      assert.deepEqual([badge.state, badgeLine(badge)], [state, line]);
    });
  }
});
