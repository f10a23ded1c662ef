import type { Token } from './request.js';
import type { Decision, Hop } from './path.js';

/** What an application (or a gateway) sends, apart from addresses and TLS. */
export interface AppMessage {
  readonly protocol: 'http1' | 'h2' | 'grpc' | 'tls' | 'tcp';
  readonly method: string;
  /** The Host header or `:authority`, as sent. */
  readonly authority: string;
  /** With query; normalized by the proxies on the way (GEN-9). */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** `http` or `https`, as the sender believes. */
  readonly scheme: 'http' | 'https';
  /** SNI of the application's own TLS. */
  readonly sni?: string;
  readonly jwt?: Token;
}

/** A connection as it reaches a pod's network. */
export interface Arrival {
  readonly sourceIp: string;
  /** The pod's own port that was dialed. */
  readonly port: number;
  readonly tls: ArrivalTls;
  readonly message: AppMessage;
  /** Which try of the same request this is, from 1; applications may answer the first ones differently (`failFirst`). */
  readonly attempt?: number;
}

export type ArrivalTls =
  | { readonly kind: 'none' }
  /** Mesh TLS: the client proves an identity; ALPN says whether it speaks HTTP inside. */
  | { readonly kind: 'mesh'; readonly identity: string; readonly sni: string; readonly http: boolean }
  /** TLS that a proxy originated without the mesh's certificate or ALPN (DestinationRule SIMPLE or MUTUAL). */
  | { readonly kind: 'originated'; readonly sni: string | undefined; readonly clientCertificate: boolean }
  /** The application's own TLS, passed on untouched. */
  | { readonly kind: 'own'; readonly sni: string | undefined };

/** What became of an arrival, seen from the side that dialed. */
export interface Reception {
  /** The server's iptables, its proxy if any, its application if reached. */
  readonly hops: readonly Hop[];
  readonly result: ReceptionResult;
}

export type ReceptionResult =
  /** The application answered. */
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly grpcStatus?: number;
      readonly delaySeconds: number;
      /** As the application saw them. */
      readonly host: string;
      readonly path: string;
      /** The application's port, when a Sidecar's ingress leads to another one than was dialed (IN-5). */
      readonly port?: number;
    }
  /** The server's proxy answered in its stead. */
  | { readonly kind: 'replied'; readonly status: number; readonly grpcStatus?: number; readonly because: string }
  /** Nothing answers, not even with a refusal: the dialing side waits until its time is up (CAP-8). */
  | { readonly kind: 'dropped'; readonly because: string }
  /** Nothing listens: the connection was refused. */
  | { readonly kind: 'refused'; readonly because: string }
  /** The handshake failed in the eyes of the dialing side (FAIL-5), with the transport's words. */
  | { readonly kind: 'tls-failure'; readonly transport: string; readonly because: string }
  /** Accepted, then closed (FAIL-6, FAIL-13, TCP policies). */
  | {
      readonly kind: 'closed';
      readonly because: string;
      /** Bytes of the dialing side are lost with it, which shows there as a reset and not as an end. */
      readonly abrupt?: true;
    }
  /** The bytes that came back are not what the dialing side can read (FAIL-10). */
  | { readonly kind: 'protocol-error'; readonly because: string };

/** What a policy stage says; used by server sidecars and gateways alike. */
export interface Verdict {
  readonly decisions: readonly Decision[];
  readonly denied?: {
    readonly status: number;
    readonly grpcStatus?: number;
    readonly flags?: string;
    readonly details: string;
    readonly because: string;
  };
}
