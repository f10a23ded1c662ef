import type { Location } from '../base/location.js';
import type { Resource } from '../model/resources.js';
import { checkAuthorizationPolicy } from './refused/authorization-policy.js';
import type { Problems } from './refused/checks.js';
import { checkDestinationRule } from './refused/destination-rule.js';
import { checkGateway } from './refused/gateway.js';
import { checkPeerAuthentication, checkRequestAuthentication } from './refused/security.js';
import { checkEndpoint, checkServiceEntry } from './refused/service-entry.js';
import { checkSidecar } from './refused/sidecar.js';
import { checkVirtualService } from './refused/virtual-service.js';

/** Why the API server or Istio's webhook would not take an object. */
export interface Refusal {
  readonly at: Location;
  readonly because: string;
  /** Ids of the rules of the semantics. */
  readonly rules: readonly string[];
}

const known = new WeakMap<Resource, Refusal | 'taken'>();

/** What is refused does not exist for the mesh (GEN-10, META-4); `undefined` for objects that are taken. */
export function refusalOf(resource: Resource): Refusal | undefined {
  // an object says the same in every snapshot that it is part of
  let answer = known.get(resource);
  if (answer === undefined) {
    answer = wrongType(resource) ?? reserved(resource) ?? firstOf(checksOf(resource)) ?? 'taken';
    known.set(resource, answer);
  }
  return answer === 'taken' ? undefined : answer;
}

function wrongType(resource: Resource): Refusal | undefined {
  const wrong = resource.problems[0];
  if (!wrong || resource.kind === 'ConfigMap' || resource.kind === 'Other' || resource.kind === 'MeshConfig') {
    return undefined;
  }
  return { at: wrong.at, because: `must be ${wrong.expected}, is ${wrong.found}`, rules: ['GEN-10'] };
}

const RESERVED = [
  'internal.istio.io/parents',
  'internal.istio.io/parent-namespace',
  'internal.istio.io/webhook-always-reject',
];

/** Annotations that Istio keeps to itself; a dry run is for policies only. */
function reserved(resource: Resource): Refusal | undefined {
  if (!/\.istio\.io\//.test(resource.apiVersion)) return undefined;
  const names = resource.kind === 'AuthorizationPolicy' ? RESERVED : [...RESERVED, 'istio.io/dry-run'];
  const found = names.find((it) => resource.annotations.has(it));
  if (found === undefined) return undefined;
  return { at: resource.annotations.get(found)!.at, because: `annotation ${found} is not for this`, rules: ['GEN-10'] };
}

function checksOf(resource: Resource): Problems | undefined {
  const spec = resource.body.fieldsOrEmpty('spec');
  switch (resource.kind) {
    case 'VirtualService':
      return checkVirtualService(spec, resource.namespace);
    case 'DestinationRule':
      return checkDestinationRule(spec, resource.namespace);
    case 'ServiceEntry':
      return checkServiceEntry(spec, resource.namespace);
    case 'WorkloadEntry':
      return checkEndpoint(spec, undefined, true);
    case 'Sidecar':
      return checkSidecar(spec);
    case 'IstioGateway':
      return checkGateway(resource);
    case 'PeerAuthentication':
      return checkPeerAuthentication(resource);
    case 'RequestAuthentication':
      return checkRequestAuthentication(resource);
    case 'AuthorizationPolicy':
      return checkAuthorizationPolicy(resource);
    default:
      return undefined;
  }
}

function firstOf(problems: Problems | undefined): Refusal | undefined {
  const first = problems?.next();
  if (!first || first.done) return undefined;
  const { at, because, rules } = first.value;
  return { at, because, rules: rules ?? ['GEN-10'] };
}
