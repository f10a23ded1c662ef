import type { Assumption } from '../../base/explained.js';
import type { FilterChain } from '../../xds/config.js';
import type { Proxy } from '../../xds/proxy.js';
import type { ArrivalTls, ReceptionResult } from '../arrival.js';
import { decision, push } from '../decide.js';
import type { Decision } from '../path.js';

/** How a gateway's handshake ends. */
export interface Handshake {
  readonly decision: Decision;
  /** Why there is no connection; `undefined` when TLS stands. */
  readonly failed: ReceptionResult | undefined;
  /** Whether Envoy's log calls the connection encrypted. */
  readonly encrypted: boolean;
}

/** The TLS of a chain that terminates it (GW-15, GW-16). */
export function takeOffTls(proxy: Proxy, chain: FilterChain, tls: ArrivalTls): Handshake {
  const settings = chain.tls!;
  if (settings.secretMissing !== undefined) {
    return noHandshake(chain, `The certificate cannot be loaded: ${settings.secretMissing}`, 'tls-failure');
  }
  if (tls.kind === 'none') {
    // Envoy's log calls whatever a TLS socket held encrypted, once it has its certificate
    return { ...noHandshake(chain, 'The chain wants TLS and the client speaks plaintext', 'closed'), encrypted: true };
  }
  if (settings.mode !== 'mesh' && tls.kind === 'mesh') {
    const because = 'The client expects a certificate of the mesh, and the gateway shows another';
    return noHandshake(chain, because, 'tls-failure');
  }
  const proves = tls.kind === 'mesh' || (tls.kind === 'originated' && tls.clientCertificate);
  if ((settings.mode === 'mesh' || settings.mode === 'mutual') && !proves) {
    // the client has finished its part by then, as TLS 1.3 has it: Envoy calls the connection encrypted
    const because = 'The gateway asks for a client certificate and gets none';
    return { ...noHandshake(chain, because, 'closed'), encrypted: true };
  }
  const done = decision('accept connection', {
    chose: `TLS ends here (${settings.mode})`,
    because: proves ? 'Both sides show certificates' : 'The gateway shows its certificate; the client needs none',
    rules: ['GW-15', 'GW-16'],
    evidence: chain.evidence,
    assumptions: settings.mode === 'mesh' ? [] : [clientTrusts(chain)],
    calls: [push('SDS', proxy.name, 'certificate and key')],
  });
  return { decision: done, failed: undefined, encrypted: true };
}

function noHandshake(chain: FilterChain, because: string, kind: 'closed' | 'tls-failure'): Handshake {
  const failure = decision('accept connection', {
    chose: 'no handshake',
    because,
    rules: ['GW-15', 'GW-16'],
    evidence: chain.evidence,
    state: 'broken',
  });
  const failed: ReceptionResult = kind === 'closed' ? { kind, because } : { kind, because, transport: 'TLS_error' };
  return { decision: failure, failed, encrypted: false };
}

function clientTrusts({ evidence }: FilterChain): Assumption {
  const at = evidence[0];
  return { text: 'The client is taken to trust the certificate', ...(at ? { at } : {}) };
}
