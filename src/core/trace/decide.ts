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
    calls: [],
    assumptions: [],
    effects: [],
    state: 'ok',
    ...parts,
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

/** A watch by which istiod learnt of an object (CP-1). */
export function watch(what: string): ControlPlaneCall {
  return { kind: 'watch', from: 'kube-apiserver', to: 'istiod', what };
}
