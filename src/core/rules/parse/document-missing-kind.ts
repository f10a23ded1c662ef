import type { Location } from '../../base/location.js';
import type { WorkspaceDocument } from '../../mesh/workspace.js';
import { groupOf } from '../../model/resources.js';
import type { MapNode, YamlNode } from '../../syntax/tree.js';
import { definePlainRule, type Report } from '../rule.js';

/** A document is an object of Kubernetes by its look, but lacks one of the three things that every object has. */
export default definePlainRule({
  id: 'document-missing-kind',
  group: 'parse',
  severity: 'error',
  title: 'apiVersion, kind or name missing',
  why: 'The API server refuses the document, and the mesh goes on without it.',
  remedy: 'Write apiVersion, kind and metadata.name.',
});

/** The kinds that are told by their name alone, with the version to write. */
const VERSIONS: Readonly<Record<string, string>> = {
  Service: 'v1',
  Namespace: 'v1',
  Pod: 'v1',
  ServiceAccount: 'v1',
  Deployment: 'apps/v1',
  StatefulSet: 'apps/v1',
  DaemonSet: 'apps/v1',
  VirtualService: 'networking.istio.io/v1',
  DestinationRule: 'networking.istio.io/v1',
  ServiceEntry: 'networking.istio.io/v1',
  WorkloadEntry: 'networking.istio.io/v1',
  Sidecar: 'networking.istio.io/v1',
  PeerAuthentication: 'security.istio.io/v1',
  RequestAuthentication: 'security.istio.io/v1',
  AuthorizationPolicy: 'security.istio.io/v1',
};
const GROUPS = new Set(['networking.istio.io', 'security.istio.io', 'apps', 'batch']);

export function* missingKindIn(document: WorkspaceDocument): Generator<Report> {
  for (const it of document.resources) {
    if (it.name !== '' || it.kind === 'Other' || it.kind === 'MeshConfig') continue;
    const at = it.body.has('metadata') ? it.body.keyAt('metadata') : it.body.keyAt('kind');
    yield { at, message: `${it.body.string('kind')?.value ?? 'The object'} has no metadata.name` };
  }
  const { root, broken } = { root: document.root, broken: document.problems.some((it) => it.kind === 'syntax') };
  if (document.resources.length > 0 || broken || root?.kind !== 'map' || root.get('metadata')?.kind !== 'map') return;
  const kind = textOf(root.get('kind'));
  const apiVersion = textOf(root.get('apiVersion'));
  const at = placeOf(document, root.entries[0]!.key);
  if (kind === undefined && apiVersion !== undefined && (apiVersion === 'v1' || GROUPS.has(groupOf(apiVersion)))) {
    yield { at, message: `The document has apiVersion ${apiVersion} and no kind` };
  } else if (apiVersion === undefined && kind !== undefined && VERSIONS[kind] !== undefined) {
    const line = `apiVersion: ${VERSIONS[kind]}\n`;
    const edits = [{ at: { ...at, end: at.start }, text: line }];
    const fixes = isBlock(document, root) ? [{ title: `Insert ${line.trim()}`, edits }] : [];
    yield { at, message: `The document is a ${kind} without apiVersion`, fixes };
  }
}

function textOf(node: YamlNode | undefined): string | undefined {
  return node?.kind === 'scalar' && node.text !== '' ? node.text : undefined;
}

function placeOf(document: WorkspaceDocument, { start, end }: YamlNode): Location {
  return { doc: document.id, start, end };
}

function isBlock(document: WorkspaceDocument, root: MapNode): boolean {
  return document.text[root.start] !== '{';
}
