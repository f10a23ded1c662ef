import type { Assumption, Rejected } from '../../base/explained.js';
import { uniqueLocations, type Location } from '../../base/location.js';
import { requestAuthenticationsFor } from '../../mesh/policies.js';
import type { MeshPod } from '../../mesh/pods.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import type { JwtRule } from '../../model/security.js';
import { nameOf } from '../../xds/proxy.js';
import type { AppMessage, Verdict } from '../arrival.js';
import { decision, push } from '../decide.js';
import type { Effect } from '../path.js';
import type { ReadToken } from '../token.js';
import { tokensFor, writtenHeaders, type FoundToken } from '../token-places.js';

export interface Authenticated extends Verdict {
  readonly message: AppMessage;
  readonly claims: Readonly<Record<string, unknown>> | undefined;
}

/** What one rule says to a request: accepted, no token at its places, or what is wrong, in Envoy's words. */
interface RuleVerdict {
  readonly rule: JwtRule;
  readonly tokens: readonly FoundToken[];
  readonly status: string;
}

const OK = 'OK';
const MISSED = 'Jwt is missing';
const UNKNOWN_ISSUER = 'Jwt issuer is not configured';
const WRONG_AUDIENCE = 'Audiences in Jwt are not allowed';

/**
 * All rules of all RequestAuthentications together (JWT-1): the request passes when one of them accepts its token, or when every
 * one accepts or misses its own (JWT-3). A request without any token passes, without a principal (JWT-2, JWT-5).
 */
export function authenticateRequest(mesh: MeshSnapshot, pod: MeshPod, message: AppMessage): Authenticated {
  const policies = requestAuthenticationsFor(mesh, pod);
  const rules = policies.flatMap((it) => it.jwtRules);
  if (rules.length === 0) return { decisions: [], message, claims: undefined };
  const calls = [push('LDS', nameOf(pod), `JWT filter of ${nameOf(pod)}`)];
  if (isPreflight(message)) {
    const skipped = decision('authenticate request', {
      chose: 'not looked at',
      because: 'CORS preflights carry no tokens and skip the check',
      rules: ['JWT-2'],
      evidence: rules.map((it) => it.issuer.at),
      calls,
    });
    return { decisions: [skipped], message, claims: undefined };
  }
  const verdicts = rules.map((rule): RuleVerdict => {
    const tokens = tokensFor(rule, message);
    return {
      rule,
      tokens,
      status: verify(
        rule,
        tokens.map((it) => it.token),
      ),
    };
  });
  const clean = withoutForged(message, rules);
  const accepted = verdicts.find((it) => it.status === OK);
  if (accepted) return accept(accepted, verdicts, clean, calls);
  const failed = failure(verdicts);
  if (failed === undefined) {
    const passed = decision('authenticate request', {
      chose: 'no token',
      because: 'A request without a token passes, without a request principal',
      rules: ['JWT-2', 'JWT-5'],
      evidence: rules.map((it) => it.issuer.at),
      calls,
    });
    return { decisions: [passed], message: clean, claims: undefined };
  }
  const status = failed === WRONG_AUDIENCE ? 403 : 401;
  const rejecting = verdicts.filter((it) => it.status === failed);
  const places = [...new Set(rejecting.flatMap((it) => it.tokens.map((token) => token.place)))];
  const because = `Token in ${places.join(', ')}: ${failed}`;
  const broken = decision('authenticate request', {
    chose: `${status}`,
    because,
    rules: ['JWT-2', ...(rules.length > 1 ? ['JWT-3'] : [])],
    evidence: uniqueLocations(rejecting.flatMap((it) => placesOf(it.rule, failed))),
    rejected: rejections(verdicts, failed),
    calls,
    state: 'broken',
  });
  const details = `jwt_authn_access_denied{${failed.replace(/\s/g, '_')}}`;
  return { decisions: [broken], denied: { status, details, because }, message: clean, claims: undefined };
}

/** Every token at a rule's places must be good; the last one is looked at first. */
function verify(rule: JwtRule, tokens: readonly ReadToken[]): string {
  if (tokens.length === 0) return MISSED;
  for (const token of [...tokens].reverse()) {
    const status = verifyOne(rule, token);
    if (status !== OK) return status;
  }
  return OK;
}

function verifyOne(rule: JwtRule, token: ReadToken): string {
  if (token.malformed !== undefined) return token.malformed;
  if (rule.issuer.value !== '' && token.issuer !== rule.issuer.value) return UNKNOWN_ISSUER;
  if (token.expired) return 'Jwt is expired';
  const wanted = rule.audiences.map((it) => bareAudience(it.value));
  if (wanted.length > 0 && !token.audiences.some((it) => wanted.includes(bareAudience(it)))) return WRONG_AUDIENCE;
  if (token.badSignature) return 'Jwt verification fails';
  return OK;
}

