import type { Location } from '../../core/base/location.js';
import type { Assumption, Decision, Hop, MirrorCopy, Outcome, Path, Rejected, Trace } from '../../core/trace/path.js';
import type { Place } from '../load.js';

type PlaceOf = (at: Location) => Place | undefined;

/** The trace as other tools read it; version 1. Fields may be added, none changes its meaning within a version. */
export function traceJson(traces: readonly Trace[], place: PlaceOf): object {
  return {
    version: 1,
    requests: traces.map((trace, index) => ({
      name: trace.request.name ?? `request ${index + 1}`,
      request: { from: trace.request.from, to: trace.request.to },
      outcomes: trace.paths.map((it) => outcomeJson(it, place)),
    })),
  };
}

function outcomeJson(path: Path, place: PlaceOf): object {
  const { outcome } = path;
  return {
    share: path.share,
    ...(path.label ? { label: path.label } : {}),
    ...resultJson(outcome),
    ...(path.mirrors.length > 0 ? { mirrors: path.mirrors.flatMap(mirrorNames) } : {}),
    hops: path.hops.map((it) => hopJson(it, place)),
    ...(path.assumptions.length > 0 ? { assumptions: path.assumptions.map((it) => assumptionJson(it, place)) } : {}),
  };
}

function resultJson(outcome: Outcome): object {
  if (outcome.result !== 'delivered') {
    // `endpoints` are those whose application was reached; here a proxy stood in its place
    const { endpoints, ...rest } = { endpoints: undefined, ...outcome };
    return { ...rest, ...defined({ servers: endpoints }) };
  }
  const { result, endpoints, status, grpcStatus, app, delaySeconds } = outcome;
  return { result, endpoints, ...defined({ appStatus: status, grpcStatus, app, delaySeconds }) };
}

function mirrorNames(it: MirrorCopy): string[] {
  return it.endpoints.map((endpoint) => `${endpoint} ${it.authority}${it.path}`);
}

function hopJson(hop: Hop, place: PlaceOf): object {
  return {
    place: hop.place,
    ...hop.proxy,
    decisions: hop.decisions.map((it) => decisionJson(it, place)),
    packet: hop.packet,
  };
}

function decisionJson(it: Decision, place: PlaceOf): object {
  return {
    ...it,
    evidence: placesOf(it.evidence, place),
    rejected: it.rejected.map((rejected) => rejectedJson(rejected, place)),
    assumptions: it.assumptions.map((assumption) => assumptionJson(assumption, place)),
  };
}

function rejectedJson(it: Rejected, place: PlaceOf): object {
  return { ...it, evidence: placesOf(it.evidence, place) };
}

function assumptionJson(it: Assumption, place: PlaceOf): object {
  return { text: it.text, ...defined({ at: it.at && place(it.at) }) };
}

function placesOf(locations: readonly Location[], place: PlaceOf): Place[] {
  return locations.flatMap((it) => place(it) ?? []);
}

function defined(fields: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
