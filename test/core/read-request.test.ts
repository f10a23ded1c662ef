import assert from 'node:assert/strict';
import type { AppMessage, ArrivalTls } from '../../src/core/trace/arrival.js';
import { readRequest } from '../../src/core/trace/stages/read-request.js';
import type { FilterChain } from '../../src/core/xds/config.js';

const PLAIN: ArrivalTls = { kind: 'none' };
const MESH: ArrivalTls = { kind: 'mesh', identity: 'spiffe://cluster.local/ns/a/sa/b', sni: 'x', http: true };
const ORIGINATED: ArrivalTls = { kind: 'originated', sni: 'x', clientCertificate: false };
const OWN: ArrivalTls = { kind: 'own', sni: 'x' };

const chain: FilterChain = {
  name: 'c',
  match: {},
  tls: undefined,
  filter: { kind: 'http', routeConfig: '80' },
  evidence: [],
  rejected: [],
  rules: [],
  assumptions: [],
};
const mesh: FilterChain = { ...chain, tls: { mode: 'mesh' } };

/** `kind flags details` of how the reader gives up, or `read`. */
function reading(it: FilterChain, tls: ArrivalTls, sent: Partial<AppMessage> = {}): string {
  const usual = { protocol: 'http1', method: 'GET', authority: 'a', path: '/', headers: {}, scheme: 'http' } as const;
  const unread = readRequest(it, tls, { ...usual, ...sent });
  if (!unread) return 'read';
  const { log, result } = unread;
  return [result.kind, log?.status, log?.flags, log?.details].filter((one) => one !== undefined).join(' ');
}

/* What real proxies did is in conformance/cases/asked-unreadable-requests and asked-slashless-paths. */
describe('the reader of HTTP', () => {
  it('reads requests, in plaintext and inside of TLS that ends at the chain', () => {
    for (const protocol of ['http1', 'h2', 'grpc'] as const) {
      assert.equal(reading(chain, PLAIN, { protocol }), 'read');
      assert.equal(reading(mesh, MESH, { protocol }), 'read');
    }
  });

  it('knows no methods but those of HTTP/1, which HTTP/2 does not ask for', () => {
    for (const method of ['get', 'FOO', '']) {
      assert.equal(reading(chain, PLAIN, { method }), 'replied 400 DPE http1.codec_error', method);
      assert.equal(reading(chain, PLAIN, { method, protocol: 'h2' }), 'read', method);
    }
  });

  it('wants paths to begin with a slash', () => {
    assert.equal(reading(chain, PLAIN, { path: 'b/z' }), 'replied 400 DPE http1.codec_error');
    assert.equal(reading(chain, PLAIN, { path: '*' }), 'replied 400 DPE http1.invalid_url');
    assert.equal(reading(chain, PLAIN, { path: '*', method: 'OPTIONS' }), 'read');
    assert.equal(reading(chain, PLAIN, { path: 'http://a/b' }), 'read');
    assert.equal(reading(mesh, MESH, { path: 'b', protocol: 'h2' }), 'closed DPE http2.violation.of.messaging.rule');
  });

  it('answers bytes and TLS in clear', () => {
    assert.equal(reading(chain, PLAIN, { protocol: 'tcp' }), 'protocol-error 400 DPE http1.codec_error');
    assert.equal(reading(chain, OWN, { protocol: 'tls' }), 'protocol-error 400 DPE http1.codec_error');
    assert.equal(reading(mesh, MESH, { protocol: 'tcp' }), 'protocol-error 400 DPE http1.codec_error');
    assert.equal(reading(mesh, MESH, { protocol: 'tls' }), 'protocol-error 400 DPE http1.codec_error');
  });

  it('writes nothing of a proxy whose handshake gets that answer', () => {
    assert.equal(reading(chain, MESH), 'tls-failure');
    assert.equal(reading(chain, ORIGINATED), 'tls-failure');
  });
});
