import { gatewayName } from '../../mesh/complete-names.js';
import { defineObjectRule } from '../rule.js';

/** A match is for a gateway to which its VirtualService is not bound. */
export default defineObjectRule({
  id: 'virtualservice-match-gateway-not-listed',
  group: 'reference',
  severity: 'warning',
  title: 'Match names a gateway that the VirtualService is not bound to',
  why: 'Only gateways of spec.gateways get the routes at all, so this match is never looked at by the one that it names.',
  remedy: 'Add the gateway to spec.gateways, or name one that is there; an empty list means mesh alone.',
  alsoKnownAs: ['KIA1102'],
  kinds: ['VirtualService'],
  *check(it) {
    if (it.hosts.length === 0) return; // a delegate has its root's gateways
    const bound = new Set(it.gateways.map((one) => gatewayName(one.value, it.namespace)));
    if (bound.size === 0) bound.add('mesh');
    const matches = [...it.http, ...it.tls, ...it.tcp].flatMap((route) => [...route.matches]);
    for (const { value, at } of matches.flatMap((match) => [...match.gateways])) {
      if (bound.has(gatewayName(value, it.namespace))) continue;
      yield {
        at,
        message: `The VirtualService is bound to ${[...bound].join(', ')}, and not to ${value}`,
        related: it.gateways.map((one) => ({ at: one.at, message: `bound to ${one.value}` })),
      };
    }
  },
});
