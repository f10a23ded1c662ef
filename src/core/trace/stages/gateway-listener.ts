import { extensionAssumptions } from '../../mesh/extensions.js';
import { mergedGateways } from '../../mesh/gateways.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import { chainTitle, chooseChain } from '../../xds/choose-chain.js';
import type { FilterChain, Listener } from '../../xds/config.js';
import { gatewayListeners } from '../../xds/gateway-listeners.js';
import type { Proxy } from '../../xds/proxy.js';
import type { Arrival, ArrivalTls } from '../arrival.js';
import { decision, push } from '../decide.js';
import type { Decision } from '../path.js';

/** What a stage of a gateway found, and why. */
export interface Found<T> {
  readonly found: T | undefined;
  readonly decision: Decision;
}

/** The listener of a gateway's pod on a port (GW-22); without one the connection is refused. */
export function chooseGatewayListener(mesh: MeshSnapshot, proxy: Proxy, port: number): Found<Listener> {
  const { listeners, absent } = gatewayListeners(mesh, proxy);
  const onPort = listeners.filter((it) => it.port === port);
  const found =
    onPort.find((it) => it.address === proxy.pod.ip) ??
    onPort.find((it) => it.address === '0.0.0.0' || it.address === '::');
  if (found) {
    return {
      found,
      decision: decision('choose listener', {
        chose: `listener ${found.name}`,
        because: `The gateway listens on port ${port}`,
        rules: found.rules,
        evidence: found.evidence,
        rejected: found.rejected,
        assumptions: [...found.assumptions, ...extensionAssumptions(mesh, proxy.pod, 'gateway')],
        calls: [push('LDS', proxy.name, `listener ${found.name}`)],
      }),
    };
  }
  const missing = absent.find((it) => it.port === port);
  const elsewhere = onPort[0];
  const { rejected } = mergedGateways(mesh, proxy.pod);
  const because =
    missing?.because ??
    (elsewhere
      ? `the listener of port ${port} is bound to ${elsewhere.address}, which is not the pod's address`
      : `no server of a Gateway that programs this pod is on port ${port}`);
  return {
    found: undefined,
    decision: decision('choose listener', {
      chose: `nothing listens on port ${port}`,
      because: `Refused: ${because}`,
      rules: missing?.rules ?? [elsewhere ? 'GW-21' : 'GW-22'],
      evidence: missing?.evidence ?? elsewhere?.evidence ?? [],
      byDefault: 'a port on which no process listens is refused',
      rejected: missing?.rejected ?? rejected.filter((it) => it.port === undefined || it.port === port),
      state: 'broken',
    }),
  };
}

/** The filter chain for a connection, by what its first bytes say (META-6, GW-14); without one Envoy closes it. */
export function chooseGatewayChain(proxy: Proxy, listener: Listener, arrival: Arrival): Found<FilterChain> {
  const { tls, port } = arrival;
  const sni = sniOf(tls);
  const { chain, rejected } = chooseChain(listener, {
    ip: proxy.pod.ip,
    port,
    transport: tls.kind === 'none' ? 'raw_buffer' : 'tls',
    sni,
    alpn: tls.kind === 'mesh' ? (tls.http ? ['istio-http/1.1', 'istio'] : ['istio']) : ['h2', 'http/1.1'],
  });
  if (!chain) {
    const said = tls.kind === 'none' ? 'Plaintext' : sni === undefined ? 'TLS without a server name' : `TLS for ${sni}`;
    return {
      found: undefined,
      decision: decision('choose filter chain', {
        chose: 'no filter chain',
        because: `${said} fits no chain of ${listener.name}: Envoy closes the connection`,
        rules: ['META-6', 'GW-14'],
        evidence: [...listener.evidence, ...rejected.flatMap((it) => it.evidence)],
        rejected,
        state: 'broken',
      }),
    };
  }
  const to = chain.filter.kind === 'http' ? `HTTP, route configuration ${chain.filter.routeConfig}` : 'TCP';
  return {
    found: chain,
    decision: decision('choose filter chain', {
      chose: `${chainTitle(chain)} → ${to}`,
      because: chain.match.sni
        ? `The client asks for ${sni}`
        : 'No chain is for this server name in particular; this one takes any',
      rules: ['META-6', ...chain.rules],
      evidence: chain.evidence,
      rejected: [...rejected, ...chain.rejected],
      assumptions: chain.assumptions,
      calls: [push('LDS', proxy.name, chainTitle(chain))],
    }),
  };
}

export function sniOf(tls: ArrivalTls): string | undefined {
  return tls.kind === 'none' ? undefined : tls.sni?.toLowerCase();
}
