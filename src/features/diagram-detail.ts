import type { Location } from '../core/base/location.js';
import type { ControlPlaneCall, Decision, Hop, Packet, ProxyLog } from '../core/trace/path.js';
import type { TraceRequest } from '../core/trace/request.js';
import { placeTitle } from './diagram-lanes.js';
import type { Detail, Evidence } from './diagram-model.js';
import { verifyCommand } from './diagram-verify.js';

/** How a diagram names what only the workspace knows. */
export interface Naming {
  /** A place in a file and what stands there, in short: `routing.yaml:31 subset: v3`. */
  excerpt(at: Location): string;
  /** What kubectl calls the pods of `ns/name`: `statefulset/db`, `pod/till`; a Deployment where this says nothing. */
  resource?(pod: string): string | undefined;
}

/** What the drawing of a path needs beside the path. */
export interface Context {
  readonly request: TraceRequest;
  readonly naming: Naming;
}

/** All about one decision of a hop; `before` is the hop that the packet came from. */
export function detailOf(decision: Decision, hop: Hop, before: Hop | undefined, context: Context): Detail {
  const { naming } = context;
  const cite = (at: Location): Evidence => ({ at, text: naming.excerpt(at) });
  return {
    stage: decision.stage,
    place: placeTitle(hop.place),
    chose: decision.chose,
    because: withDefault(decision),
    evidence: decision.evidence.map(cite),
    rejected: decision.rejected.map((it) => ({ ...it, evidence: it.evidence.map(cite) })),
    effects: decision.effects,
    arrived: before ? packetRows(before.packet) : [],
    // what differs at the end of the hop is told by its last decision; the earlier ones tell their own effects
    packet: packetRows(before && hop.decisions.at(-1) !== decision ? before.packet : hop.packet),
    envoy: hop.proxy ? envoyRows(hop.proxy) : [],
    calls: decision.calls.map(callTitle),
    assumptions: decision.assumptions.map((it) => it.text),
    rules: decision.rules,
    verify: verifyCommand(decision.stage, hop, before, context),
  };
}

/** A detail with nothing in it but its text: what is drawn without having been decided. */
export function plainDetail(stage: Detail['stage'], place: string, chose: string, because: string): Detail {
  return {
    stage,
    place,
    chose,
    because,
    evidence: [],
    rejected: [],
    effects: [],
    arrived: [],
    packet: [],
    envoy: [],
    calls: [],
    assumptions: [],
    rules: [],
    verify: undefined,
  };
}

/** `RDS · istiod → Envoy shop/cart · route configuration 9080`. */
export function callTitle({ kind, from, to, what }: ControlPlaneCall): string {
  return `${kind} · ${from} → ${to} · ${what}`;
}

function withDefault({ because, byDefault }: Decision): string {
  if (byDefault === undefined) return because;
  return `${because.trim().replace(/[^.!?]$/, '$&.')} By default: ${byDefault}`.trim();
}

type Rows = (readonly [name: string, value: string])[];

/** Addresses, request line, headers, TLS and identity of a packet, without what it lacks. */
export function packetRows(packet: Packet): Rows {
  return present([
    ['source', packet.source],
    ['destination', packet.destination],
    ['protocol', packet.protocol],
    ['method', packet.method],
    ['authority', packet.authority],
    ['path', packet.path],
    ['TLS', TLS_WORDS[packet.tls]],
    ['SNI', packet.sni],
    ['identity', packet.identity],
    ...Object.entries(packet.headers).map(([name, value]) => [`header ${name}`, value] as const),
  ]);
}

const TLS_WORDS: Readonly<Record<Packet['tls'], string>> = {
  none: 'none',
  mutual: 'mutual (Istio mTLS)',
  simple: 'simple',
  own: "the application's own",
};

/** Envoy's objects in the order that the packet meets them, then what it logs. */
function envoyRows(log: ProxyLog): Rows {
  const answered = [log.status, log.flags, log.details].filter((it) => it !== undefined).join(' ');
  return present([
    ['proxy', `${log.proxy} (${log.side})`],
    ['listener', log.listener],
    ['filter chain', log.filterChain],
    ['route configuration', log.routeConfig],
    ['virtual host', log.virtualHost],
    ['route', log.route],
    ['cluster', log.cluster],
    ['peer', log.peer],
    ['response', answered],
  ]);
}

function present(rows: readonly (readonly [name: string, value: string | undefined])[]): Rows {
  return rows.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value] as const]));
}
