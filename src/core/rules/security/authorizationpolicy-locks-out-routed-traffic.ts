import type { Location } from '../../base/location.js';
import { authorizationPoliciesFor } from '../../mesh/policies.js';
import type { MeshPod } from '../../mesh/pods.js';
import { perObject } from '../../mesh/per-object.js';
import { gatewayPods, isRoot, routeClientsOf } from '../../mesh/route-clients.js';
import { routedOf, virtualServicesByName, type Routed } from '../../mesh/routed.js';
import type { RegistryPort, RegistryService } from '../../mesh/services.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import { CONFIG, ENDPOINTS, ROUTES } from '../../mesh/sources.js';
import { describe } from '../../model/resource.js';
import type { AuthorizationPolicy } from '../../model/security.js';
import type { VirtualService } from '../../model/virtual-service.js';
import { acceptConnection } from '../../trace/stages/accept-connection.js';
import { defineRule } from '../rule.js';
import { verdictOn } from './policy-verdict.js';
import { classesOf, type RequestClass } from './request-class.js';

/** Everything that a route sends to a workload is refused there. */
export default defineRule({
  id: 'authorizationpolicy-locks-out-routed-traffic',
  group: 'security',
  severity: 'error',
  title: 'Policy denies what the routes send here',
  why: "The server's proxy answers 403 RBAC: access denied; on a TCP port it closes the connection.",
  remedy:
    "Allow the caller's identity, the path as it is after the rewrite, and the container's port, not the Service's.",
  reads: ['AuthorizationPolicy', ...ROUTES, ...ENDPOINTS, ...CONFIG],
  *check(mesh) {
    if (mesh.of('AuthorizationPolicy').length === 0) return;
    const found = new Map<string, { denial: Denial; pods: MeshPod[]; routes: Routed[] }>();
    for (const vs of virtualServicesByName(mesh)) {
      for (const { routed, pod, denial } of isRoot(vs) ? kept(mesh, vs) : lockedOut(mesh, vs)) {
        const key = `${describe(denial.policy)} ${denial.at.start}`;
        const before = found.get(key) ?? { denial, pods: [], routes: [] };
        if (!before.pods.some((it) => it.workload === pod.workload)) before.pods.push(pod);
        if (!before.routes.includes(routed)) before.routes.push(routed);
        found.set(key, before);
      }
    }
    for (const { denial, pods, routes } of found.values()) {
      pods.sort((a, b) => (a.workload < b.workload ? -1 : 1));
      const { policy, at, because, others } = denial;
      const more = pods.length > 1 ? ` and ${pods.length - 1} more` : '';
      yield {
        at,
        message: `Nothing that ${describe(routes[0]!.vs)} routes to ${pods[0]!.workload}${more} is let in: ${because}`,
        assuming: assumptionOf(mesh, pods[0]!, policy, routes),
        related: [
          ...routes.map((it) => ({
            at: it.destination.host.at,
            message: `${describe(it.vs)} routes here`,
          })),
          ...others.map((it) => ({ at: it.nameAt, message: `${describe(it)} lets none of it in either` })),
        ],
      };
    }
  },
});

interface LockedOut {
  readonly routed: Routed;
  readonly pod: MeshPod;
  readonly denial: Denial;
}

const SOURCES = ['AuthorizationPolicy', ...ENDPOINTS] as const;

function kept(mesh: MeshSnapshot, vs: VirtualService): readonly LockedOut[] {
  return perObject(mesh, 'lockedOut', SOURCES, vs, () => lockedOut(mesh, vs));
}

function lockedOut(mesh: MeshSnapshot, vs: VirtualService): LockedOut[] {
  return [...arrivals(mesh, vs)].flatMap(({ routed, pod, port, protocol }) => {
    const classes = classesOf(mesh, routed, { port, protocol });
    const denials = classes.map((it) => denialOf(mesh, pod, it));
    const [denial] = denials;
    return denial && !denials.includes(undefined) ? [{ routed, pod, denial }] : [];
  });
}

interface ArrivalClass {
  readonly routed: Routed;
  readonly pod: MeshPod;
  readonly port: number;
  readonly protocol: RequestClass['protocol'];
}

