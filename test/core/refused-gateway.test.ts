import assert from 'node:assert/strict';
import { buildSnapshot } from '../../src/core/mesh/snapshot.js';
import { Workspace } from '../../src/core/mesh/workspace.js';
import { gateway, SIMPLE, type Server } from '../support/gateways.js';

describe('Gateways that Istio refuses (GW-23)', () => {
  const refusal = (text: string): string | undefined => {
    const workspace = new Workspace();
    workspace.setFile('file:///mesh.yaml', text);
    return [...buildSnapshot(workspace.resources()).refused.values()][0]?.because;
  };
  const cases: readonly [Server, RegExp | undefined][] = [
    [{ port: 443, protocol: 'HTTPS' }, /needs tls settings/],
    [
      { port: 80, protocol: 'HTTP', tls: '{ httpsRedirect: true, mode: SIMPLE, credentialName: c }' },
      /for httpsRedirect only/,
    ],
    [{ port: 80, protocol: 'HTTP', tls: '{ httpsRedirect: true }' }, undefined],
    [{ port: 443, protocol: 'HTTPS', tls: '{ mode: MUTUAL }' }, /MUTUAL needs caCertificates/],
    [{ port: 443, protocol: 'HTTPS', tls: '{ mode: SIMPLE }' }, /SIMPLE needs a credentialName/],
    [
      { port: 443, protocol: 'HTTPS', tls: '{ mode: ISTIO_MUTUAL, credentialName: c }' },
      /credentialName is not allowed/,
    ],
    [{ port: 443, protocol: 'TLS', tls: '{ mode: PASSTHROUGH }' }, undefined],
    [{ port: 9000, protocol: 'TCP', tls: SIMPLE }, /cannot have tls settings/],
    [{ port: 80, protocol: 'HTTPX' }, /no protocol HTTPX/],
    [{ port: 80, protocol: 'HTTP', hosts: ['web'] }, /short names/],
    [{ port: 80, protocol: 'HTTP', hosts: ['a_b.example'] }, /no host name/],
    [{ port: 80, protocol: 'HTTP', hosts: ['*/*', './a.example', '*.example', '10.0.0.1'] }, undefined],
    [{ port: 80, protocol: 'HTTP', hosts: ['10'] }, /short names/],
    [{ port: 0, protocol: 'HTTP' }, /0 is no port/],
  ];
  for (const [server, expected] of cases) {
    it(`${server.protocol} ${server.tls ?? ''} ${(server.hosts ?? []).join(' ')}: ${expected ? 'refused' : 'taken'}`, () => {
      const because = refusal(gateway('g', [server]));
      if (expected) assert.match(because ?? 'taken', expected);
      else assert.equal(because, undefined);
    });
  }
});
