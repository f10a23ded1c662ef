import type { Location } from '../../base/location.js';
import { refusalOf, type Refusal } from '../../mesh/refused.js';
import type { Resource } from '../../model/resources.js';
import type { YamlNode } from '../../syntax/tree.js';
import type { ObjectRule, Report, RuleText } from '../rule.js';
import { nodeAt } from '../schema/node-at.js';

/** Which rule speaks of a refusal: of a kind, by the fields that lead to its place, or by its reason; the first that fits. */
const CLAIMS: readonly {
  readonly rule: string;
  readonly kind: string;
  readonly path?: RegExp;
  readonly because?: RegExp;
}[] = [
  { rule: 'reserved-annotation-used', kind: '*', path: /^metadata\.annotations/ },
  { rule: 'unknown-enum-value', kind: '*', because: / must be one of |^there is no (protocol|TLS mode) / },
  { rule: 'export-to-invalid', kind: '*', path: /^spec\.exportTo/ },
  { rule: 'policy-target-invalid', kind: '*', path: /^spec\.(targetRefs?|selector)/ },
  { rule: 'virtualservice-delegate-nested', kind: 'VirtualService', because: /another delegate$/ },
  { rule: 'virtualservice-http-action-conflict', kind: 'VirtualService', because: /^an entry (with|has|needs) / },
  { rule: 'virtualservice-bad-host', kind: 'VirtualService', path: /^spec\.hosts/ },
  {
    rule: 'virtualservice-gateway-name-form',
    kind: 'VirtualService',
    because: /is no name of a gateway$|is no namespace$/,
  },
  { rule: 'virtualservice-no-routes', kind: 'VirtualService', because: /needs http, tls or tcp routes$/ },
  { rule: 'virtualservice-bad-redirect-or-rewrite', kind: 'VirtualService', path: /\.(redirect|rewrite)\b/ },
  { rule: 'virtualservice-bad-fault-or-cors', kind: 'VirtualService', path: /\.(fault|corsPolicy)\b/ },
  { rule: 'virtualservice-retry-invalid', kind: 'VirtualService', path: /\.retries\b/ },
  { rule: 'virtualservice-tls-match-invalid', kind: 'VirtualService', path: /^spec\.tls\b(?!\.route)/ },
  {
    rule: 'virtualservice-bad-string-match',
    kind: 'VirtualService',
    path: /^spec\.http\.match\.(?!port|gateways|source)/,
  },
  { rule: 'virtualservice-bad-header-operation', kind: 'VirtualService', path: /\.headers\b/ },
  {
    rule: 'destination-host-form-invalid',
    kind: 'VirtualService',
    because: /is no host to send to$|is no subset name$/,
  },
  { rule: 'destinationrule-loadbalancer-invalid', kind: 'DestinationRule', path: /\.loadBalancer\b/ },
  { rule: 'destinationrule-client-tls-invalid', kind: 'DestinationRule', path: /\.tls\b/ },
  {
    rule: 'destinationrule-invalid',
    kind: 'DestinationRule',
    because: /^(?!.*(is no port:|is no duration|below zero|whole number of milliseconds))/,
  },
  { rule: 'serviceentry-invalid', kind: 'ServiceEntry', because: /^(?!.*is no port:)/ },
  { rule: 'workload-entry-or-group-invalid', kind: 'WorkloadEntry' },
  { rule: 'sidecar-invalid', kind: 'Sidecar', because: /^(?!.*is no port:)/ },
  {
    rule: 'gateway-tls-settings-invalid',
    kind: 'IstioGateway',
    because: /\btls settings$|httpsRedirect only$|needs (a credentialName|caCertificates)/,
  },
  { rule: 'gateway-tls-settings-invalid', kind: 'IstioGateway', path: /\.tls\b/ },
  { rule: 'metadata-name-invalid', kind: 'IstioGateway', path: /^metadata\.name/ },
  { rule: 'gateway-server-invalid', kind: 'IstioGateway', because: /^(?!.*is no port:)/ },
  {
    rule: 'peerauthentication-port-without-selector',
    kind: 'PeerAuthentication',
    because: /together with a selector$|names no port$/,
  },
  { rule: 'requestauthentication-invalid', kind: 'RequestAuthentication' },
  { rule: 'authorizationpolicy-invalid', kind: 'AuthorizationPolicy' },
];

/** A rule that tells of what Istio's webhook would refuse; which refusals are its own stands in the list above. */
export function defineRefusalRule(rule: RuleText): ObjectRule {
  return { ...rule, kinds: kindsOf(rule.id), yields: true, checkObject: (it) => reportFor(rule.id, it) };
}

/** The kinds that Istio's webhook looks at. */
const REFUSABLE = [
  'VirtualService',
  'DestinationRule',
  'ServiceEntry',
  'WorkloadEntry',
  'Sidecar',
  'IstioGateway',
  'PeerAuthentication',
  'RequestAuthentication',
  'AuthorizationPolicy',
] as const;

function kindsOf(id: string): ObjectRule['kinds'] {
  const kinds = new Set(CLAIMS.filter((it) => it.rule === id).map((it) => it.kind));
  return kinds.size === 0 || kinds.has('*') ? REFUSABLE : REFUSABLE.filter((it) => kinds.has(it));
}

/** The rule for what no other speaks of. */
export const GENERAL_REFUSAL = 'istio-webhook-rejects-field';

function reportFor(id: string, object: Resource): Report[] {
  const refusal = refusalOf(object);
  if (!refusal || object.problems.length > 0 || ownerOf(object, refusal) !== id) return [];
  const { because } = refusal;
  return [{ at: narrow(object, refusal.at), message: `Istio refuses this: ${because}` }];
}

function ownerOf(object: Resource, { at, because }: Refusal): string {
  const path = pathHolding(object.body.node, at).join('.');
  const claim = CLAIMS.find(
    (it) =>
      (it.kind === '*' || it.kind === object.kind) &&
      (it.path?.test(path) ?? true) &&
      (it.because?.test(because) ?? true),
  );
  return claim?.rule ?? GENERAL_REFUSAL;
}

/** The names that lead to the smallest node around a place, a key counting as what it names. */
function pathHolding(node: YamlNode | undefined, at: Location): string[] {
  if (node?.kind === 'seq') {
    const item = node.items.find((it) => it.start <= at.start && at.end <= it.end);
    return item ? pathHolding(item, at) : [];
  }
  if (node?.kind !== 'map') return [];
  for (const { key, value } of node.entries) {
    if (key.start <= at.start && at.end <= key.end) return [key.text];
    if (value.start <= at.start && at.end <= value.end) return [key.text, ...pathHolding(value, at)];
  }
  return [];
}

/** Of a mapping its first key: many underlined lines say less. */
function narrow(object: Resource, at: Location): Location {
  const node = nodeAt(object.body.node, at)?.node;
  const key = node?.kind === 'map' ? node.entries[0]?.key : undefined;
  return key ? { ...at, start: key.start, end: key.end } : at;
}
