import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { Scheme, Target } from '../../src/core/trace/request.js';
import { curlLine, quote } from '../../src/features/curl.js';
import { toDiagram } from '../../src/features/diagram.js';
import { escapeMarkdown, exportMarkdown } from '../../src/features/export-markdown.js';
import { escapeMermaid, exportMermaid, shorten } from '../../src/features/export-mermaid.js';
import { parseUrl, requestTitle, urlOf } from '../../src/features/request-text.js';
import { naming, traces } from '../support/traces.js';

const canary = toDiagram(traces.canary, naming);
const [delivered, broken] = canary.branches;
assert.ok(delivered && broken);

describe('export as Mermaid', () => {
  it('draws the same steps with the same numbers', () => {
    assert.equal(
      exportMermaid(broken, { title: canary.title }),
      `sequenceDiagram
  accTitle: GET http //reviews 9080/reviews/1 from shop/productpage · 10 → reviews v3 · 503 UH · no healthy upstream · reviews v3
  autonumber
  box transparent shop/productpage
    participant p1 as productpage<br/>client app
    participant p2 as iptables<br/>pod network
    participant p3 as Envoy<br/>sidecar
  end
  box transparent cluster DNS
    participant p4 as kube-dns<br/>DNS
  end
  p1->>p1: GET http#58;//reviews#58;9080/reviews/1
  p1->>p4: look up reviews
  p4-->>p1: resolve name#58; reviews.shop.svc.cluster.local → 10.96.0.12
  p1->>p2: GET /reviews/1 → 10.96.0.12#58;9080
  p2->>p3: capture#58; to Envoy on 127.0.0.1#58;15001
  p3->>p3: choose listener#58; 0.0.0.0_9080
  p3->>p3: choose filter chain#58; HTTP connection manager
  p3->>p3: choose virtual host#58; reviews.shop.svc.cluster.local#58;9080
  p3->>p3: match route #35;2 (every request) → reviews v1 90 #37;, reviews v3 10 #37;
  p3->>p3: split by weight#58; reviews v3 with 10 of 100
  p3->>p3: find cluster#58; outbound#124;9080#124;v3#124;reviews.shop.svc.cluster.local
  p3-xp3: ✗ pick endpoint#58; no endpoint
  Note over p3: No pod carries version=v3 (pods have v1, v2).
  p3--xp1: ✗ 503 UH · no healthy upstream · reviews v3
`,
    );
  });

  it('adds the control plane as notes when asked', () => {
    const text = exportMermaid(delivered, { controlPlane: true });
    assert.match(text, /box transparent control plane/);
    assert.match(text, /Note over p\d+,p\d+: RDS#58; route configuration 9080/);
    assert.doesNotMatch(exportMermaid(delivered), /istiod/);
  });

  it('writes what Mermaid could take for its own as entities', () => {
    assert.equal(escapeMermaid('a;b #c "d" <e> %%{f}'), 'a#59;b #35;c #34;d#34; #60;e#62; #37;#37;#123;f#125;');
    assert.equal(escapeMermaid('größe 大小'), 'größe 大小');
    assert.equal(escapeMermaid('\ud800 line\none\u0000'), 'line one');
  });

  it('never breaks a line or leaves a sign of the grammar', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const escaped = escapeMermaid(text).replace(/#\d+;/g, '');
        assert.doesNotMatch(escaped, /[;#:"'<>%{}`$\\\n\r[\]|@+*~^&]/);
      }),
    );
  });

  it('shortens by whole characters', () => {
    assert.equal(shorten('🚀🚀🚀🚀', 3), '🚀🚀…');
  });
});

describe('export as Markdown', () => {
  it('says outcome, steps, losers and the request', () => {
    const text = exportMarkdown(canary, broken);
    assert.match(
      text,
      /^# GET http:\/\/reviews:9080\/reviews\/1 from shop\/productpage\n\n10 % → reviews v3\n\n\*\*✗ 503 UH/,
    );
    assert.match(text, /```mermaid\nsequenceDiagram/);
    assert.match(
      text,
      /^\| 12 ✗ \| Envoy sidecar of shop\/productpage \| pick endpoint: no endpoint \| No pod carries/m,
    );
    assert.match(text, /^\| 12 \| pod shop\/reviews-v1 \| version is v1 \| reviews.yaml:29 version: v1 \|$/m);
    assert.match(text, /```sh\ncurl -sv http:\/\/reviews:9080\/reviews\/1\n```/);
    assert.match(exportMarkdown(canary, delivered), /## Copies\n\n- 25 % of requests copied to reviews v2/);
  });

  it('keeps any text within its cell', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const escaped = escapeMarkdown(text);
        assert.doesNotMatch(escaped, /[\n\r]/);
        assert.doesNotMatch(escaped.replace(/\\[\s\S]/g, ''), /[\\`*_[\]<>|~&#]/);
      }),
    );
  });
});

