import assert from 'node:assert/strict';
import type { AppMessage } from '../../src/core/trace/arrival.js';
import type { RoutedBranch } from '../../src/core/trace/route.js';
import { linesOf, routed, theOnly } from '../support/routed.js';
import { to } from '../support/routes.js';

const CART = 'outbound|80||cart.shop.svc.cluster.local';
const DESK = 'outbound|80||desk.shop.svc.cluster.local';
const VAULT = 'outbound|80||vault.bank.svc.cluster.local';

/** The answer that the proxy gives by itself. */
function answer(http: string, sent: Partial<AppMessage> = {}): Extract<RoutedBranch, { kind: 'end' }> {
  const it = theOnly(routed(http, sent));
  if (it.kind !== 'end') throw new Error(`goes on to ${it.cluster}`);
  return it;
}

/** The request as it goes upstream. */
function upstream(http: string, sent: Partial<AppMessage> = {}): AppMessage {
  return theOnly(routed(http, sent)).message;
}

describe('the virtual host of a request (VH-7)', () => {
  const clusterFor = (authority: string): string => linesOf(routed(`{${to('desk')}}`, { authority }))[0]!;

  it('is found without regard to case and port', () => {
    for (const it of ['cart', 'CART', 'cart:80', 'cart:9', 'Cart.shop.svc:80']) {
      assert.equal(clusterFor(it), `100 % → ${DESK}`, it);
    }
  });

  it('is another for another name, and the catch-all for an unknown one (LIS-13)', () => {
    assert.equal(clusterFor('vault.bank'), `100 % → ${VAULT}`);
    assert.equal(clusterFor('vault'), '100 % → PassthroughCluster');
    assert.equal(clusterFor('elsewhere.example'), '100 % → PassthroughCluster');
  });

  it('is none for a request without Host', () => {
    assert.equal(answer(`{${to('cart')}}`, { authority: '' }).status, 400);
  });
});

describe('a redirect (ACT-2)', () => {
  const location = (redirect: string, sent: Partial<AppMessage> = {}, match = 'uri: {prefix: /}'): string | undefined =>
    answer(`{match: [{${match}}], redirect: {${redirect}}}`, sent).location;

  it('keeps what it does not change, the query too', () => {
    const sent = { authority: 'cart:8000', path: '/a?b=c' };
    assert.equal(location('authority: x.example', sent), 'http://x.example/a?b=c');
    assert.equal(location('uri: /new', sent), 'http://cart:8000/new?b=c');
    assert.equal(location('uri: "/new?d"', sent), 'http://cart:8000/new?d');
    assert.equal(location('scheme: https', sent), 'https://cart:8000/a?b=c');
  });

  it('drops a port that another scheme would not have, or that it sets', () => {
    assert.equal(location('scheme: https', { authority: 'cart:80' }), 'https://cart/');
    assert.equal(location('port: 81', { authority: 'cart:80' }), 'http://cart:81/');
    assert.equal(location('port: 80'), 'http://cart/');
    assert.equal(location('scheme: https, port: 443'), 'https://cart/');
    assert.equal(location('scheme: https, derivePort: FROM_REQUEST_PORT'), 'https://cart:80/');
  });

  it('replaces the prefix that matched, or the leading slash', () => {
    assert.equal(location('prefixRewrite: /x', { path: '/old/a?q' }, 'uri: {prefix: /old}'), 'http://cart/x/a?q');
    assert.equal(location('prefixRewrite: /x', { path: '/a' }, 'method: {exact: GET}'), 'http://cart/xa');
  });

  it('answers 301 unless told otherwise', () => {
    assert.equal(answer('{redirect: {uri: /}}').status, 301);
    assert.equal(answer('{redirect: {uri: /, redirectCode: 308}}').status, 308);
  });
});

