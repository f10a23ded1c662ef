import type { AuthorizationPolicy, PolicyField, PolicyRule } from '../core/model/security.js';
import type { MeshPod } from '../core/mesh/pods.js';
import { authorizationPoliciesFor } from '../core/mesh/policies.js';
import type { RegistryService } from '../core/mesh/services.js';
import type { MeshSnapshot } from '../core/mesh/snapshot.js';
import { spiffeId } from '../core/mesh/trust-domains.js';
import type { TraceRequest } from '../core/trace/request.js';
import { doorsToService, type Door } from './doors.js';

/** A request that a rule of an AuthorizationPolicy is about, as far as a request can be made for it. */
export interface RuleRequest {
  /** Position of the rule, from 1. */
  readonly number: string;
  /** `POST /charges from shop/checkout-v1` */
  readonly condition: string;
  readonly request: TraceRequest;
}

/** A request for each rule of a policy, to a service whose pods enforce it. */
export function requestsOfRules(
  mesh: MeshSnapshot,
  policy: AuthorizationPolicy,
  service: RegistryService,
): RuleRequest[] {
  return (policy.rules ?? []).map((rule, index) => {
    const request = requestFor(mesh, rule, service);
    return { number: String(index + 1), condition: conditionOf(request), request };
  });
}

/** Requests that some policy of the service's pods lets in where it refuses others. */
export function admittedRequests(
  mesh: MeshSnapshot,
  pods: readonly MeshPod[],
  service: RegistryService,
): TraceRequest[] {
  const policies = new Set(pods.flatMap((pod) => authorizationPoliciesFor(mesh, pod)));
  return [...policies]
    .filter((it) => it.action === 'ALLOW')
    .flatMap((it) => requestsOfRules(mesh, it, service).map((one) => one.request));
}

function requestFor(mesh: MeshSnapshot, rule: PolicyRule, service: RegistryService): TraceRequest {
  const operation = rule.to[0]?.fields ?? [];
  const source = rule.from[0]?.fields ?? [];
  const port = Number(firstValue(operation, 'ports'));
  const door = clientFor(mesh, source, service) ?? doorsToService(mesh, service)[0]!;
  const { host, scheme } = door;
  const method = firstValue(operation, 'methods');
  const path = firstValue(operation, 'paths');
  const to = {
    host,
    scheme,
    port: service.ports.some((it) => it.number === port) ? port : door.port,
    path: path === undefined ? '/' : examplePath(path),
    ...(method === undefined || method.includes('*') ? {} : { method }),
  };
  return { from: door.from, to };
}

/** The door of a client that the source describes. */
function clientFor(mesh: MeshSnapshot, source: readonly PolicyField[], service: RegistryService): Door | undefined {
  const principals = source.find((it) => it.name === 'principals' || it.name === 'serviceAccounts');
  const namespaces = source.find((it) => it.name === 'namespaces');
  if (!principals && !namespaces) return undefined;
  const pod = mesh.pods.find((it) => {
    if (it.proxy.value !== 'sidecar' || it.finished) return false;
    const names = [
      spiffeId(mesh.config, it.namespace, it.serviceAccount).replace('spiffe://', ''),
      `${it.namespace}/${it.serviceAccount}`,
      it.serviceAccount,
    ];
    return accepts(principals, names) && accepts(namespaces, [it.namespace]);
  });
  return pod && doorsToService(mesh, service, undefined, pod)[0];
}

/** Whether a field has one of the texts among its values and none among those that it excludes. */
function accepts(field: PolicyField | undefined, texts: readonly string[]): boolean {
  if (!field) return true;
  const has = (values: PolicyField['values']): boolean =>
    values.some(({ value }) => texts.some((it) => fits(value, it)));
  return (field.values.length === 0 || has(field.values)) && !has(field.notValues);
}

/** Istio's patterns: `*`, `prefix*`, `*suffix`, or the text itself. */
function fits(pattern: string, text: string): boolean {
  if (pattern.endsWith('*')) return text.startsWith(pattern.slice(0, -1));
  return pattern.startsWith('*') ? text.endsWith(pattern.slice(1)) : pattern === text;
}

function examplePath(pattern: string): string {
  const path = pattern.replace(/\{\*{1,2}\}|\*/g, 'packet');
  return path.startsWith('/') ? path : `/${path}`;
}

function firstValue(fields: readonly PolicyField[], name: string): string | undefined {
  return fields.find((it) => it.name === name)?.values[0]?.value;
}

function conditionOf({ from, to }: TraceRequest): string {
  return `${to.method ?? 'GET'} ${to.path ?? '/'} from ${'pod' in from ? from.pod : from.gateway}`;
}
