import { defineObjectRule } from '../rule.js';

/** A match asks for a source and names gateways, which is all that counts then. */
export default defineObjectRule({
  id: 'virtualservice-source-match-ignored-with-gateways',
  group: 'routing',
  severity: 'warning',
  title: 'Source of a match is ignored beside gateways',
  why: 'Where a match names gateways, istiod looks at nothing else to decide who gets it: the route is for all clients of these.',
  remedy: 'Take gateways out of the match, and bind the VirtualService by spec.gateways.',
  kinds: ['VirtualService'],
  *check(it) {
    for (const match of [...it.http, ...it.tls, ...it.tcp].flatMap((route) => [...route.matches])) {
      if (match.gateways.length === 0) continue;
      const labels = [...match.sourceLabels][0];
      const [at, what] = match.sourceNamespace
        ? [match.sourceNamespace.at, 'sourceNamespace']
        : [labels?.[1].at, 'sourceLabels'];
      if (!at) continue;
      yield {
        at,
        message: `${what} plays no part, because the match names gateways`,
        related: match.gateways.map((one) => ({ at: one.at, message: `gateway ${one.value} decides` })),
      };
    }
  },
});