describe('a direct response (ACT-3)', () => {
  it('is the end of the request', () => {
    const end = answer('{directResponse: {status: 418, body: {string: tea}}}');
    assert.deepEqual([end.status, end.flags, end.details, end.cluster], [418, '', 'direct_response', undefined]);
  });

  it('is 200 with a grpc-status to gRPC callers (ACT-11)', () => {
    const end = answer('{directResponse: {status: 503}}', { protocol: 'grpc', method: 'POST' });
    assert.deepEqual([end.status, end.grpcStatus], [200, 14]);
  });
});

describe('a rewrite (ACT-4)', () => {
  const path = (match: string, rewrite: string, sent: string): string =>
    upstream(`{match: [{${match}}], rewrite: {${rewrite}}, ${to('cart')}}`, { path: sent }).path;

  it('replaces what the uri condition matched', () => {
    assert.equal(path('uri: {exact: /a}', 'uri: /b', '/a?q'), '/b?q');
    assert.equal(path('uri: {prefix: /api/}', 'uri: /', '/api/x'), '/x');
    assert.equal(path('uri: {prefix: /api}', 'uri: /', '/api/x'), '//x');
    assert.equal(path('uri: {regex: "/v.*"}', 'uri: /b', '/v1/x?q'), '/b?q');
    assert.equal(path('method: {exact: GET}', 'uri: /north', '/lines/7'), '/northlines/7');
  });

  it('by regex keeps groups, and leaves the query alone', () => {
    const regex = String.raw`uriRegexRewrite: {match: "/(\\w+)/old", rewrite: '/new/\1'}`;
    assert.equal(path('uri: {prefix: /}', regex, '/a/old?q=/b/old'), '/new/a?q=/b/old');
  });

  it('changes Host, and keeps the old one in a header', () => {
    const it = upstream(`{rewrite: {authority: other}, ${to('cart')}}`);
    assert.deepEqual([it.authority, it.headers['x-envoy-original-host']], ['other', 'cart']);
  });

  it('is told with before and after', () => {
    const { decisions } = theOnly(routed(`{rewrite: {uri: /b}, ${to('cart')}}`, { path: '/a' }));
    const effects = decisions.find((it) => it.stage === 'rewrite request')?.effects;
    assert.deepEqual(effects, [{ what: 'path', before: '/a', after: '/ba' }]);
  });
});

describe('header operations (ACT-10)', () => {
  const headers = (route: string, destination: string, more = ''): Readonly<Record<string, string>> => {
    const first = `{destination: {host: cart}, weight: 100${destination === '' ? '' : `, headers: {request: ${destination}}`}}`;
    const http = `{headers: {request: ${route}}, route: [${first}${more}]}`;
    return routed(http, { headers: { old: '1' } })[0]!.message.headers;
  };

  it('remove, then set, then add', () => {
    const it = headers('{add: {old: "4", x: a}, set: {old: "3"}, remove: [old]}', '');
    assert.deepEqual([it['old'], it['x']], ['3,4', 'a']);
  });

  it('of the only destination come after those of the route', () => {
    assert.equal(headers('{set: {x: route}}', '{set: {x: destination}}')['x'], 'destination');
  });

  it('of one among several destinations come before those of the route', () => {
    const more = ', {destination: {host: desk}, weight: 1}';
    assert.equal(headers('{set: {x: route}}', '{set: {x: destination}}', more)['x'], 'route');
  });

  it('put Host where a rewrite would (ACT-4)', () => {
    const it = upstream(`{headers: {request: {set: {Host: other}}}, ${to('cart')}}`);
    assert.deepEqual([it.authority, it.headers['host']], ['other', undefined]);
  });
});

