import type { Location } from '../base/location.js';
import type { FieldProblem, Fields, StringMap } from './fields.js';

/** What every object of the cluster has, whatever its kind. */
export interface ResourceBase {
  readonly apiVersion: string;
  /** The name; empty when the document gives none. */
  readonly name: string;
  readonly nameAt: Location;
  /** The namespace that the object lives in: `default` when the document does not say, empty for cluster-wide kinds. */
  readonly namespace: string;
  readonly labels: StringMap;
  readonly annotations: StringMap;
  /** metadata.creationTimestamp as milliseconds since 1970, when given. */
  readonly created: number | undefined;
  /** The whole object. */
  readonly at: Location;
  /** The object's own fields, for what the typed part leaves out; asking them notes no wrong types. */
  readonly body: Fields;
  /** Fields whose value has not the type that the typed part asks for. */
  readonly problems: readonly FieldProblem[];
}

/** `Kind ns/name`, as people say it. */
export function describe(it: ResourceBase & { readonly kind: string; readonly kindName?: string }): string {
  const kind = it.kindName ?? it.kind;
  return it.namespace ? `${kind} ${it.namespace}/${it.name}` : `${kind} ${it.name}`;
}

/** `ns/name`, the key of an object among those of its kind. */
export function keyOf(it: { readonly namespace: string; readonly name: string }): string {
  return `${it.namespace}/${it.name}`;
}

/** Label pairs that an object must carry; an empty one selects everything. */
export interface Selector {
  readonly labels: StringMap;
  readonly at: Location;
}

/** Istio's StringMatch; the last member says that the condition is only «present». */
export type StringMatch =
  | { readonly type: 'exact' | 'prefix' | 'regex'; readonly value: string; readonly at: Location }
  | { readonly type: 'present'; readonly at: Location };
