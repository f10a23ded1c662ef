import { nearest } from '../../base/nearest.js';
import type { Unread } from '../../mesh/completeness.js';
import { delegatingVirtualServices, findDelegate } from '../../mesh/virtual-services.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import { defineRule } from '../rule.js';

/** A rule hands over to a VirtualService that does not exist, or that its own namespace does not see. */
export default defineRule({
  id: 'virtualservice-unknown-delegate',
  group: 'reference',
  severity: 'error',
  title: 'Delegate does not exist',
  why: 'istiod leaves the rule out: its requests go on to the next rule, or get 404 with flag NR.',
  remedy: 'Name a VirtualService without hosts that is exported to this namespace.',
  reads: ['VirtualService'],
  *check(mesh, unread) {
    for (const root of delegatingVirtualServices(mesh)) {
      for (const { delegate } of root.http) {
        const found = delegate && findDelegate(mesh, root, delegate);
        if (!found || 'delegate' in found) continue;
        const namespace = delegate.namespace?.value ?? root.namespace;
        const target = mesh.find('VirtualService', namespace, delegate.name.value);
        if (isRefused(mesh, namespace, delegate.name.value)) continue;
        if (target && target.hosts.length > 0) continue; // another rule's
        const meant = target ? undefined : nearest(delegate.name.value, delegatesIn(mesh, namespace));
        const why = target ? found.because : `there is none in namespace ${namespace}`;
        yield {
          at: delegate.name.at,
          message: `No delegate ${delegate.name.value}: ${why}${meant ? `; did you mean ${meant}?` : ''}`,
          assuming: target || meant ? undefined : mayBeElsewhere(mesh, unread, namespace),
          related: found.evidence
            .slice(1)
            .map((at) => ({ at, message: `VirtualService ${found.name} is exported to others only` })),
          fixes: meant ? [{ title: `Replace by ${meant}`, edits: [{ at: delegate.name.at, text: meant }] }] : [],
        };
      }
    }
  },
});

function delegatesIn(mesh: MeshSnapshot, namespace: string): string[] {
  return (mesh.byNamespace('VirtualService').get(namespace) ?? []).flatMap((it) =>
    it.hosts.length === 0 ? [it.name] : [],
  );
}

function isRefused(mesh: MeshSnapshot, namespace: string, name: string): boolean {
  return [...mesh.refused.keys()].some(
    (it) => it.kind === 'VirtualService' && it.namespace === namespace && it.name === name,
  );
}

/** Delegates are often other teams' files; a namespace that shows some of its delegates is taken to show all. */
function mayBeElsewhere(mesh: MeshSnapshot, unread: Unread, namespace: string): string | undefined {
  if (unread.kinds.has('VirtualService')) return 'a template that is not rendered here may define it';
  return delegatesIn(mesh, namespace).length > 0
    ? undefined
    : `no delegate of namespace ${namespace} is among the files`;
}
