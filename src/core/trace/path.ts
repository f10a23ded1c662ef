import type { Assumption, Rejected } from '../base/explained.js';
import type { Location } from '../base/location.js';
import type { TraceRequest } from './request.js';

export type { Assumption, Rejected };

/** Everything that can become of one request: one path per branch, likeliest first. */
export interface Trace {
  readonly request: TraceRequest;
  readonly paths: readonly Path[];
}

/** One course that the request can take, from the client to its end. */
export interface Path {
  /** Part of such requests that go this way, 0..1; the shares of a trace's paths sum to one. */
  readonly share: number;
  /** What sets this branch apart from its siblings, such as `90 % → reviews v1`; empty when there is only one path. */
  readonly label: string;
  readonly hops: readonly Hop[];
  readonly outcome: Outcome;
  /** Copies that were sent off on the way; what becomes of them changes nothing for the caller. */
  readonly mirrors: readonly MirrorCopy[];
  /** What had to be taken for granted. */
  readonly assumptions: readonly Assumption[];
}

/** The kinds of places that look at a packet and decide. */
export type PlaceKind =
  | 'client' // the application that sends, or the client outside of the cluster
  | 'dns'
  | 'iptables' // a pod's network namespace
  | 'sidecar'
  | 'node' // kube-proxy and the nodes' ports
  | 'gateway'
  | 'app' // the application that receives
  | 'external'; // a host outside of the mesh

export interface Place {
  readonly kind: PlaceKind;
  /** What people call it: `shop/cart`, `kube-dns`, `istio-system/istio-ingressgateway`, `api.example.com`. */
  readonly name: string;
  /** `ns/name` of the workload (or bare Pod) that it belongs to; places of one pod share it. */
  readonly pod?: string;
  /** At which end of the request the place is. */
  readonly side: 'client' | 'middle' | 'server';
}

/** One place on the way, with all that it decided, in order. */
export interface Hop {
  readonly place: Place;
  readonly decisions: readonly Decision[];
  /** The packet as it leaves the place. */
  readonly packet: Packet;
  /** What the place's Envoy writes to its access log, when it is one. */
  readonly proxy?: ProxyLog;
}

/** The names of the deciding places, one per file of trace/stages. */
export type StageName =
  | 'send request'
  | 'resolve name'
  | 'capture'
  | 'choose listener'
  | 'choose filter chain'
  | 'choose virtual host'
  | 'match route'
  | 'inject fault'
  | 'answer CORS'
  | 'redirect'
  | 'respond directly'
  | 'rewrite request'
  | 'mirror'
  | 'split by weight'
  | 'find cluster'
  | 'pick endpoint'
  | 'connect upstream'
  | 'pass node'
  | 'accept connection'
  | 'authenticate peer'
  | 'authenticate request'
  | 'authorize'
  | 'reach application'
  | 'retry'
  | 'time out';

export interface Decision {
  readonly stage: StageName;
  /** One line in the field's words: `route #2 (prefix /api) → outbound|9080|v3|reviews.shop.svc.cluster.local`. */
  readonly chose: string;
  /** Why, in a sentence; for a broken step, what is wrong. */
  readonly because: string;
  /** Ids of the rules of the semantics that decided, such as `RT-2`. */
  readonly rules: readonly string[];
  /** Where it says so. Empty only when `assumptions` names what decided instead, or `byDefault` does. */
  readonly evidence: readonly Location[];
  /** The default of Istio, Envoy or Kubernetes that decided where no YAML says anything. */
  readonly byDefault?: string;
  readonly rejected: readonly Rejected[];
  readonly calls: readonly ControlPlaneCall[];
  readonly assumptions: readonly Assumption[];
  /** What the decision changed about the packet. */
  readonly effects: readonly Effect[];
  /** `broken` ends the path badly here; `warning` goes on, though not as its author meant. */
  readonly state: 'ok' | 'warning' | 'broken';
}

export interface Effect {
  /** `path`, `authority`, `destination`, `header x-user` ... */
  readonly what: string;
  readonly before: string;
  readonly after: string;
}

