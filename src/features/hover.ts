import type { DocumentId, Location } from '../core/base/location.js';
import { describe } from '../core/model/resource.js';
import type { Resource } from '../core/model/resources.js';
import type { TraceRequest } from '../core/trace/request.js';
import type { BranchRow } from './branch-rows.js';
import { hoverGateway } from './hover-gateway.js';
import { hoverPolicy } from './hover-policies.js';
import { hoverDestinationRule, hoverService, hoverServiceEntry, hoverWorkload } from './hover-services.js';
import { hoverRoutes } from './hover-routes.js';
import { pathAt, type NodePath } from './node-path.js';
import type { Session } from './session.js';

/** What the node under the cursor means for packets. */
export interface HoverAnswer {
  /** What is spoken of. */
  readonly at: Location;
  /** `reviews` */
  readonly title: string;
  /** `http :9080, from inside the mesh` */
  readonly note: string;
  readonly rows: readonly BranchRow[];
  /** Further facts, a line each. */
  readonly facts: readonly string[];
  /** Places on the way of `request`. */
  readonly path: readonly string[];
  /** What the links of the answer open, trace and copy. */
  readonly request: TraceRequest | undefined;
}

/** An answer that does not know yet what it stands at. */
export type HoverContent = Omit<HoverAnswer, 'at'>;

/** The node under the cursor, named by its way through the object. */
export interface HoverContext {
  readonly session: Session;
  /** From the object, not from the document (they differ in a List). */
  readonly keys: NodePath['keys'];
  readonly doc: DocumentId;
  /** In the document. */
  readonly offset: number;
}

/** What the node at an offset of a file means; `undefined` where there is nothing to say. */
export function hoverAt(session: Session, uri: string, offset: number): HoverAnswer | undefined {
  const spot = session.spotAt(uri, offset);
  const object = spot?.resource?.body.node;
  if (!spot?.resource || !object) return undefined;
  const { keys, word } = pathAt(object, spot.offset);
  if (!word || keys[0] === 'apiVersion') return undefined;
  const content = contentFor({ session, keys, doc: spot.document.id, offset: spot.offset }, spot.resource);
  return content && { at: { doc: spot.document.id, start: word.start, end: word.end }, ...content };
}

/** The request that best shows what stands at an offset: between words that of what surrounds it, in a comment the document's. */
export function witnessAt(session: Session, uri: string, offset: number): TraceRequest | undefined {
  const spot = session.spotAt(uri, offset);
  const resource = spot?.resource ?? spot?.document.resources[0];
  const object = resource?.body.node;
  if (!spot || !resource || !object) return undefined;
  const { keys } = pathAt(object, spot.offset);
  return contentFor({ session, keys, doc: spot.document.id, offset: spot.offset }, resource)?.request;
}

function contentFor(context: HoverContext, resource: Resource): HoverContent | undefined {
  const refusal = context.session.snapshot.refused.get(resource);
  if (refusal) return refusedContent(resource, refusal.because);
  switch (resource.kind) {
    case 'VirtualService':
    case 'HTTPRoute':
    case 'GRPCRoute':
    case 'TLSRoute':
    case 'TCPRoute':
    case 'Ingress':
      return hoverRoutes(context, resource);
    case 'DestinationRule':
      return hoverDestinationRule(context, resource);
    case 'Service':
      return hoverService(context, resource);
    case 'ServiceEntry':
      return hoverServiceEntry(context, resource);
    case 'Deployment':
    case 'StatefulSet':
    case 'DaemonSet':
    case 'ReplicaSet':
    case 'Job':
    case 'Pod':
      return hoverWorkload(context, resource);
    case 'IstioGateway':
    case 'K8sGateway':
      return hoverGateway(context, resource);
    case 'AuthorizationPolicy':
    case 'PeerAuthentication':
    case 'RequestAuthentication':
    case 'Sidecar':
      return hoverPolicy(context, resource);
    default:
      return undefined;
  }
}

function refusedContent(resource: Resource, because: string): HoverContent {
  const facts = [`Plays no part: it would be refused. ${because}`];
  return { title: describe(resource), note: '', rows: [], facts, path: [], request: undefined };
}
