import type { Decision, Hop } from '../core/trace/path.js';

/**
 * The cluster that a hop's proxy sends to. Envoy logs no cluster that it was never sent; the decision for the destination
 * still names it.
 */
export function clusterOfHop({ proxy, decisions }: Hop): string | undefined {
  if (!proxy || proxy.side === 'inbound') return undefined;
  return proxy.cluster ?? /outbound\|\d*\|[^|]*\|\S+/.exec(destinationChoice(decisions)?.chose ?? '')?.[0];
}

/** The decision that chose a destination among those of a route, by weight or as its only one. */
export function destinationChoice(decisions: readonly Decision[]): Decision | undefined {
  return decisions.filter((it) => it.stage === 'split by weight').at(-1);
}
