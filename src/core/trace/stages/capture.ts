import ipaddr from 'ipaddr.js';
import type { Location, Sourced } from '../../base/location.js';
import type { MeshPod } from '../../mesh/pods.js';
import { decision } from '../decide.js';
import type { Decision } from '../path.js';

export interface Capture {
  /** Whether the connection goes to Envoy's 15001; otherwise it goes its way directly. */
  readonly captured: boolean;
  readonly decision: Decision;
}

const ENVOY_UID = 1337;

/** The pod's iptables look at an outgoing TCP connection (CAP-1, CAP-3). First match wins. */
export function captureOutbound(client: MeshPod, ip: string, port: number): Capture {
  const annotation = (name: string): Sourced<string> | undefined =>
    client.template.annotations.get(`traffic.sidecar.istio.io/${name}`);
  const direct = (because: string, rules: string[], ...evidence: (Location | undefined)[]): Capture => ({
    captured: false,
    decision: decision('capture', {
      chose: `${ip}:${port} leaves the pod directly, past Envoy`,
      because,
      rules,
      evidence,
      ...(evidence.some((it) => it) ? {} : { byDefault: 'the redirection that injection sets up' }),
      state: 'warning',
    }),
  });

  if (client.proxy.value !== 'sidecar') {
    return {
      captured: false,
      decision: decision('capture', {
        chose: 'no sidecar: nothing is redirected',
        because: 'The pod has no proxy, so no VirtualService, DestinationRule or mesh TLS applies to what it sends',
        rules: ['INJ-4', ...client.proxy.rules],
        evidence: client.proxy.evidence,
        assumptions: client.proxy.assumptions,
        ...(client.proxy.evidence.length === 0 ? { byDefault: 'injection is off unless a label asks for it' } : {}),
      }),
    };
  }
  const mode = client.template.annotations.get('sidecar.istio.io/interceptionMode');
  if (mode?.value === 'NONE') return direct('interceptionMode NONE redirects nothing', ['CAP-1', 'LIS-16'], mode.at);

  const excludedPorts = annotation('excludeOutboundPorts');
  if (excludedPorts && hasPort(excludedPorts.value, port))
    return direct(`Port ${port} is excluded from redirection`, ['CAP-3'], excludedPorts.at);
  const ownIp = ip === client.ip;
  if (ip.startsWith('127.') || ownIp) {
    return direct('A pod that calls itself by localhost or its own address goes through the loopback interface', [
      'CAP-3',
    ]);
  }
  const proxyUser = runsAsProxy(client);
  if (proxyUser)
    return direct(
      'The container runs as user 1337, which is Envoy’s own: its traffic is never redirected',
      ['CAP-3', 'CAP-4'],
      proxyUser.at,
    );
  const excludedRanges = annotation('excludeOutboundIPRanges');
  if (excludedRanges && inRanges(excludedRanges.value, ip))
    return direct(`${ip} is excluded from redirection`, ['CAP-3'], excludedRanges.at);
  const includedPorts = annotation('includeOutboundPorts');
  const includedRanges = annotation('includeOutboundIPRanges');
  const byPort = includedPorts && hasPort(includedPorts.value, port);
  if (!byPort && includedRanges && !inRanges(includedRanges.value, ip)) {
    return direct(`${ip} is not among the redirected ranges`, ['CAP-3'], includedRanges.at);
  }
  return {
    captured: true,
    decision: decision('capture', {
      chose: `${ip}:${port} → Envoy on 15001`,
      because: 'iptables in the pod redirect every outgoing TCP connection to Envoy',
      rules: ['CAP-3', 'TR-3', ...client.proxy.rules],
      evidence: [...client.proxy.evidence, byPort ? includedPorts.at : includedRanges?.at],
      assumptions: client.proxy.assumptions,
      calls: [
        { kind: 'webhook', from: 'kube-apiserver', to: 'istiod', what: `injection of ${client.id}, once at its start` },
      ],
      effects: [{ what: 'connection to', before: `${ip}:${port}`, after: '127.0.0.1:15001' }],
    }),
  };
}

/** A comma-separated list of port numbers; `*` is all. */
export function hasPort(list: string, port: number): boolean {
  return list.split(',').some((it) => it.trim() === '*' || Number(it.trim()) === port);
}

function inRanges(list: string, ip: string): boolean {
  return list.split(',').some((entry) => {
    const range = entry.trim();
    if (range === '*') return true;
    if (!ipaddr.isValid(ip) || !ipaddr.isValidCIDR(range)) return range === ip;
    const block = ipaddr.parseCIDR(range);
    const address = ipaddr.parse(ip);
    return address.kind() === block[0].kind() && address.match(block);
  });
}

/** The application's user when it is Envoy's (CAP-4b). */
function runsAsProxy(client: MeshPod): Sourced<number> | undefined {
  const own = client.template.containers.filter((it) => it.name !== 'istio-proxy');
  const users = own.map((it) => it.runAsUser ?? client.template.runAsUser);
  return users.length > 0 && users.every((it) => it?.value === ENVOY_UID) ? users[0] : undefined;
}
