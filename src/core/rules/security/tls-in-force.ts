import type { Location } from '../../base/location.js';
import { effectiveRuleFor, trafficPolicyFor, type RuleClient } from '../../mesh/destination-rules.js';
import type { ServiceEndpoint } from '../../mesh/endpoints.js';
import { isSubsetOf, isWildcard } from '../../mesh/hosts.js';
import { hostOfRule } from '../../mesh/merge-destination-rules.js';
import type { MeshPod } from '../../mesh/pods.js';
import { inNameOrder } from '../../mesh/routed.js';
import type { RegistryPort, RegistryService } from '../../mesh/services.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import { NO_STRINGS } from '../../model/fields.js';
import type { ClientTls, DestinationRule } from '../../model/destination-rule.js';

/** A TLS mode that a DestinationRule gives to a port of a service, with the pods that it meets there. */
export interface TlsInForce {
  readonly rule: DestinationRule;
  readonly tls: ClientTls;
  readonly service: RegistryService;
  readonly port: RegistryPort;
  /** Empty for the service as a whole. */
  readonly subset: string;
  readonly servers: readonly { readonly pod: MeshPod; readonly endpoint: ServiceEndpoint }[];
}

/** Every written TLS mode that some client really uses, by rule (DR-1, DR-6). */
export function* tlsInForce(mesh: MeshSnapshot): Generator<TlsInForce> {
  const groups = new Map<string, DestinationRule>();
  for (const it of inNameOrder(mesh.of('DestinationRule')).filter(hasTls)) {
    // those of one namespace and host are folded into one
    const key = `${it.namespace} ${hostOf(mesh, it)} ${it.workloadSelector ? it.name : ''}`;
    if (!groups.has(key)) groups.set(key, it);
  }
  for (const first of groups.values()) {
    const host = hostOf(mesh, first);
    for (const service of servicesFor(mesh, host)) {
      const effective = clientsFor(first, service)
        .map((client) => effectiveRuleFor(mesh, client, service))
        .find((it) => it?.namespace === first.namespace && it.host.toLowerCase() === host);
      if (!effective) continue;
      for (const port of service.ports) {
        const endpoints = port.class === 'UDP' ? [] : mesh.endpoints(service, port);
        for (const subset of ['', ...effective.subsets.map((it) => it.name.value)]) {
          const { tls } = trafficPolicyFor(mesh, effective, port.number, subset);
          const rule = tls && effective.sources.find((it) => isOf(it, tls.at));
          if (!rule) continue;
          const labels = effective.subsets.find((it) => it.name.value === subset)?.labels ?? NO_STRINGS;
          const servers = endpoints.flatMap((endpoint) => {
            const chosen = [...labels].every(([key, { value }]) => endpoint.labels.get(key)?.value === value);
            return endpoint.pod && chosen ? [{ pod: endpoint.pod, endpoint }] : [];
          });
          servers.sort((a, b) => (a.pod.id < b.pod.id ? -1 : 1));
          if (servers.length > 0) yield { rule, tls, service, port, subset, servers };
        }
      }
    }
  }
}

function hostOf(mesh: MeshSnapshot, it: DestinationRule): string {
  return hostOfRule(mesh, it).toLowerCase();
}

function hasTls({ trafficPolicy, subsets }: DestinationRule): boolean {
  const policies = [trafficPolicy, ...subsets.map((it) => it.trafficPolicy)];
  return policies.some((it) => it?.tls !== undefined || it?.ports.some((port) => port.tls));
}

function isOf(rule: DestinationRule, at: Location): boolean {
  return rule.at.doc === at.doc && rule.at.start <= at.start && at.end <= rule.at.end;
}

function servicesFor(mesh: MeshSnapshot, host: string): readonly RegistryService[] {
  return isWildcard(host) ? mesh.services.filter((it) => isSubsetOf(it.host, host)) : mesh.servicesNamed(host);
}

/** Clients by whom a rule may be found: those of its own namespace, of the service's, and of any other. */
function clientsFor(rule: DestinationRule, service: RegistryService): RuleClient[] {
  const labels = rule.workloadSelector?.labels ?? NO_STRINGS;
  const names = new Set([rule.namespace, service.namespace, 'default']);
  return [...names].map((namespace) => ({ namespace, labels: namespace === rule.namespace ? labels : NO_STRINGS }));
}
