import { nearest } from '../../base/nearest.js';
import { makersIn, type Unread } from '../../mesh/completeness.js';
import { destinationRuleFor, effectiveRuleFor, type EffectiveRule } from '../../mesh/destination-rules.js';
import { perObject } from '../../mesh/per-object.js';
import { CLIENT_SOURCES, isRoot, routeClientsOf } from '../../mesh/route-clients.js';
import { routedOf, virtualServicesByName, type Routed } from '../../mesh/routed.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import { describe } from '../../model/resource.js';
import type { VirtualService } from '../../model/virtual-service.js';
import type { YamlNode } from '../../syntax/tree.js';
import { defineRule, type Related } from '../rule.js';
import { ROUTES, SERVICES } from '../../mesh/sources.js';

/** A destination names a subset that no DestinationRule of any client defines for that host. */
export default defineRule({
  id: 'virtualservice-subset-not-defined',
  group: 'reference',
  severity: 'error',
  title: 'Subset does not exist',
  why: 'istiod pushes the route but no cluster of that name, so Envoy answers 503 with flag NC to that part of the traffic.',
  remedy: 'Add the subset to the DestinationRule of this host, or route to one that exists.',
  alsoKnownAs: ['IST0101', 'KIA1107'],
  reads: [...ROUTES, ...SERVICES],
  *check(mesh, unread) {
    const missing = new Map<string, Routed[]>();
    for (const vs of virtualServicesByName(mesh)) {
      for (const it of isRoot(vs) ? kept(mesh, vs) : undefinedSubsets(mesh, vs)) {
        const key = `${it.host} ${it.destination.subset!.value}`;
        missing.set(key, [...(missing.get(key) ?? []), it]);
      }
    }
    for (const [first, ...others] of missing.values()) {
      const { subset, host } = { subset: first!.destination.subset!, host: first!.host };
      const rule = [...rulesFor(mesh, first!)].find((it) => it !== undefined);
      const names = rule?.subsets.map((it) => it.name.value) ?? [];
      const meant = nearest(subset.value, names);
      const sends = [first!, ...others].some((it) => it.share > 0);
      yield {
        at: subset.at,
        message: `No DestinationRule defines subset "${subset.value}" of ${host}${saying(names, meant)}`,
        ...(sends ? {} : { severity: 'information' }),
        assuming: mayBeMade(mesh, unread, first!),
        related: [
          ...others.map((it) => ({ at: it.destination.subset!.at, message: `${describe(it.vs)} routes to it, too` })),
          ...(rule?.subsets.map((it) => ({ at: it.name.at, message: `subset ${it.name.value}` })) ?? []),
          ...definedInVain(mesh, first!),
        ],
        fixes: meant ? [{ title: `Replace by ${meant}`, edits: [{ at: subset.at, text: meant }] }] : [],
      };
    }
  },
});

/** Who follows a delegate hangs on other VirtualServices, which is why only roots are remembered. */
function kept(mesh: MeshSnapshot, vs: VirtualService): readonly Routed[] {
  return perObject(mesh, 'undefinedSubsets', RULE_SOURCES, vs, () => undefinedSubsets(mesh, vs));
}

const RULE_SOURCES = [...CLIENT_SOURCES, ...SERVICES];

function undefinedSubsets(mesh: MeshSnapshot, vs: VirtualService): Routed[] {
  return routedOf(mesh, vs).filter(
    (it) => it.destination.subset && !it.mirror && mesh.servicesNamed(it.host).length > 0 && !isSubsetDefined(mesh, it),
  );
}

/** Whether some client that follows the route has the subset (DR-1, DST-3). */
export function isSubsetDefined(mesh: MeshSnapshot, it: Routed): boolean {
  const name = it.destination.subset!.value;
  for (const rule of rulesFor(mesh, it)) if (rule?.subsets.some((one) => one.name.value === name)) return true;
  return false;
}

/** The DestinationRule of each client that follows the route, likeliest client first. */
function* rulesFor(mesh: MeshSnapshot, { vs, host }: Routed): Generator<EffectiveRule | undefined> {
  const defined = mesh.servicesNamed(host);
  const service = defined.find((it) => it.namespace === vs.namespace) ?? defined[0]!;
  for (const client of routeClientsOf(mesh, vs)) {
    yield effectiveRuleFor(mesh, client, { host, namespace: service.namespace });
  }
}

function saying(names: readonly string[], meant: string | undefined): string {
  if (meant) return `; did you mean ${meant}?`;
  if (names.length === 0) return '';
  return ` (there ${names.length === 1 ? 'is' : 'are'} ${names.slice(0, 6).join(', ')}${names.length > 6 ? ' ...' : ''})`;
}

/** DestinationRules that define the subset where no client of the route looks. */
function definedInVain(mesh: MeshSnapshot, it: Routed): Related[] {
  const name = it.destination.subset!.value;
  const client = routeClientsOf(mesh, it.vs)[0]!;
  const service = mesh.servicesNamed(it.host)[0]!;
  const { rejected } = destinationRuleFor(mesh, client, { host: it.host, namespace: service.namespace });
  const inVain = new Map(rejected.map((one) => [one.name, one.because]));
  return mesh.of('DestinationRule').flatMap((rule) => {
    const because = inVain.get(describe(rule));
    const subset = because === undefined ? undefined : rule.subsets.find((one) => one.name.value === name);
    return subset ? [{ at: subset.name.at, message: `${describe(rule)} defines it, but ${because}` }] : [];
  });
}

/** Rollout tools write DestinationRules while they roll out. */
function mayBeMade(mesh: MeshSnapshot, unread: Unread, { vs, host }: Routed): string | undefined {
  if (unread.kinds.has('DestinationRule')) return 'a template that is not rendered here may define it';
  const names = new Set([vs.name, host.split('.')[0]!]);
  const maker = makersIn(mesh, vs.namespace).find((it) => mentions(it.body.node, names));
  return maker && `${maker.kindName} ${maker.namespace}/${maker.name} may define it`;
}

function mentions(node: YamlNode | undefined, names: ReadonlySet<string>): boolean {
  if (!node) return false;
  if (node.kind === 'scalar') return names.has(node.text);
  if (node.kind === 'seq') return node.items.some((it) => mentions(it, names));
  return node.entries.some((it) => mentions(it.value, names));
}
