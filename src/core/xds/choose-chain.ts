import ipaddr from 'ipaddr.js';
import type { Rejected } from '../base/explained.js';
import { addressCovers, isBlock } from '../mesh/services.js';
import type { ChainMatch, FilterChain, Listener } from './config.js';

/** What a listener sees of a connection before it picks a chain. */
export interface ConnectionLook {
  /** Original destination. */
  readonly ip: string;
  readonly port: number;
  readonly transport: 'tls' | 'raw_buffer';
  /** `undefined` when TLS carries none, or there is no TLS. */
  readonly sni: string | undefined;
  /** What the client offers in TLS, or what sniffing finds in plaintext: `http/1.1`, `h2c`, `http/1.0`. */
  readonly alpn: readonly string[];
}

export interface ChainChoice {
  /** `undefined` when the connection is closed: flag NR, details filter_chain_not_found. */
  readonly chain: FilterChain | undefined;
  readonly byDefault: boolean;
  readonly rejected: readonly Rejected[];
}

type Step = (chains: readonly FilterChain[]) => {
  kept: readonly FilterChain[];
  because: (chain: FilterChain) => string;
};

/**
 * Envoy's choice (LIS-12): destination port, destination address, SNI, transport, ALPN, each narrowing without return; a dead
 * end falls to the listener's default chain.
 */
export function chooseChain(listener: Listener, look: ConnectionLook): ChainChoice {
  const rejected: Rejected[] = [];
  const steps: readonly Step[] = [
    (chains) => ({
      kept: preferSpecific(
        chains,
        (it) => it.port,
        (port) => port === look.port,
      ),
      because: (it) => `is for port ${it.match.port ?? 'any'}`,
    }),
    (chains) => ({
      kept: longestPrefix(chains, look.ip),
      because: (it) => `is for ${it.match.subnets?.join(', ') ?? 'any address'}`,
    }),
    (chains) => ({ kept: bestSni(chains, look.sni), because: (it) => sniReason(it, look.sni) }),
    (chains) => ({
      kept: preferSpecific(
        chains,
        (it) => it.transport,
        (transport) => transport === look.transport,
      ),
      because: (it) => `wants ${it.match.transport === 'tls' ? 'TLS' : 'plaintext'}`,
    }),
    (chains) => ({
      kept: preferSpecific(
        chains,
        (it) => it.alpn,
        (alpn) => alpn.some((word) => look.alpn.includes(word)),
      ),
      because: (it) => (it.match.alpn ? `wants ALPN ${it.match.alpn.join(', ')}` : 'another chain names the ALPN'),
    }),
  ];
  let left: readonly FilterChain[] = listener.chains;
  for (const step of steps) {
    const { kept, because } = step(left);
    for (const chain of left) {
      if (!kept.includes(chain))
        rejected.push({ name: chainTitle(chain), because: because(chain), evidence: chain.evidence });
    }
    left = kept;
  }
  if (left[0]) return { chain: left[0], byDefault: false, rejected };
  return { chain: listener.defaultChain, byDefault: true, rejected };
}

export function chainTitle(chain: FilterChain): string {
  if (chain.name) return `chain ${chain.name}`;
  const { sni, subnets, transport, alpn, port } = chain.match;
  const parts = [
    sni && `SNI ${sni.join(', ')}`,
    subnets?.join(', '),
    port && `port ${port}`,
    transport === 'tls' ? 'TLS' : alpn && 'plaintext HTTP',
  ];
  return `chain ${parts.filter(Boolean).join(' ') || 'for anything'}`;
}

/** Those that name the criterion and fit; if there is none, those that do not name it. */
function preferSpecific<T>(
  chains: readonly FilterChain[],
  of: (match: ChainMatch) => T | undefined,
  fits: (wanted: T) => boolean,
): readonly FilterChain[] {
  const named = chains.filter((it) => {
    const wanted = of(it.match);
    return wanted !== undefined && fits(wanted);
  });
  return named.length > 0 ? named : chains.filter((it) => of(it.match) === undefined);
}

function longestPrefix(chains: readonly FilterChain[], ip: string): readonly FilterChain[] {
  let best = -1;
  let kept: FilterChain[] = [];
  for (const chain of chains) {
    const length = Math.max(-1, ...(chain.match.subnets ?? []).filter((it) => addressCovers(it, ip)).map(prefixLength));
    if (length < 0 || length < best) continue;
    if (length > best) kept = [];
    best = length;
    kept.push(chain);
  }
  return kept.length > 0 ? kept : chains.filter((it) => it.match.subnets === undefined);
}

function prefixLength(block: string): number {
  return isBlock(block) && ipaddr.isValidCIDR(block) ? ipaddr.parseCIDR(block)[1] : 128;
}

function bestSni(chains: readonly FilterChain[], sni: string | undefined): readonly FilterChain[] {
  const without = chains.filter((it) => it.match.sni === undefined);
  if (sni === undefined || sni === '') return without;
  const name = sni.toLowerCase();
  const exact = chains.filter((it) => it.match.sni?.some((pattern) => pattern.toLowerCase() === name));
  if (exact.length > 0) return exact;
  let best = 0;
  let kept: FilterChain[] = [];
  for (const chain of chains) {
    for (const pattern of chain.match.sni ?? []) {
      // Envoy matches `*.x` by the labels above the name, which `*` itself also stands for
      const suffix = pattern.toLowerCase().slice(1);
      if (!pattern.startsWith('*') || !name.endsWith(suffix) || name.length <= suffix.length) continue;
      if (suffix.length < best) continue;
      if (suffix.length > best) kept = [];
      best = suffix.length;
      if (!kept.includes(chain)) kept.push(chain);
    }
  }
  return kept.length > 0 ? kept : without;
}

function sniReason(chain: FilterChain, sni: string | undefined): string {
  if (!chain.match.sni) return `another chain is for SNI ${sni ?? ''}`;
  return sni
    ? `wants SNI ${chain.match.sni.join(', ')}, the client says ${sni}`
    : `wants SNI ${chain.match.sni.join(', ')}, the client sends none`;
}
