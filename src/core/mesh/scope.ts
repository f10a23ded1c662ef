import type { Location } from '../base/location.js';
import { containsLabels, type StringMap } from '../model/fields.js';
import type { OutboundPolicy } from '../model/mesh-config.js';
import type { EgressListener, Sidecar } from '../model/sidecar.js';
import { isSubsetOf, hostsMatch } from './hosts.js';
import { byAge } from './order.js';

/** What one client may see: the Sidecar that applies to it, or everything. */
export interface Scope {
  readonly sidecar: Sidecar | undefined;
  readonly egress: readonly EgressScope[];
  readonly outboundPolicy: { readonly mode: OutboundPolicy; readonly at: Location | undefined };
}

export interface EgressScope {
  readonly listener: EgressListener | undefined;
  readonly includes: readonly ScopeEntry[];
  readonly excludes: readonly ScopeEntry[];
}

export interface ScopeEntry {
  readonly namespace: string;
  readonly host: string;
  readonly at: Location | undefined;
}

const EVERYTHING: EgressScope = {
  listener: undefined,
  includes: [{ namespace: '*', host: '*', at: undefined }],
  excludes: [],
};

/** The Sidecar that a workload gets (SCO-1). */
export function sidecarFor(
  namespace: string,
  labels: StringMap,
  rootNamespace: string,
  sidecars: ReadonlyMap<string, readonly Sidecar[]>,
): Sidecar | undefined {
  const own = [...(sidecars.get(namespace) ?? [])].sort(byAge);
  const selecting = own.filter((it) => it.workloadSelector);
  const general = own.filter((it) => !it.workloadSelector);
  const found = [...selecting, ...general].find(
    (it) => !it.workloadSelector || containsLabels(labels, it.workloadSelector.labels),
  );
  if (found || namespace === rootNamespace) return found;
  return [...(sidecars.get(rootNamespace) ?? [])].sort(byAge).find((it) => !it.workloadSelector);
}

export function scopeOf(
  sidecar: Sidecar | undefined,
  clientNamespace: string,
  meshPolicy: { readonly value: OutboundPolicy; readonly at: Location },
): Scope {
  const written = sidecar?.outboundTrafficPolicy;
  const mode: OutboundPolicy = written
    ? written.value === 'ALLOW_ANY'
      ? 'ALLOW_ANY'
      : 'REGISTRY_ONLY'
    : meshPolicy.value;
  const at = written?.at ?? (meshPolicy.at.doc === '' ? undefined : meshPolicy.at);
  const egress = sidecar?.egress?.map((it) => egressScope(it, clientNamespace)) ?? [EVERYTHING];
  return { sidecar, egress, outboundPolicy: { mode, at } };
}

/** SCO-2 */
function egressScope(listener: EgressListener, clientNamespace: string): EgressScope {
  const includes: ScopeEntry[] = [];
  const excludes: ScopeEntry[] = [];
  for (const { value, at } of listener.hosts) {
    const slash = value.indexOf('/');
    const written = slash < 0 ? '*' : value.slice(0, slash);
    const host = slash < 0 ? value : value.slice(slash + 1);
    const negated = written.startsWith('~');
    const name = negated ? written.slice(1) || '*' : written;
    const entry = { namespace: name === '.' ? clientNamespace : name, host, at };
    (negated ? excludes : includes).push(entry);
  }
  return { listener, includes, excludes };
}

/** Whether a service of that host and namespace is imported; the entry that says so. */
export function importsService(scope: EgressScope, host: string, namespace: string): ScopeEntry | undefined {
  if (scope.excludes.some((it) => covers(it, namespace) && isSubsetOf(host, it.host))) return undefined;
  return scope.includes.find((it) => covers(it, namespace) && isSubsetOf(host, it.host));
}

/**
 * Whether a VirtualService with such hosts is imported: one host that meets a pattern brings all of them, unless that host is
 * excluded. A pattern may also be narrower than the host; not so for Gateway API routes, `narrowly`.
 */
export function importsVirtualService(
  scope: EgressScope,
  hosts: readonly string[],
  namespace: string,
  narrowly = false,
): ScopeEntry | undefined {
  const meets = narrowly ? isSubsetOf : hostsMatch;
  for (const host of hosts) {
    if (scope.excludes.some((it) => covers(it, namespace) && isSubsetOf(host, it.host))) continue;
    const found = scope.includes.find((it) => covers(it, namespace) && meets(host, it.host));
    if (found) return found;
  }
  return undefined;
}

function covers(entry: ScopeEntry, namespace: string): boolean {
  return entry.namespace === '*' || entry.namespace === namespace;
}
