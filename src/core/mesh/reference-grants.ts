import { GATEWAY_API } from '../model/gateway-api.js';
import type { ReferenceGrant } from '../model/gateway-api.js';
import type { MeshSnapshot } from './snapshot.js';

/** Who refers: a kind of the Gateway API, and its namespace. */
export interface Referrer {
  readonly kind: string;
  readonly namespace: string;
}

/** What is referred to. */
export interface Referred {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Whether an object may refer to one of another namespace (GAPI-20); its own needs no grant. */
export function mayRefer(mesh: MeshSnapshot, from: Referrer, to: Referred): boolean {
  if (from.namespace === to.namespace) return true;
  return (mesh.byNamespace('ReferenceGrant').get(to.namespace) ?? []).some((it) => allows(it, from, to));
}

function allows(grant: ReferenceGrant, from: Referrer, to: Referred): boolean {
  return (
    grant.from.some((it) => it.group === GATEWAY_API && it.kind === from.kind && it.namespace === from.namespace) &&
    grant.to.some((it) => it.group === to.group && it.kind === to.kind && (!it.name || it.name === to.name))
  );
}
