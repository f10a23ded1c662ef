import { sourced, type Location, type Sourced } from '../base/location.js';
import type { Fields } from './fields.js';
import { readDuration, readSelector, readTargetRefFields } from './reading.js';
import type { ResourceBase, Selector } from './resource.js';

export type PeerMode = 'UNSET' | 'DISABLE' | 'PERMISSIVE' | 'STRICT';

export interface PeerAuthentication extends ResourceBase {
  readonly kind: 'PeerAuthentication';
  readonly selector: Selector | undefined;
  readonly mode: Sourced<PeerMode> | undefined;
  /** By the workload's own (target) port. */
  readonly ports: ReadonlyMap<number, Sourced<PeerMode>>;
}

export interface JwtRule {
  readonly issuer: Sourced<string>;
  readonly audiences: readonly Sourced<string>[];
  readonly jwksUri: Sourced<string> | undefined;
  readonly jwks: Sourced<string> | undefined;
  readonly fromHeaders: readonly { readonly name: Sourced<string>; readonly prefix: string | undefined }[];
  readonly fromParams: readonly Sourced<string>[];
  readonly fromCookies: readonly Sourced<string>[];
  readonly forwardOriginalToken: boolean;
  readonly outputClaimToHeaders: readonly { readonly header: string; readonly claim: string }[];
  readonly outputPayloadToHeader: string | undefined;
  /** Claims besides `scope` and `permission` that are lists written with blanks. */
  readonly spaceDelimitedClaims: readonly string[];
  /** For fetching the keys. */
  readonly timeout: Sourced<number> | undefined;
  readonly at: Location;
}

export interface RequestAuthentication extends ResourceBase {
  readonly kind: 'RequestAuthentication';
  readonly selector: Selector | undefined;
  readonly targetRefs: readonly TargetRef[];
  readonly jwtRules: readonly JwtRule[];
}

export interface TargetRef {
  readonly group: string;
  readonly kind: string;
  readonly name: Sourced<string>;
  readonly at: Location;
}

/** A field of a policy's source, operation or condition: any of the values, or none of them. */
export interface PolicyField {
  /** The field's positive name, as in YAML: `principals`, `paths` ... or the `key` of a condition. */
  readonly name: string;
  readonly values: readonly Sourced<string>[];
  readonly notValues: readonly Sourced<string>[];
  readonly at: Location;
}

export interface PolicyRule {
  readonly from: readonly { readonly fields: readonly PolicyField[]; readonly at: Location }[];
  readonly to: readonly { readonly fields: readonly PolicyField[]; readonly at: Location }[];
  readonly when: readonly PolicyField[];
  readonly at: Location;
}

export interface AuthorizationPolicy extends ResourceBase {
  readonly kind: 'AuthorizationPolicy';
  readonly selector: Selector | undefined;
  readonly targetRefs: readonly TargetRef[];
  readonly action: 'ALLOW' | 'DENY' | 'AUDIT' | 'CUSTOM';
  readonly actionAt: Location;
  readonly provider: Sourced<string> | undefined;
  /** `undefined` when the document has no `rules` at all. */
  readonly rules: readonly PolicyRule[] | undefined;
  readonly rulesAt: Location;
  readonly dryRun: boolean;
}

export function readPeerAuthentication(base: ResourceBase, body: Fields): PeerAuthentication {
  const spec = body.fieldsOrEmpty('spec');
  const ports = new Map<number, Sourced<PeerMode>>();
  const written = spec.fields('portLevelMtls');
  for (const key of written?.keys() ?? []) {
    const mode = readMode(written!.fields(key));
    if (mode) ports.set(Number(key), mode);
  }
  return {
    ...base,
    kind: 'PeerAuthentication',
    selector: readSelector(spec),
    mode: readMode(spec.fields('mtls')),
    ports,
  };
}

function readMode(from: Fields | undefined): Sourced<PeerMode> | undefined {
  if (!from) return undefined;
  const written = from.string('mode');
  const known: readonly string[] = ['DISABLE', 'PERMISSIVE', 'STRICT'];
  const mode = (written && known.includes(written.value) ? written.value : 'UNSET') as PeerMode;
  return sourced(mode, written?.at ?? from.at);
}

