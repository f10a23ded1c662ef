import assert from 'node:assert/strict';
import { linesOf, routed, theOnly } from '../support/routed.js';
import { to } from '../support/routes.js';
import type { AppMessage } from '../../src/core/trace/arrival.js';

/** Whether a request takes a route with this match, and if not, why. */
function reason(match: string, sent: Partial<AppMessage>): string | undefined {
  const { route, decisions } = theOnly(routed(`{match: [{${match}}], ${to('cart')}}`, sent));
  return route ? undefined : decisions.at(-1)!.rejected[0]!.because;
}

function taken(match: string, ...all: readonly Partial<AppMessage>[]): void {
  for (const sent of all) assert.equal(reason(match, sent), undefined, `${match} of ${JSON.stringify(sent)}`);
}

function missed(match: string, ...all: readonly Partial<AppMessage>[]): void {
  for (const sent of all) assert.ok(reason(match, sent), `${match} takes ${JSON.stringify(sent)}`);
}

const paths = (...all: readonly string[]): Partial<AppMessage>[] => all.map((path) => ({ path }));
const x = (value: string): Partial<AppMessage> => ({ headers: { x: value } });

describe('the path of a match (RT-4)', () => {
  it('is compared without the query', () => {
    taken('uri: {exact: /a}', ...paths('/a', '/a?b=c'));
    missed('uri: {exact: /a}', ...paths('/a/', '/A', '/'));
  });

  it('starts with a prefix anywhere, within a segment too', () => {
    taken('uri: {prefix: /api}', ...paths('/api', '/api/', '/apis'));
    missed('uri: {prefix: /api}', ...paths('/ap', '/API', '/x/api'));
  });

  it('meets a regex as a whole', () => {
    taken('uri: {regex: "/v[0-9]+/.*"}', ...paths('/v1/', '/v22/x?y'));
    missed('uri: {regex: "/v[0-9]+"}', ...paths('/v1/', '/x/v1', '/v'));
  });

  it('ignores case when told so, but not for a regex', () => {
    taken('uri: {exact: /Api}, ignoreUriCase: true', ...paths('/api', '/API'));
    taken('uri: {prefix: /Api}, ignoreUriCase: true', ...paths('/apiX'));
    missed('uri: {regex: /Api}, ignoreUriCase: true', ...paths('/api'));
  });

  it('says what it missed', () => {
    assert.equal(reason('uri: {prefix: /api}', { path: '/b?c' }), 'path /b does not start with /api');
    assert.equal(reason('uri: {regex: /a+}', { path: '/b' }), 'path /b as a whole does not match /a+');
  });
});

describe('other conditions of a match', () => {
  it('all hold together, each on one value (RT-3)', () => {
    const match = 'uri: {prefix: /a}, method: {exact: PUT}, headers: {x: {exact: "1"}}';
    taken(match, { path: '/a', method: 'PUT', headers: { x: '1' } });
    missed(match, { path: '/a', method: 'PUT' }, { path: '/a', headers: { x: '1' } }, { method: 'PUT', ...x('1') });
  });

  it('look at method, authority and scheme as they are (RT-7)', () => {
    taken('method: {regex: "GET|PUT"}', { method: 'PUT' });
    missed('method: {exact: get}', { method: 'GET' });
    taken('authority: {exact: "cart:80"}', { authority: 'cart:80' });
    missed('authority: {exact: cart}', { authority: 'cart:80' });
    taken('scheme: {exact: http}', {});
    missed('scheme: {exact: https}', {});
  });

  it('want a header there, or its value (RT-5)', () => {
    taken('headers: {x: {}}', x('anything'), x(''));
    missed('headers: {x: {}}', {});
    taken('headers: {x: {prefix: a}}', x('ab'));
    missed('headers: {x: {exact: a}}', x('b'), x('A'), x('a,a'), {});
    taken('headers: {x: {regex: "a,."}}', x('a,b'));
    taken('headers: {X: {exact: a}}', x('a'));
  });

  it('take an absent header for an empty one where it must not have a value (RT-6)', () => {
    taken('withoutHeaders: {x: {}}', {});
    missed('withoutHeaders: {x: {}}', x('1'));
    taken('withoutHeaders: {x: {exact: a}}', {}, x('b'));
    missed('withoutHeaders: {x: {exact: a}}', x('a'));
    missed('withoutHeaders: {x: {regex: ".*"}}', {}, x('a'));
  });

  it('look at the first value of a query parameter as it is written (RT-8)', () => {
    taken('queryParams: {q: {exact: "1"}}', ...paths('/?q=1', '/?a=b&q=1&q=2'));
    missed('queryParams: {q: {exact: "1"}}', ...paths('/', '/?q=2&q=1', '/?q=%31', '/?Q=1'));
    taken('queryParams: {q: {exact: ""}}', ...paths('/?q', '/?q='));
  });
});

describe('routes', () => {
  it('are tried in order, and the first match of the first route wins (RT-2)', () => {
    const http = `{match: [{uri: {exact: /a}}, {uri: {prefix: /b}}], ${to('desk')}}, {match: [{uri: {prefix: /}}], ${to('cart')}}`;
    const cluster = (path: string): string => linesOf(routed(http, { path }))[0]!.replace(/.*\|\|(\w+).*/, '$1');
    assert.deepEqual(['/a', '/b/c', '/c', '/a/'].map(cluster), ['desk', 'desk', 'cart', 'cart']);
  });

  it('that miss a request say so, with the place of the condition', () => {
    const http = `{match: [{uri: {exact: /a}}], ${to('desk')}}, {match: [{method: {exact: PUT}}], ${to('desk')}}, {${to('cart')}}`;
    const said = theOnly(routed(http)).decisions.find((it) => it.stage === 'match route')!;
    assert.deepEqual(
      said.rejected.map((it) => `${it.name}: ${it.because}`),
      ['route #1 (exact /a): path / is not exactly /a', 'route #2 (method = PUT): method is GET, not PUT'],
    );
    assert.ok(said.rejected.every((it) => it.evidence.length > 0));
  });

  it('that all miss it leave a 404 (RT-2)', () => {
    const end = theOnly(routed(`{match: [{uri: {exact: /a}}], ${to('cart')}}`));
    assert.deepEqual([end.kind === 'end' && end.status, end.flags], [404, 'NR']);
  });
});
