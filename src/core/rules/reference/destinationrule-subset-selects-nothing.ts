import type { Sourced } from '../../base/location.js';
import { nearest } from '../../base/nearest.js';
import { makersIn, makes, podsMayBeElsewhere, type Unread } from '../../mesh/completeness.js';
import { isWildcard } from '../../mesh/hosts.js';
import { hostOfRule } from '../../mesh/merge-destination-rules.js';
import { isSelected, labelsText, membersOf, type LabelSet } from '../../mesh/label-sets.js';
import { routedTo } from '../../mesh/routed.js';
import type { RegistryService } from '../../mesh/services.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import type { Subset } from '../../model/destination-rule.js';
import { describe } from '../../model/resource.js';
import { defineRule, type Fix, type Report } from '../rule.js';
import { LABELS, SERVICES } from '../../mesh/sources.js';

/** Nothing behind a host carries the labels of one of its subsets. */
export default defineRule({
  id: 'destinationrule-subset-selects-nothing',
  group: 'reference',
  severity: 'warning',
  title: "No workload carries the subset's labels",
  why: 'The cluster of the subset has no endpoint, so Envoy answers 503 with flag UH to everything that is sent there.',
  remedy: 'Write labels that the pods of the service have, or deploy the pods.',
  alsoKnownAs: ['IST0173', 'KIA0203'],
  reads: ['DestinationRule', 'VirtualService', ...SERVICES, ...LABELS],
  *check(mesh, unread) {
    for (const it of emptySubsets(mesh)) yield reportOf(mesh, unread, it);
  },
});

interface EmptySubset {
  readonly host: string;
  readonly service: RegistryService;
  readonly subset: Subset;
  /** What the service has. */
  readonly members: readonly LabelSet[];
}

function emptySubsets(mesh: MeshSnapshot): readonly EmptySubset[] {
  return mesh.derive('emptySubsets', ['DestinationRule', ...SERVICES, ...LABELS], () => {
    const result: EmptySubset[] = [];
    for (const rule of mesh.of('DestinationRule')) {
      const host = hostOfRule(mesh, rule).toLowerCase();
      if (rule.subsets.length === 0 || isWildcard(host)) continue;
      for (const service of mesh.servicesNamed(host)) {
        const members = membersOf(mesh, service);
        // a service without any pods is a finding of its own
        if (!members || members.length === 0) continue;
        for (const subset of rule.subsets) {
          if (subset.labels.size === 0 || members.some((it) => isSelected(it, subset.labels))) continue;
          result.push({ host, service, subset, members });
        }
      }
    }
    return result;
  });
}

function reportOf(mesh: MeshSnapshot, unread: Unread, { host, service, subset, members }: EmptySubset): Report {
  const routes = routedTo(mesh, host).filter(
    (it) => it.destination.subset?.value === subset.name.value && it.share > 0,
  );
  const sent = routes.filter((it) => !it.mirror);
  const wrong = [...subset.labels].find(
    ([key, { value }]) => !members.some((it) => it.labels.get(key)?.value === value),
  );
  const [key, value] = wrong ?? [...subset.labels][0]!;
  const there = [...new Set(members.flatMap((it) => it.labels.get(key)?.value ?? []))].sort();
  const have = there.length > 0 ? `have ${there.join(', ')}` : `have no label ${key}`;
  const what = wrong ? `${key}=${value.value}` : labelsText(subset.labels);
  return {
    at: subset.labelsAt,
    message: `No pod of ${service.title} carries ${what}${wrong ? ` (its pods ${have})` : ' all at once'}`,
    severity: sent.length > 0 ? 'error' : 'warning',
    assuming: mayComeLater(mesh, unread, service),
    related: [
      ...routes.map((it) => ({ at: it.destination.subset!.at, message: `${describe(it.vs)} sends requests to it` })),
      ...members.map((it) => ({ at: it.labelsAt, message: `labels of ${it.title}` })).filter((it) => it.at.doc !== ''),
    ],
    fixes: wrong ? fixesFor(value, there) : [],
  };
}

function fixesFor(value: Sourced<string>, there: readonly string[]): Fix[] {
  const meant = there.length === 1 ? there[0] : nearest(value.value, there);
  // in a flow mapping or with quotes around it, only plain words are the same wherever they stand
  if (meant === undefined || !/^[A-Za-z][\w.-]*$/.test(meant) || value.at.end - value.at.start !== value.value.length)
    return [];
  return [{ title: `Replace by ${meant}`, edits: [{ at: value.at, text: meant }] }];
}

function mayComeLater(mesh: MeshSnapshot, unread: Unread, service: RegistryService): string | undefined {
  const elsewhere = podsMayBeElsewhere(mesh, unread, service.namespace);
  if (elsewhere) return elsewhere;
  const maker = makersIn(mesh, service.namespace).find(
    (it) => makes(it, service.name) || makes(it, `${service.name}-`),
  );
  return maker && `${maker.kindName} ${maker.namespace}/${maker.name} may make such pods`;
}
