import type { Rejected } from '../base/explained.js';
import type { GatewayApiRoute, ParentRef } from '../model/gateway-routes.js';
import { GATEWAY_API } from '../model/gateway-api.js';
import { apiListeners, type ApiListener } from './api-listeners.js';
import { hostsMatch, isSubsetOf, isWildcard } from './hosts.js';
import type { MeshSnapshot } from './snapshot.js';

/** A parent that takes a route: a listener, or a Service or ServiceEntry whose requests it steers. */
export type Attachment =
  | {
      readonly kind: 'listener';
      readonly ref: ParentRef;
      readonly listener: ApiListener;
      readonly siblings: readonly ApiListener[];
    }
  | { readonly kind: 'service'; readonly ref: ParentRef; readonly hosts: readonly string[] };

export interface Attachments {
  readonly accepted: readonly Attachment[];
  readonly refused: readonly RefusedParent[];
}

export interface RefusedParent extends Rejected {
  /** Of the listener that does not take the route, when there is one. */
  readonly listener: string | undefined;
}

/** Which of its parents take a route, and why others do not (GAPI-12, GAPI-15, GAPI-16, MESH-1). */
export function attachmentsOf(mesh: MeshSnapshot, route: GatewayApiRoute): Attachments {
  return mesh.remember(`attachments ${route.kind} ${route.namespace}/${route.name}`, () => {
    const accepted: Attachment[] = [];
    const refused: RefusedParent[] = [];
    for (const ref of route.parents) {
      if (ref.group === GATEWAY_API && (ref.kind === 'Gateway' || ref.kind === 'ListenerSet')) {
        attachToListeners(mesh, route, ref, accepted, refused);
      } else if (
        (ref.group === '' && ref.kind === 'Service') ||
        (ref.group === 'networking.istio.io' && ref.kind === 'ServiceEntry')
      ) {
        const hosts = hostsOfService(mesh, ref, ref.namespace?.value ?? route.namespace);
        if (hosts) accepted.push({ kind: 'service', ref, hosts });
        else
          refused.push({
            name: parentTitle(ref),
            because: `there is no ${ref.kind} of this name`,
            evidence: [ref.name.at],
            listener: undefined,
          });
      } else {
        refused.push({
          name: parentTitle(ref),
          because: `Istio has no use for parents of kind ${ref.kind}`,
          evidence: [ref.at],
          listener: undefined,
        });
      }
    }
    return { accepted, refused };
  });
}

function parentTitle(ref: ParentRef): string {
  const section = ref.sectionName ? ` listener ${ref.sectionName.value}` : '';
  return `${ref.kind} ${ref.namespace ? `${ref.namespace.value}/` : ''}${ref.name.value}${section}`;
}

function hostsOfService(mesh: MeshSnapshot, ref: ParentRef, namespace: string): readonly string[] | undefined {
  const name = ref.name.value;
  if (ref.kind === 'ServiceEntry') return mesh.find('ServiceEntry', namespace, name)?.hosts.map((it) => it.value);
  return mesh.kubernetesServiceOf(namespace, name) && [`${name}.${namespace}.svc.${mesh.config.clusterDomain}`];
}

function attachToListeners(
  mesh: MeshSnapshot,
  route: GatewayApiRoute,
  ref: ParentRef,
  accepted: Attachment[],
  refused: RefusedParent[],
): void {
  const namespace = ref.namespace?.value ?? route.namespace;
  const kind = ref.kind === 'ListenerSet' ? 'ListenerSet' : 'K8sGateway';
  const siblings = apiListeners(mesh).kept.filter(
    ({ owner }) => owner.kind === kind && owner.namespace === namespace && owner.name === ref.name.value,
  );
  if (siblings.length === 0) {
    refused.push({
      name: parentTitle(ref),
      because: 'it has no listener that Istio serves',
      evidence: [ref.name.at],
      listener: undefined,
    });
  }
  for (const listener of siblings) {
    const because = whyNot(route, ref, listener);
    if (because === undefined) accepted.push({ kind: 'listener', ref, listener, siblings });
    else
      refused.push({
        name: `listener ${listener.listener.name.value}`,
        because,
        evidence: [ref.at, listener.listener.at],
        listener: listener.id,
      });
  }
}

function whyNot(
  route: GatewayApiRoute,
  ref: ParentRef,
  { listener, port, hosts, kinds }: ApiListener,
): string | undefined {
  if (ref.port && ref.port.value !== 0 && ref.port.value !== port) return `it is on port ${port}`;
  if (ref.sectionName && ref.sectionName.value !== '' && ref.sectionName.value !== listener.name.value) {
    return `the route asks for ${ref.sectionName.value}`;
  }
  const wanted = route.hostnames.length > 0 ? route.hostnames.map((it) => it.value) : ['*'];
  const fitting = hosts.filter(({ value }) => wanted.some((it) => hostsMatch(value.slice(value.indexOf('/') + 1), it)));
  if (fitting.length === 0) return `no hostname of the route fits ${listener.hostname?.value ?? '*'}`;
  const lets = fitting.some(({ value }) => value.startsWith('*/') || value.startsWith(`${route.namespace}/`));
  if (!lets) return `it lets no routes of namespace ${route.namespace} attach`;
  return kinds.has(route.kind) ? undefined : `it takes no ${route.kind}`;
}

/**
 * Whether a listener serves a route's hostname, or leaves it to a more specific listener on the same port and protocol
 * (GAPI-17); the one that it is left to.
 */
export function leftTo(
  own: ApiListener,
  siblings: readonly ApiListener[],
  hostname: string,
): ApiListener | 'nobody' | undefined {
  const ours = own.listener.hostname?.value ?? '';
  if (ours !== '' && !isWildcard(ours)) return undefined;
  if (ours !== '' && !hostsMatch(hostname, ours)) return 'nobody';
  return siblings.find((it) => {
    const theirs = it.listener.hostname?.value ?? '';
    if (it === own || it.port !== own.port || it.listener.protocol.value !== own.listener.protocol.value) return false;
    return theirs !== ours && ours.length <= theirs.length && isSubsetOf(hostname, theirs);
  });
}
