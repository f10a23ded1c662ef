import type { MeshPod } from '../../mesh/pods.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import type { AppMessage, Verdict } from '../arrival.js';

/** What policies judge: a request on an HTTP chain, or a connection on a TCP chain. */
export interface PolicyInput {
  readonly kind: 'http' | 'tcp';
  /** With the path already normalized (GEN-9). */
  readonly message: AppMessage;
  /** Address of the direct TCP peer. */
  readonly sourceIp: string;
  /** The pod's own port that was dialed. */
  readonly port: number;
  /** What the client proved by mesh TLS: `spiffe://...`. */
  readonly identity: string | undefined;
  readonly sni: string | undefined;
}

export interface PolicyVerdict extends Verdict {
  /** The request as it goes on: without the token that was checked, with headers made of its claims (JWT-4). */
  readonly message: AppMessage;
  /** Claims of the accepted token, for routes that look at `@request.auth.claims` (RT-9). */
  readonly claims: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The policies of the proxy in a pod, in the order in which it applies them: CUSTOM, then tokens, then DENY, then ALLOW
 * (AZ-15). For sidecars and gateways alike.
 */
export function checkRequest(_mesh: MeshSnapshot, _pod: MeshPod, input: PolicyInput): PolicyVerdict {
  return { decisions: [], message: input.message, claims: undefined };
}