describe('request as text', () => {
  const request = (to: Target) => ({ from: { pod: 'shop/till' }, to });

  it('becomes a curl line', () => {
    const lines: [Target, string][] = [
      [{ host: 'cart', port: 8000, path: '/items?a=b' }, `curl -sv 'http://cart:8000/items?a=b'`],
      [{ host: 'cart', method: 'POST', body: `it's` }, `curl -sv -X POST --data-raw 'it'\\''s' http://cart/`],
      [{ host: 'cart', headers: { 'x-a': 'b c', 'x-none': '' } }, `curl -sv -H 'x-a: b c' -H 'x-none;' http://cart/`],
      [{ host: 'cart', ip: '10.0.0.1' }, 'curl -sv --connect-to cart:80:10.0.0.1:80 http://cart/'],
      [
        { host: 'www.shop', scheme: 'https', sni: 'edge.shop' },
        `curl -sv --connect-to edge.shop:443:www.shop:443 -H 'host: www.shop' https://edge.shop/`,
      ],
      [
        { host: 'api', scheme: 'grpc', port: 50051, path: '/a.B/C' },
        `curl -sv --http2-prior-knowledge -X POST -H 'content-type: application/grpc' http://api:50051/a.B/C`,
      ],
      [{ host: 'db', scheme: 'tcp', port: 5432 }, 'curl -sv telnet://db:5432'],
      [{ host: 'db', scheme: 'tls', sni: '-' }, 'openssl s_client -connect db:443 -noservername </dev/null'],
    ];
    for (const [to, line] of lines) assert.equal(curlLine(request(to)), line);
  });

  it('goes through a gateway whose address the shell knows', () => {
    assert.equal(
      curlLine({ from: { gateway: 'istio-system/gw' }, to: { host: 'www.shop' } }),
      'curl -sv --connect-to www.shop:80:"$GATEWAY_ADDRESS":80 http://www.shop/',
    );
  });

  it('carries a token that the shell knows', () => {
    assert.match(curlLine({ ...request({ host: 'a' }), jwt: { sub: 'me' } }), /-H "Authorization: Bearer \$TOKEN"/);
  });

  it('quotes every word so that a shell reads it back', () => {
    const words = fc.sample(fc.string({ unit: 'binary', maxLength: 30 }), 200).map((it) => it.replaceAll('\0', ''));
    const script = `printf '%s\\0' ${words.map(quote).join(' ')}`;
    const read = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
    // lone halves of surrogate pairs do not survive the way to the shell, quoted or not
    const sent = words.map((it) => Buffer.from(it).toString());
    assert.deepEqual(read, sent);
  });

  it('has a title', () => {
    assert.equal(requestTitle(request({ host: 'db', scheme: 'tcp', port: 5432 })), 'tcp://db:5432 from shop/till');
    assert.equal(
      requestTitle({ from: { gateway: 'edge/gw' }, to: { host: 'www.shop', scheme: 'https' } }),
      'GET https://www.shop/ from outside through edge/gw',
    );
  });

  it('has what it carries in its title', () => {
    const headers = { 'end-user': 'jason', cookie: 'c'.repeat(50) };
    assert.equal(
      requestTitle({ ...request({ host: 'reviews', headers }), jwt: { iss: 'https://id.example' } }),
      `GET http://reviews/ with end-user: jason, cookie: ${'c'.repeat(40)}…, a token of https://id.example from shop/till`,
    );
  });

  it('is read back from its URL', () => {
    const label = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,8}$/);
    const target = fc.record({
      host: fc.oneof(
        fc.array(label, { minLength: 1, maxLength: 4 }).map((it) => it.join('.')),
        fc.ipV6().filter((it) => it.includes(':')),
      ),
      port: fc.option(fc.integer({ min: 1, max: 65535 }), { nil: undefined }),
      scheme: fc.constantFrom<Scheme>('http', 'http2', 'grpc', 'https', 'tls', 'tcp'),
      path: fc.webPath().map((it) => `/${it.replace(/^\/+/, '')}`),
    });
    fc.assert(
      fc.property(target, ({ port, ...rest }) => {
        const to: Target = { ...rest, ...(port === undefined ? {} : { port }) };
        const parsed = parseUrl(urlOf(to));
        assert.ok('target' in parsed);
        assert.equal(urlOf(parsed.target), urlOf(to));
        assert.equal(parsed.target.host, to.host);
      }),
    );
  });

  it('says what is wrong with a URL', () => {
    const problem = (text: string) => (parseUrl(text) as { problem?: string }).problem;
    assert.equal(problem('ftp://a'), 'The scheme is http, http2, grpc, https, tls, tcp, not ftp');
    assert.equal(problem(''), 'Type a host, such as reviews:9080');
    assert.equal(problem('http://a:99999/'), 'The port is a number from 1 to 65535, not 99999');
    assert.deepEqual(parseUrl('reviews:9080'), {
      target: { host: 'reviews', scheme: 'http', port: 9080, path: '/' },
    });
  });
});