/** Every workload and port that a route leads to, where a proxy enforces policies. */
function* arrivals(mesh: MeshSnapshot, vs: VirtualService): Generator<ArrivalClass> {
  const guarded = mesh.byNamespace('AuthorizationPolicy');
  for (const routed of routedOf(mesh, vs)) {
    if (routed.mirror || routed.share === 0) continue;
    for (const service of mesh.servicesNamed(routed.host)) {
      if (!guarded.has(service.namespace) && !guarded.has(mesh.config.rootNamespace)) continue;
      const wanted = routed.destination.port?.value;
      const ports = service.ports.filter((it) => (wanted === undefined ? true : it.number === wanted));
      // which of several ports a route without one takes hangs on the client
      if (ports.length !== 1) continue;
      for (const { pod, port } of guardedPods(mesh, service, ports[0]!)) {
        yield { routed, pod, port, protocol: protocolOf(routed, ports[0]!) };
      }
    }
  }
}

/** One pod of each workload behind a port of a service whose proxy has policies to enforce there. */
function guardedPods(mesh: MeshSnapshot, service: RegistryService, port: RegistryPort) {
  return perObject(mesh, 'guardedPods', SOURCES, port, () => {
    const seen = new Set<string>();
    return mesh.endpoints(service, port).flatMap((it) => {
      const { pod } = it;
      if (!pod || seen.has(pod.workload)) return [];
      seen.add(pod.workload);
      const enforces = pod.proxy.value === 'sidecar' && authorizationPoliciesFor(mesh, pod).length > 0;
      return enforces && acceptConnection(pod, it.port).captured ? [{ pod, port: it.port }] : [];
    });
  });
}

function protocolOf({ list }: Routed, port: RegistryPort): RequestClass['protocol'] {
  if (port.class === 'AUTO') return list === 'http' ? 'HTTP' : 'AUTO';
  return port.class === 'HTTP' ? 'HTTP' : 'TCP';
}

interface Denial {
  readonly policy: AuthorizationPolicy;
  readonly at: Location;
  readonly because: string;
  /** Further policies that might have let it in and do not. */
  readonly others: readonly AuthorizationPolicy[];
}

/** Why no request of a class is let in; `undefined` when one may be (AZ-2). */
function denialOf(mesh: MeshSnapshot, pod: MeshPod, it: RequestClass): Denial | undefined {
  const policies = authorizationPoliciesFor(mesh, pod).filter((one) => !one.dryRun);
  for (const policy of policies.filter((one) => one.action === 'DENY')) {
    const rule = policy.rules?.find((one) => verdictOn(mesh.config, policy, one, it) === 'all');
    if (rule) return { policy, at: rule.at, because: `${describe(policy)} denies all of it`, others: [] };
  }
  const allowing = policies.filter((one) => one.action === 'ALLOW');
  let reason: { policy: AuthorizationPolicy; at: Location; because: string } | undefined;
  for (const policy of allowing) {
    for (const rule of policy.rules ?? []) {
      const verdict = verdictOn(mesh.config, policy, rule, it);
      if (typeof verdict === 'string') return undefined;
      reason ??= { policy, at: verdict.none?.at ?? rule.at, because: verdict.because };
    }
  }
  const [first] = allowing;
  if (!first) return undefined;
  const empty = {
    policy: first,
    at: first.rules ? first.rulesAt : first.nameAt,
    because: `${describe(first)} allows nothing`,
  };
  const chosen = reason ?? empty;
  return { ...chosen, others: allowing.filter((one) => one !== chosen.policy) };
}

/** What has to be true for nothing to get in. */
function assumptionOf(
  mesh: MeshSnapshot,
  pod: MeshPod,
  policy: AuthorizationPolicy,
  routes: readonly Routed[],
): string | undefined {
  const sidecar = pod.proxy.assumptions[0]?.text;
  if (sidecar) return sidecar;
  if (policy.action === 'ALLOW' && !hasRules(policy)) {
    const any = (mesh.byNamespace('AuthorizationPolicy').get(pod.namespace) ?? []).some(
      (it) => it.action === 'ALLOW' && hasRules(it),
    );
    if (!any) return `no policy that allows anything in ${pod.namespace} is among the files`;
  }
  const clients = routes.flatMap((it) => routeClientsOf(mesh, it.vs));
  const madeUp = clients.every((it) => it.type === 'gateway') && clients.some((it) => it.assumed);
  if (!madeUp) return undefined;
  const gateway = gatewayPods(mesh).find((it) => !it.source);
  return `the gateway is not among the files and is taken to run as ${gateway?.serviceAccount ?? 'its default service account'}`;
}

function hasRules(it: AuthorizationPolicy): boolean {
  return (it.rules?.length ?? 0) > 0;
}