/** The calls by which the data of a decision came to the place that made it (CP-1..CP-7). */
export interface ControlPlaneCall {
  readonly kind:
    'LDS' | 'RDS' | 'CDS' | 'EDS' | 'SDS' | 'NDS' | 'webhook' | 'CSR' | 'watch' | 'kube-proxy watch' | 'DNS watch';
  /** Who calls whom: `istiod`, `kube-apiserver`, `istio-agent`, `Envoy shop/cart`. */
  readonly from: string;
  readonly to: string;
  /** What it carried: `route configuration 9080`, `cluster outbound|80||cart...`. */
  readonly what: string;
}

/** Identity and addresses of the request at one point of its way. */
export interface Packet {
  readonly source: string;
  readonly destination: string;
  readonly protocol: 'HTTP/1.1' | 'HTTP/2' | 'gRPC' | 'TLS' | 'TCP';
  readonly method?: string;
  readonly authority?: string;
  /** With query. */
  readonly path?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly sni?: string;
  readonly tls: 'none' | 'mutual' | 'simple' | 'own';
  /** SPIFFE id that the sender proves, when it does. */
  readonly identity?: string;
}

/** What one Envoy says of the request; names as `istioctl proxy-config` prints them. */
export interface ProxyLog {
  /** `ns/name` of the workload, or of the bare Pod. */
  readonly proxy: string;
  readonly side: 'outbound' | 'inbound' | 'gateway';
  readonly kind: 'http' | 'tcp' | 'listener';
  readonly listener?: string;
  readonly filterChain?: string;
  readonly routeConfig?: string;
  readonly virtualHost?: string;
  readonly route?: string;
  readonly cluster?: string;
  readonly authority?: string;
  readonly path?: string;
  readonly sni?: string;
  readonly peer?: string;
  readonly status?: number;
  readonly flags?: string;
  readonly details?: string;
  readonly tlsFromClient?: boolean;
  readonly tlsToUpstream?: boolean;
}

/** How it ended, as the caller sees it. */
export type Outcome =
  | {
      readonly result: 'delivered';
      /** The application's answer: 200 unless the request's world says otherwise. */
      readonly status?: number;
      readonly grpcStatus?: number;
      /** Every endpoint that may be picked, each by its own entry: `ns/workload:port`, `host:port` outside, `ip:port` for a bare address. */
      readonly endpoints: readonly string[];
      /** As the application sees them. */
      readonly app?: { readonly host?: string; readonly path?: string };
      readonly delaySeconds?: number;
    }
  | {
      readonly result: 'status';
      readonly status: number;
      readonly flags?: string;
      readonly details?: string;
      readonly grpcStatus?: number;
      readonly location?: string;
      readonly delaySeconds?: number;
      /** Where it was reached, when a server's proxy answered. */
      readonly endpoints?: readonly string[];
      readonly because: string;
    }
  | {
      readonly result: 'reset' | 'refused' | 'unresolved';
      readonly flags?: string;
      readonly because: string;
      readonly endpoints?: readonly string[];
      readonly delaySeconds?: number;
    }
  | { readonly result: 'unknown'; readonly because: string };

export interface MirrorCopy {
  /** As Outcome's endpoints; empty when the copy is lost. */
  readonly endpoints: readonly string[];
  readonly cluster: string;
  readonly authority: string;
  readonly path: string;
  readonly share: number;
  readonly because: string;
  readonly evidence: readonly Location[];
}

/** Whether the caller got what a route's author wants it to get. */
export function isBroken(outcome: Outcome): boolean {
  switch (outcome.result) {
    case 'delivered':
    case 'unknown':
      return false;
    case 'reset':
    case 'refused':
    case 'unresolved':
      return true;
    case 'status':
      // a flag says that a proxy had a problem; injected faults (FI, DI) are somebody's wish
      return outcome.status >= 400 && !/^(DI,)?FI$/.test(outcome.flags ?? '') && outcome.details !== 'direct_response';
  }
}