export function readRequestAuthentication(base: ResourceBase, body: Fields): RequestAuthentication {
  const spec = body.fieldsOrEmpty('spec');
  return {
    ...base,
    kind: 'RequestAuthentication',
    selector: readSelector(spec),
    targetRefs: readTargetRefs(spec),
    jwtRules: spec.list('jwtRules').map((it) => ({
      issuer: it.string('issuer') ?? sourced('', it.at),
      audiences: it.strings('audiences'),
      jwksUri: it.string('jwksUri'),
      jwks: it.string('jwks'),
      fromHeaders: it.list('fromHeaders').flatMap((header) => {
        const name = header.string('name');
        return name ? [{ name, prefix: header.string('prefix')?.value }] : [];
      }),
      fromParams: it.strings('fromParams'),
      fromCookies: it.strings('fromCookies'),
      forwardOriginalToken: it.boolean('forwardOriginalToken')?.value ?? false,
      outputClaimToHeaders: it.list('outputClaimToHeaders').map((output) => ({
        header: output.string('header')?.value ?? '',
        claim: output.string('claim')?.value ?? '',
      })),
      outputPayloadToHeader: it.string('outputPayloadToHeader')?.value,
      spaceDelimitedClaims: it.strings('spaceDelimitedClaims').map((claim) => claim.value),
      timeout: readDuration(it, 'timeout'),
      at: it.at,
    })),
  };
}

function readTargetRefs(spec: Fields): TargetRef[] {
  return readTargetRefFields(spec).flatMap((it) => {
    const name = it.string('name');
    if (!name) return [];
    return [{ group: it.string('group')?.value ?? '', kind: it.string('kind')?.value ?? '', name, at: it.at }];
  });
}

export function readAuthorizationPolicy(base: ResourceBase, body: Fields): AuthorizationPolicy {
  const spec = body.fieldsOrEmpty('spec');
  const written = spec.string('action')?.value;
  const action = written === 'DENY' || written === 'AUDIT' || written === 'CUSTOM' ? written : 'ALLOW';
  const rules = spec.list('rules').map((it): PolicyRule => ({
    from: it.list('from').map((entry) => readPolicyFields(entry.fieldsOrEmpty('source'), entry.at)),
    to: it.list('to').map((entry) => readPolicyFields(entry.fieldsOrEmpty('operation'), entry.at)),
    when: it.list('when').map((entry) => ({
      name: entry.string('key')?.value ?? '',
      values: entry.strings('values'),
      notValues: entry.strings('notValues'),
      at: entry.at,
    })),
    at: it.at,
  }));
  return {
    ...base,
    kind: 'AuthorizationPolicy',
    selector: readSelector(spec),
    targetRefs: readTargetRefs(spec),
    action,
    actionAt: spec.valueAt('action'),
    provider: spec.fields('provider')?.string('name'),
    rules: rules.length > 0 || spec.has('rules') ? rules : undefined,
    rulesAt: spec.valueAt('rules'),
    dryRun: base.annotations.get('istio.io/dry-run')?.value === 'true',
  };
}

function readPolicyFields(from: Fields, at: Location): { fields: PolicyField[]; at: Location } {
  const names = new Set(from.keys().map(positiveName));
  const fields = [...names].map((name): PolicyField => ({
    name,
    values: from.strings(name),
    notValues: from.strings(negativeName(name)),
    at: from.has(name) ? from.valueAt(name) : from.valueAt(negativeName(name)),
  }));
  return { fields: fields.filter((it) => it.values.length > 0 || it.notValues.length > 0), at };
}

function positiveName(field: string): string {
  return /^not[A-Z]/.test(field) ? field[3]!.toLowerCase() + field.slice(4) : field;
}

function negativeName(field: string): string {
  return `not${field[0]!.toUpperCase()}${field.slice(1)}`;
}
