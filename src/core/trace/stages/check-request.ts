import { isAddressOrBlock } from '../../mesh/addresses.js';
import type { MeshPod } from '../../mesh/pods.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import type { AppMessage, Verdict } from '../arrival.js';
import { localReply } from '../local-reply.js';
import type { PolicyFacts } from '../policy-attributes.js';
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
 * (AZ-15). For sidecars and gateways alike. On TCP chains there are no tokens (JWT-1).
 */
export function checkRequest(mesh: MeshSnapshot, pod: MeshPod, input: PolicyInput): PolicyVerdict {
  const { message, kind } = input;
  const external = authorizeExternally(mesh, pod, factsOf(mesh, pod, input, message, undefined));
  if (external.denied) return denial(external, message);
  if (kind === 'tcp') {
    const said = authorize(mesh, pod, factsOf(mesh, pod, input, message, undefined));
    const decisions = [...external.decisions, ...said.decisions];
    return said.denied ? denial({ ...said, decisions }, message) : { decisions, message, claims: undefined };
  }
  const known = authenticateRequest(mesh, pod, message);
  const soFar = [...external.decisions, ...known.decisions];
  if (known.denied) return denial({ ...known, decisions: soFar }, message);
  const said = authorize(mesh, pod, factsOf(mesh, pod, input, known.message, known.claims));
  const decisions = [...soFar, ...said.decisions];
  if (said.denied) return denial({ ...said, decisions }, known.message, known.claims);
  return { decisions, message: known.message, claims: known.claims };
}

/** gRPC callers get the refusal as a grpc-status (ACT-11). */
function denial({ decisions, denied }: Verdict, message: AppMessage, claims?: PolicyVerdict['claims']): PolicyVerdict {
  return { decisions, message, claims, denied: { ...denied!, ...localReply(denied!.status, message) } };
}

function factsOf(
  mesh: MeshSnapshot,
  pod: MeshPod,
  input: PolicyInput,
  message: AppMessage,
  claims: Readonly<Record<string, unknown>> | undefined,
): PolicyFacts {
  const { kind, sourceIp, identity, sni, port } = input;
  const { method, authority, headers } = message;
  return {
    config: mesh.config,
    identity,
    sourceIp,
    remoteIp: kind === 'http' ? trustedClient(mesh, pod, message, sourceIp) : sourceIp,
    destinationIp: pod.ip,
    port,
    sni,
    http:
      kind === 'http'
        ? {
            method,
            authority,
            path: message.path.split(/[?#]/)[0]!,
            headers: { 'x-forwarded-proto': 'http', ...headers },
            claims,
          }
        : undefined,
  };
}

/**
 * Whom Envoy takes for the client (AZ-7, NODE-8). A sidecar believes the right-most address of X-Forwarded-For; a gateway only as
 * many as it was told of trusted proxies in front of it, and by itself its own peer.
 */
function trustedClient(mesh: MeshSnapshot, pod: MeshPod, { headers }: AppMessage, peer: string): string {
  const forwarded = (headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((it) => it.trim())
    .filter((it) => it !== '');
  const trusted = pod.proxy.value === 'gateway' ? trustedProxies(mesh, pod) : 1;
  const client = trusted === 0 ? undefined : forwarded.at(-trusted);
  return client !== undefined && isAddressOrBlock(client) && !client.includes('/') ? client : peer;
}

function trustedProxies(mesh: MeshSnapshot, pod: MeshPod): number {
  const annotation = pod.template.annotations.get('proxy.istio.io/config')?.value ?? '';
  const own = /numTrustedProxies['"]?\s*:\s*(\d+)/.exec(annotation)?.[1];
  return own === undefined ? mesh.config.numTrustedProxies : Number(own);
}