/** Scheme and last slash of an audience do not count. */
function bareAudience(audience: string): string {
  return audience.replace(/^https?:\/\//, '').replace(/\/$/, '');
}

/** What refuses the request when no rule accepts it: faults of tokens before foreign issuers; `undefined` when nothing does. */
function failure(verdicts: readonly RuleVerdict[]): string | undefined {
  const all = verdicts.find((it) => it.status !== MISSED)?.status;
  if (all === undefined) return undefined;
  const statuses = verdicts.length > 1 ? [...verdicts.map((it) => it.status), all] : [all];
  return statuses.reduce((final, status) =>
    final === MISSED || (status !== MISSED && status !== UNKNOWN_ISSUER) ? status : final,
  );
}

function accept(
  it: RuleVerdict,
  verdicts: readonly RuleVerdict[],
  message: AppMessage,
  calls: ReturnType<typeof push>[],
): Authenticated {
  const { rule, tokens } = it;
  const token = tokens[0]!.token;
  const claims = withLists(token.claims, rule);
  const taken = rule.forwardOriginalToken ? message : tokens.reduce((left, found) => found.take(left), message);
  const effects: Effect[] = rule.forwardOriginalToken
    ? []
    : tokens.map((found) => ({ what: found.place, before: 'a token', after: '' }));
  const headers = { ...taken.headers };
  for (const { header, claim } of rule.outputClaimToHeaders) {
    const value = claimText(claims, claim);
    if (value === undefined) continue;
    headers[header.toLowerCase()] = value;
    effects.push({
      what: `header ${header.toLowerCase()}`,
      before: message.headers[header.toLowerCase()] ?? '',
      after: value,
    });
  }
  if (rule.outputPayloadToHeader) headers[rule.outputPayloadToHeader.toLowerCase()] = '(the payload)';
  const assumptions: Assumption[] = [
    ...(token.assumed ? [{ text: token.assumed }] : []),
    ...(rule.jwksUri && !rule.jwks
      ? [{ text: `istiod could fetch the keys of ${rule.jwksUri.value}`, at: rule.jwksUri.at }]
      : []),
  ];
  const subject = typeof claims['sub'] === 'string' ? `, subject ${claims['sub']}` : '';
  const passed = decision('authenticate request', {
    chose: `token of ${token.issuer}${subject}`,
    because: `The rule for ${rule.issuer.value || 'any issuer'} accepts the token in ${tokens[0]!.place}`,
    rules: ['JWT-2', 'JWT-4', ...(verdicts.length > 1 ? ['JWT-3'] : [])],
    evidence: [rule.issuer.at],
    rejected: rejections(verdicts, OK),
    assumptions,
    effects,
    calls,
  });
  return { decisions: [passed], message: { ...taken, headers }, claims };
}

/** Claims that list words with blanks are lists for policies (AZ-8). */
function withLists(claims: Readonly<Record<string, unknown>>, rule: JwtRule): Record<string, unknown> {
  const result = { ...claims };
  for (const name of ['scope', 'permission', ...rule.spaceDelimitedClaims]) {
    const value = result[name];
    if (typeof value === 'string') result[name] = value.split(' ').filter((it) => it !== '');
  }
  return result;
}

/** A claim as a header's value; `a.b` looks inside of `a`. */
function claimText(claims: Readonly<Record<string, unknown>>, path: string): string | undefined {
  const value = path
    .split('.')
    .reduce<unknown>(
      (it, key) => (typeof it === 'object' && it !== null ? (it as Record<string, unknown>)[key] : undefined),
      claims,
    );
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

function withoutForged(message: AppMessage, rules: readonly JwtRule[]): AppMessage {
  const forged = new Set(rules.flatMap(writtenHeaders));
  if (forged.size === 0) return message;
  return {
    ...message,
    headers: Object.fromEntries(Object.entries(message.headers).filter(([name]) => !forged.has(name))),
  };
}

function rejections(verdicts: readonly RuleVerdict[], chosen: string): Rejected[] {
  return verdicts
    .filter((it) => it.status !== chosen)
    .map((it) => ({
      name: `rule for ${it.rule.issuer.value}`,
      because: it.status,
      evidence: placesOf(it.rule, it.status),
    }));
}

/** The lines that a status speaks of. */
function placesOf(rule: JwtRule, status: string): Location[] {
  if (status === WRONG_AUDIENCE) return rule.audiences.map((it) => it.at);
  return [rule.issuer.at];
}

function isPreflight({ method, headers }: AppMessage): boolean {
  return method === 'OPTIONS' && Boolean(headers['origin']) && Boolean(headers['access-control-request-method']);
}
