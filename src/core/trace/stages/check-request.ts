import type { MeshPod } from '../../mesh/pods.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import type { AppMessage, Verdict } from '../arrival.js';
import { localReply } from '../local-reply.js';
import type { PolicyFacts } from '../policy-attributes.js';
import { takeRequest } from '../proxy-headers.js';
import { authenticateRequest } from './authenticate-request.js';
import { authorizeExternally } from './authorize-externally.js';
import { authorize } from './authorize.js';

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
  /** The proxy took off TLS that tells it of https. */
  readonly encrypted: boolean;
  readonly sni: string | undefined;
}

export interface PolicyVerdict extends Verdict {
  /** The request as it goes on: with the proxy's own headers, without the token that was checked, with headers made of its claims. */
  readonly message: AppMessage;
  /** Claims of the accepted token, for routes that look at `@request.auth.claims` (RT-9). */
  readonly claims: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The policies of the proxy in a pod, in the order in which it applies them: CUSTOM, then tokens, then DENY, then ALLOW
 * (AZ-15). For sidecars and gateways alike. On TCP chains there are no tokens (JWT-1).
 */
export function checkRequest(mesh: MeshSnapshot, pod: MeshPod, input: PolicyInput): PolicyVerdict {
  if (input.kind === 'tcp') return checkConnection(mesh, pod, input);
  const { sourceIp: peerIp, identity, encrypted } = input;
  const { message, clientIp } = takeRequest(mesh, pod, input.message, { peerIp, identity, encrypted });
  const external = authorizeExternally(mesh, pod, factsOf(mesh, pod, input, clientIp, message));
  if (external.denied) return denial(external, message);
  const known = authenticateRequest(mesh, pod, message);
  const soFar = [...external.decisions, ...known.decisions];
  if (known.denied) return denial({ ...known, decisions: soFar }, message);
  const said = authorize(mesh, pod, factsOf(mesh, pod, input, clientIp, known.message, known.claims));
  const decisions = [...soFar, ...said.decisions];
  if (said.denied) return denial({ ...said, decisions }, known.message, known.claims);
  return { decisions, message: known.message, claims: known.claims };
}

function checkConnection(mesh: MeshSnapshot, pod: MeshPod, input: PolicyInput): PolicyVerdict {
  const { message } = input;
  const facts = factsOf(mesh, pod, input, input.sourceIp, undefined);
  const external = authorizeExternally(mesh, pod, facts);
  if (external.denied) return denial(external, message);
  const said = authorize(mesh, pod, facts);
  const decisions = [...external.decisions, ...said.decisions];
  return said.denied ? denial({ ...said, decisions }, message) : { decisions, message, claims: undefined };
}

/** gRPC callers get the refusal as a grpc-status (ACT-11). */
function denial({ decisions, denied }: Verdict, message: AppMessage, claims?: PolicyVerdict['claims']): PolicyVerdict {
  return { decisions, message, claims, denied: { ...denied!, ...localReply(denied!.status, message) } };
}

function factsOf(
  mesh: MeshSnapshot,
  pod: MeshPod,
  { sourceIp, identity, sni, port }: PolicyInput,
  remoteIp: string,
  message: AppMessage | undefined,
  claims?: PolicyVerdict['claims'],
): PolicyFacts {
  const http = message && {
    method: message.method,
    authority: message.authority,
    path: message.path.split(/[?#]/)[0]!,
    headers: { 'x-request-id': '(made by the proxy)', ...message.headers },
    claims,
  };
  return { config: mesh.config, identity, sourceIp, remoteIp, destinationIp: pod.ip, port, sni, http };
}
