import type { Location } from '../base/location.js';
import { uniqueLocations } from '../base/location.js';
import type { ControlPlaneCall, Decision, StageName } from './path.js';

type Parts = Omit<Partial<Decision>, 'evidence'> & {
  readonly chose: string;
  readonly because: string;
  readonly evidence?: Iterable<Location | undefined>;
};

/** One decision of a stage, with empty lists for what it does not say. Made-up objects (documents named '') are no evidence. */
export function decision(stage: StageName, parts: Parts): Decision {
  return {
    stage,
    rules: [],
    rejected: [],
    assumptions: [],
    effects: [],
    state: 'ok',
    ...parts,
    calls: withWatches(parts.calls ?? []),
    evidence: uniqueLocations(parts.evidence ?? []).filter((it) => it.doc !== ''),
  };
}

/** An xDS push from istiod to a proxy (CP-2, CP-5). */
export function push(
  kind: 'LDS' | 'RDS' | 'CDS' | 'EDS' | 'SDS' | 'NDS',
  proxy: string,
  what: string,
): ControlPlaneCall {
  return { kind, from: 'istiod', to: `Envoy ${proxy}`, what };
}

/** What of the cluster feeds each kind of push (CP-5). */
const FED_BY: Readonly<Partial<Record<ControlPlaneCall['kind'], string>>> = {
  LDS: 'Services, ServiceEntries, Sidecars, Gateways and policies',
  RDS: 'VirtualServices, Services, ServiceEntries and Sidecars',
  CDS: 'Services, ServiceEntries, DestinationRules and PeerAuthentications',
  EDS: 'EndpointSlices, Pods, Nodes and WorkloadEntries',
  NDS: 'Services, ServiceEntries and Sidecars',
};

/** Before istiod can push, kube-apiserver has to tell it (CP-1). */
function withWatches(calls: readonly ControlPlaneCall[]): readonly ControlPlaneCall[] {
  return calls.flatMap((call): ControlPlaneCall[] => {
    const what = call.from === 'istiod' ? FED_BY[call.kind] : undefined;
    return what === undefined ? [call] : [{ kind: 'watch', from: 'kube-apiserver', to: 'istiod', what }, call];
  });
}
