import type { DocumentId } from '../base/location.js';
import { NOTHING_UNREAD, type Unread } from '../mesh/completeness.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { Resource, ResourceKind } from '../model/resources.js';
import { RULES } from './index.js';
import { findingOf, type Finding, type MeshRule, type ObjectRule, type Severity } from './rule.js';

export interface CheckOptions {
  /** Severities by rule id that differ from the rules' own; `off` takes a rule out. */
  readonly severities?: Readonly<Record<string, Severity | 'off'>>;
  /** What is in the files and could not be read. */
  readonly unread?: Unread;
  /** Told of a rule that threw; the others go on. Without it the error is thrown on, as tests want it. */
  readonly onError?: (rule: string, error: unknown) => void;
}

/** All findings of a snapshot, in the order of its objects. */
export function checkMesh(mesh: MeshSnapshot, options: CheckOptions = {}): Finding[] {
  return new Checker().check(mesh, options);
}

const MESH_RULES = RULES.filter((it): it is MeshRule => 'check' in it);
const OBJECT_RULES = RULES.filter((it): it is ObjectRule => 'checkObject' in it);

const READ_KINDS = [...new Set(MESH_RULES.flatMap((it) => it.reads))];

interface RulesOfKind {
  readonly first: readonly ObjectRule[];
  readonly yielding: readonly ObjectRule[];
}

const byKind = new Map<ResourceKind, RulesOfKind>();

function rulesFor(kind: ResourceKind): RulesOfKind {
  let rules = byKind.get(kind);
  if (!rules) {
    const fitting = OBJECT_RULES.filter((it) => it.kinds === 'all' || it.kinds.includes(kind));
    rules = { first: fitting.filter((it) => !it.yields), yielding: fitting.filter((it) => it.yields) };
    byKind.set(kind, rules);
  }
  return rules;
}

/**
 * Checks one snapshot after the other and does not repeat itself: an object that is still the same is not looked at again,
 * and a rule of the mesh runs again only when one of the kinds that it reads has changed.
 */
export class Checker {
  private readonly ofObjects = new WeakMap<Resource, readonly Finding[]>();
  /** The objects of the last check in their order, with what was found: most stand where they stood. */
  private last: { readonly objects: readonly Resource[]; readonly found: readonly (readonly Finding[])[] } = {
    objects: [],
    found: [],
  };
  private readonly ofRules = new Map<MeshRule, readonly Finding[]>();
  private readonly lists = new Map<ResourceKind, readonly Resource[]>();
  private basis = '';

  check(mesh: MeshSnapshot, options: CheckOptions = {}): Finding[] {
    const steps = this.steps(mesh, options);
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
    }
  }

  /** The same with a pause after every rule, so that a server can look whether anybody still waits. */
  *steps(mesh: MeshSnapshot, options: CheckOptions = {}): Generator<string, Finding[]> {
    const unread = options.unread ?? NOTHING_UNREAD;
    const all: Finding[] = [];
    for (const found of this.checkObjects(mesh.resources, options)) if (found.length > 0) all.push(...found);
    yield 'objects';
    this.forgetChanged(mesh, unread);
    for (const rule of MESH_RULES) {
      if (options.severities?.[rule.id] === 'off') continue;
      let found = this.ofRules.get(rule);
      if (!found) {
        found = this.fence(rule.id, options, () => [...rule.check(mesh, unread)].map((it) => findingOf(rule, it)));
        this.ofRules.set(rule, found);
        yield rule.id;
      }
      all.push(...found);
    }
    const said = all.filter((it) => !isToldBy(all, it));
    return withoutRepeats(
      inOrder(
        mesh,
        said.flatMap((it) => weighed(it, options)),
      ),
    );
  }

  private checkObjects(objects: readonly Resource[], options: CheckOptions): readonly (readonly Finding[])[] {
    const { last } = this;
    const found = objects.map((it, index) =>
      it === last.objects[index] ? last.found[index]! : this.checkObject(it, options),
    );
    this.last = { objects, found };
    return found;
  }

  private checkObject(object: Resource, options: CheckOptions): readonly Finding[] {
    const known = this.ofObjects.get(object);
    if (known) return known;
    const run = (rule: ObjectRule): readonly Finding[] =>
      this.fence(rule.id, options, () => [...rule.checkObject(object)].map((it) => findingOf(rule, it)));
    const { first, yielding } = rulesFor(object.kind);
    const found = first.flatMap(run);
    const isWrong = found.some((it) => it.severity === 'error');
    if (!isWrong) found.push(...yielding.flatMap(run));
    const kept = found.length === 0 ? NOTHING : found;
    this.ofObjects.set(object, kept);
    return kept;
  }

  /** Forgets at once what the change makes doubtful: whoever stops half-way goes on from there the next time. */
  private forgetChanged(mesh: MeshSnapshot, unread: Unread): void {
    const basis = JSON.stringify([mesh.world, mesh.config.at, [...unread.kinds].sort()]);
    // a snapshot hands on the lists of kinds that are what they were in the one that it follows
    const changed = new Set(READ_KINDS.filter((kind) => this.lists.get(kind) !== mesh.of(kind)));
    for (const kind of changed) this.lists.set(kind, mesh.of(kind));
    if (basis !== this.basis) this.ofRules.clear();
    this.basis = basis;
    for (const rule of this.ofRules.keys()) if (rule.reads.some((it) => changed.has(it))) this.ofRules.delete(rule);
  }

  private fence(rule: string, { onError }: CheckOptions, run: () => Finding[]): readonly Finding[] {
    if (!onError) return run();
    try {
      return run();
    } catch (error) {
      onError(rule, error);
      return [];
    }
  }
}

const NOTHING: readonly Finding[] = [];

const YIELDING = new Map(MESH_RULES.flatMap((it) => (it.yieldsTo === undefined ? [] : [[it.id, it.yieldsTo]])));

/** Whether the rule to which a finding's own one yields has spoken of the same place. */
function isToldBy(all: readonly Finding[], { rule, at }: Finding): boolean {
  const other = YIELDING.get(rule);
  if (other === undefined) return false;
  return all.some((it) => it.rule === other && it.at.doc === at.doc && it.at.start <= at.end && at.start <= it.at.end);
}

/** A finding with the severity that the settings give it; nothing when they take its rule out. */
export function weighed(it: Finding, { severities }: CheckOptions): Finding[] {
  const wanted = severities?.[it.rule];
  if (wanted === undefined) return [it];
  if (wanted === 'off') return [];
  return [it.assuming === undefined ? { ...it, severity: wanted } : it];
}

function inOrder(mesh: MeshSnapshot, findings: readonly Finding[]): Finding[] {
  if (findings.length < 2) return [...findings];
  const places = new Map<DocumentId, number>();
  for (const it of mesh.resources) if (!places.has(it.at.doc)) places.set(it.at.doc, places.size);
  const place = (it: Finding): number => places.get(it.at.doc) ?? places.size;
  return [...findings].sort(
    (a, b) =>
      place(a) - place(b) || a.at.start - b.at.start || compare(a.rule, b.rule) || compare(a.message, b.message),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Aliases let one node stand in several places; it is reported once. */
function withoutRepeats(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter((it) => {
    const key = `${it.rule} ${it.at.doc} ${it.at.start} ${it.at.end} ${it.message}`;
    return !seen.has(key) && seen.add(key);
  });
}
