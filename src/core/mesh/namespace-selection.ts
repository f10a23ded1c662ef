import { NO_STRINGS } from '../model/fields.js';
import type { LabelSelector, NamespaceRule } from '../model/gateway-api.js';
import type { MeshSnapshot } from './snapshot.js';

/** Kubernetes puts it on every Namespace. */
const OWN_NAME = 'kubernetes.io/metadata.name';

/** Namespaces that a listener lets in: `*` for all, otherwise names in alphabetical order (GAPI-11). */
export function namespacesOf(mesh: MeshSnapshot, rule: NamespaceRule, own: string): readonly string[] {
  if (rule.from === 'Same') return [own];
  const { selector } = rule;
  if (rule.from === 'All' || !selector) return ['*'];
  return [...mesh.knownNamespaces].filter((it) => selectsLabels(selector, namespaceLabels(mesh, it))).sort();
}

/** Whether a Gateway lets ListenerSets of a namespace join it (GAPI-14). */
export function letsJoin(mesh: MeshSnapshot, rule: NamespaceRule, own: string, namespace: string): boolean {
  switch (rule.from) {
    case 'All':
      return true;
    case 'Same':
      return namespace === own;
    case 'Selector':
      return rule.selector !== undefined && selectsLabels(rule.selector, namespaceLabels(mesh, namespace));
    default:
      return false;
  }
}

/** A namespace's labels, with the one that Kubernetes gives it. */
export function namespaceLabels(mesh: MeshSnapshot, namespace: string): ReadonlyMap<string, string> {
  const written = mesh.namespaces.get(namespace)?.labels ?? NO_STRINGS;
  return new Map([...[...written].map(([key, it]) => [key, it.value] as const), [OWN_NAME, namespace]]);
}

export function selectsLabels(
  { matchLabels, expressions }: LabelSelector,
  labels: ReadonlyMap<string, string>,
): boolean {
  for (const [key, value] of matchLabels) if (labels.get(key) !== value.value) return false;
  return expressions.every(({ key, operator, values }) => {
    const value = labels.get(key);
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      default:
        return false;
    }
  });
}
