import { nearest } from '../../base/nearest.js';
import type { Sourced } from '../../base/location.js';
import { isSystemNamespace, makersIn, namespacesWithPods } from '../../mesh/completeness.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import { CONFIG, PODS } from '../../mesh/sources.js';
import { defineRule, type Report } from '../rule.js';

/** A policy names a service account that no pod runs as. */
export default defineRule({
  id: 'authorizationpolicy-unknown-principal',
  group: 'reference',
  severity: 'warning',
  title: 'Principal names a service account that nobody uses',
  why: 'An ALLOW rule for it matches nobody: whoever was meant gets 403.',
  remedy: 'Write <trust domain>/ns/<namespace>/sa/<service account> of a pod, without spiffe:// in front.',
  alsoKnownAs: ['KIA0106', 'KIA0107', 'KIA0108'],
  reads: ['AuthorizationPolicy', 'ServiceAccount', ...PODS, ...CONFIG],
  *check(mesh) {
    for (const policy of mesh.of('AuthorizationPolicy')) {
      for (const { fields } of (policy.rules ?? []).flatMap((it) => [...it.from])) {
        for (const { name, values, notValues } of fields) {
          if (name !== 'principals') continue;
          for (const it of [...values, ...notValues]) {
            const report = wrongPrincipal(mesh, it);
            if (report) yield report;
          }
        }
      }
    }
  },
});

function wrongPrincipal(mesh: MeshSnapshot, { value, at }: Sourced<string>): Report | undefined {
  if (value.startsWith('spiffe://')) {
    const text = value.slice('spiffe://'.length);
    const fixes = [{ title: `Replace by ${text}`, edits: [{ at, text }] }];
    return {
      at,
      message: 'Principals are written without spiffe://: this one matches nobody',
      severity: 'error',
      fixes,
    };
  }
  const [, domain, namespace, account] = /^([^/*]+)\/ns\/([^/*]+)\/sa\/([^/*]+)$/.exec(value) ?? [];
  if (!domain || !namespace || !account) return undefined;
  const domains = ['cluster.local', mesh.config.trustDomain, ...mesh.config.trustDomainAliases];
  if (!domains.includes(domain) || isSystemNamespace(mesh, namespace)) return undefined;
  const accounts = accountsIn(mesh).get(namespace);
  if (accounts?.has(account) || makersIn(mesh, namespace).length > 0) return undefined;
  const meant = accounts && nearest(account, accounts);
  const fixes = meant ? [{ title: `Replace by ${meant}`, edits: [{ at, text: value.replace(/[^/]+$/, meant) }] }] : [];
  return {
    at,
    message: `No pod in ${namespace} runs as ${account}${meant ? `; did you mean ${meant}?` : ''}`,
    assuming: namespacesWithPods(mesh).has(namespace)
      ? undefined
      : `no workload of namespace ${namespace} is among the files`,
    fixes,
  };
}

/** Service accounts that are declared or that pods run as, by namespace. */
function accountsIn(mesh: MeshSnapshot): ReadonlyMap<string, ReadonlySet<string>> {
  return mesh.derive('serviceAccounts', ['ServiceAccount', ...PODS], () => {
    const result = new Map<string, Set<string>>();
    const add = (namespace: string, name: string): void => {
      const names = result.get(namespace) ?? new Set<string>();
      result.set(namespace, names.add(name));
    };
    for (const it of mesh.of('ServiceAccount')) add(it.namespace, it.name);
    for (const it of mesh.workloads) add(it.namespace, it.template.serviceAccount?.value ?? 'default');
    for (const it of mesh.pods) add(it.namespace, it.serviceAccount);
    return result;
  });
}