describe('a fault (ACT-7)', () => {
  const delay = (percent: number): string => `delay: {fixedDelay: 2s, percentage: {value: ${percent}}}`;
  const abort = (percent: number): string => `abort: {httpStatus: 503, percentage: {value: ${percent}}}`;
  const lines = (fault: string): string[] => linesOf(routed(`{fault: {${fault}}, ${to('cart')}}`));

  it('without a percentage never happens', () => {
    assert.deepEqual(lines('abort: {httpStatus: 503}'), [`100 % → ${CART}`]);
    assert.deepEqual(lines('delay: {fixedDelay: 2s}'), [`100 % → ${CART}`]);
  });

  it('of all requests leaves nothing else', () => {
    assert.deepEqual(lines(abort(100)), ['100 % 503 FI']);
    const end = answer(`{fault: {${abort(100)}}, ${to('cart')}}`);
    assert.deepEqual([end.details, end.cluster], ['fault_filter_abort', CART]);
  });

  it('is drawn for delay and abort apart', () => {
    assert.deepEqual(lines(`${delay(50)}, ${abort(20)}`), [
      '10 % 503 DI,FI',
      `40 % → ${CART} DI`,
      '10 % 503 FI',
      `40 % → ${CART}`,
    ]);
  });

  it('tells gRPC callers of a status in their terms, and others 200', () => {
    const http = `{fault: {abort: {grpcStatus: UNAVAILABLE, percentage: {value: 100}}}, ${to('cart')}}`;
    assert.deepEqual(answer(http, { protocol: 'grpc', method: 'POST' }).grpcStatus, 14);
    assert.deepEqual([answer(http).status, answer(http).grpcStatus], [200, undefined]);
  });
});

describe('a CORS policy (ACT-8)', () => {
  const policy = (more = ''): string =>
    `{corsPolicy: {allowOrigins: [{exact: "https://a.example"}]${more}}, ${to('cart')}}`;
  const asks = (origin: string, method = 'OPTIONS'): Partial<AppMessage> => ({
    method,
    headers: { origin, 'access-control-request-method': 'PUT' },
  });

  it('answers preflights of allowed origins', () => {
    const end = answer(policy(), asks('https://a.example'));
    assert.deepEqual([end.status, end.details, end.cluster], [200, 'cors_response', CART]);
  });

  it('lets go on what else comes', () => {
    for (const it of [asks('https://b.example'), asks('https://b.example', 'GET'), asks('https://a.example', 'GET')]) {
      assert.deepEqual(linesOf(routed(policy(), it)), [`100 % → ${CART}`]);
    }
  });

  it('answers any preflight when it ignores unmatched ones', () => {
    assert.equal(answer(policy(', unmatchedPreflights: IGNORE'), asks('https://b.example')).status, 200);
  });

  it('comes after the fault', () => {
    const http = policy().replace('{cors', '{fault: {abort: {httpStatus: 500, percentage: {value: 100}}}, cors');
    assert.equal(answer(http, asks('https://a.example')).status, 500);
  });
});

describe('destinations (DST-6)', () => {
  it('share requests by weight', () => {
    const http = '{route: [{destination: {host: cart}, weight: 3}, {destination: {host: desk}, weight: 1}]}';
    assert.deepEqual(linesOf(routed(http)), [`75 % → ${CART}`, `25 % → ${DESK}`]);
    assert.deepEqual(
      routed(http).map((it) => it.label),
      [`75 % → ${CART}`, `25 % → ${DESK}`],
    );
  });
});

describe('mirrors (ACT-9)', () => {
  it('copy what goes upstream, with its share', () => {
    const http = `{rewrite: {uri: /b, authority: other}, mirrors: [{destination: {host: desk}}, {destination: {host: vault.bank.svc.cluster.local}, percentage: {value: 20}}], ${to('cart')}}`;
    const it = theOnly(routed(http, { path: '/' }));
    assert.deepEqual(
      it.kind === 'forward' &&
        it.mirrors.map(({ policy, message: { path, authority } }) => [policy.cluster, policy.share, path, authority]),
      [
        [DESK, 1, '/b', 'other'],
        [VAULT, 0.2, '/b', 'other'],
      ],
    );
  });

  it('are not made of what is answered on the way', () => {
    const http = `{mirror: {host: desk}, fault: {abort: {httpStatus: 500, percentage: {value: 100}}}, ${to('cart')}}`;
    assert.deepEqual(linesOf(routed(http)), ['100 % 500 FI']);
  });
});
