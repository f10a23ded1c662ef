import type { Location } from '../base/location.js';
import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { Unread } from '../mesh/completeness.js';
import type { Resource, ResourceKind, ResourceOf } from '../model/resources.js';

export type Severity = 'error' | 'warning' | 'information' | 'hint';

/** What a rule is about; the settings and the list of rules are sorted by it. */
export type RuleGroup =
  | 'parse'
  | 'schema'
  | 'validation'
  | 'reference'
  | 'routing'
  | 'gateway'
  | 'security'
  | 'visibility'
  | 'service'
  | 'workload'
  | 'kubernetes'
  | 'meta';

/** Another place that has to do with a finding, and what it has. */
export interface Related {
  readonly at: Location;
  readonly message: string;
}

/** A change that makes a finding go away: every place gets the text. */
export interface Fix {
  /** What it does, as a command: `Replace by "reviews"`. */
  readonly title: string;
  readonly edits: readonly { readonly at: Location; readonly text: string }[];
}

/** What a rule yields. */
export interface Report {
  /** The narrowest node that is wrong. */
  readonly at: Location;
  /** The fact, with things named in full. */
  readonly message: string;
  /** When it is not the rule's own. */
  readonly severity?: Severity;
  readonly related?: readonly Related[];
  /** What has to be true of things that no file here says; the finding is then no more than a hint. */
  readonly assuming?: string | undefined;
  readonly fixes?: readonly Fix[];
}

/** What the checks found wrong at one place. */
export interface Finding {
  /** Id of the rule; also the code that people see. */
  readonly rule: string;
  readonly severity: Severity;
  readonly at: Location;
  readonly message: string;
  readonly related: readonly Related[];
  readonly assuming: string | undefined;
  readonly fixes: readonly Fix[];
}

/** What is said of a rule itself: its page, the settings and the command line's help are made of it. */
export interface RuleText {
  readonly id: string;
  readonly group: RuleGroup;
  readonly severity: Severity;
  readonly title: string;
  /** Why it hurts: the packet's fate. */
  readonly why: string;
  readonly remedy: string;
  /** Codes by which other tools' suppressions name the same fact (`IST0101`, `KIA1101`). */
  readonly alsoKnownAs?: readonly string[];
}

/** A rule that needs to see one object only, refused ones included. */
export interface ObjectRule extends RuleText {
  readonly kinds: readonly ResourceKind[] | 'all';
  readonly checkObject: (object: Resource) => Iterable<Report>;
  /** Silent about objects in which another rule that sees them alone has found an error: it tells the same, or builds on sand. */
  readonly yields?: boolean;
}

/** A rule that looks at the mesh. */
export interface MeshRule extends RuleText {
  /** The kinds that it reads, and no others: an edit of one of these runs it again. MeshConfig may always be read. */
  readonly reads: readonly ResourceKind[];
  /** The rule that tells of the same cause more fully: where it has spoken, this one is silent. */
  readonly yieldsTo?: string;
  readonly check: (mesh: MeshSnapshot, unread: Unread) => Iterable<Report>;
}

/** A rule whose findings come with reading the text, or with the check as a whole. */
export interface PlainRule extends RuleText {
  readonly plain: true;
}

export type Rule = ObjectRule | MeshRule | PlainRule;

export function defineRule(rule: MeshRule): MeshRule {
  return rule;
}

export function definePlainRule(rule: RuleText): PlainRule {
  return { ...rule, plain: true };
}

/** A rule of a few kinds; the check gets objects of just these. */
export function defineObjectRule<K extends ResourceKind>(
  rule: RuleText & {
    readonly kinds: readonly K[];
    readonly yields?: boolean;
    check(this: void, object: ResourceOf<K>): Iterable<Report>;
  },
): ObjectRule {
  const { check, ...text } = rule;
  const kinds: ReadonlySet<string> = new Set(rule.kinds);
  const isWanted = (it: Resource): it is ResourceOf<K> => kinds.has(it.kind);
  return { ...text, checkObject: (it) => (isWanted(it) ? check(it) : []) };
}

/** A rule of objects of whatever kind. */
export function defineRuleOfAll(
  rule: RuleText & { check(this: void, object: Resource): Iterable<Report> },
): ObjectRule {
  const { check, ...text } = rule;
  return { ...text, kinds: 'all', checkObject: check };
}

/** The finding that a rule's report makes, before settings have their say. */
export function findingOf(rule: RuleText, it: Report): Finding {
  return {
    rule: rule.id,
    severity: it.assuming === undefined ? (it.severity ?? rule.severity) : 'hint',
    at: it.at,
    message: it.message,
    related: it.related ?? [],
    assuming: it.assuming,
    fixes: it.fixes ?? [],
  };
}

/** The message with what it takes for granted. */
export function fullMessage(it: Pick<Finding, 'message' | 'assuming'>): string {
  return it.assuming === undefined ? it.message : `${it.message}. Not sure: ${it.assuming}`;
}
