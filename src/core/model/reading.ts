import { sourced, type Sourced } from '../base/location.js';
import type { Fields } from './fields.js';
import type { Selector, StringMatch } from './resource.js';

/** `selector: {matchLabels}` of Istio's policies and of workloads. */
export function readSelector(from: Fields): Selector | undefined {
  return selectorOf(from.fields('selector'), 'matchLabels');
}

/** `workloadSelector: {labels}` of Sidecar, ServiceEntry, EnvoyFilter; DestinationRule writes matchLabels. */
export function readWorkloadSelector(
  from: Fields,
  labelsKey: 'labels' | 'matchLabels' = 'labels',
): Selector | undefined {
  return selectorOf(from.fields('workloadSelector'), labelsKey);
}

function selectorOf(selector: Fields | undefined, labelsKey: string): Selector | undefined {
  return selector && { labels: selector.stringMap(labelsKey), at: selector.at };
}

/** One StringMatch; an empty mapping asks only that there is a value. */
export function readStringMatch(from: Fields): StringMatch {
  for (const type of ['exact', 'prefix', 'regex'] as const) {
    const value = from.string(type);
    if (value) return { type, value: value.value, at: value.at };
  }
  return { type: 'present', at: from.at };
}

export function readStringMatches(from: Fields, key: string): ReadonlyMap<string, StringMatch> {
  const inner = from.fields(key);
  const result = new Map<string, StringMatch>();
  for (const name of inner?.keys() ?? []) result.set(name, readStringMatch(inner!.fieldsOrEmpty(name)));
  return result;
}

const UNITS: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

/** A duration such as `1h30m` or `0.5s`, in seconds; `undefined` when it is none. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  const parts = [...text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map((it) => it[0]).join('') !== text) return undefined;
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * UNITS[unit!]!, 0);
}

export function readDuration(from: Fields, key: string): Sourced<number> | undefined {
  const text = from.string(key);
  const seconds = text && parseDuration(text.value);
  return seconds === undefined ? undefined : sourced(seconds, text!.at);
}

/** `percentage: {value: 12.5}` as a part of one; `percent: 12` of old manifests too. */
export function readPercentage(from: Fields, key = 'percentage', old = 'percent'): Sourced<number> | undefined {
  const written = from.fields(key);
  if (written) {
    const value = written.number('value');
    return value ? sourced(value.value / 100, value.at) : sourced(0, written.at);
  }
  const percent = from.number(old);
  return percent && sourced(percent.value / 100, percent.at);
}

export function readExportTo(spec: Fields): readonly Sourced<string>[] | undefined {
  return spec.has('exportTo') ? spec.strings('exportTo') : undefined;
}

/** `targetRef` and `targetRefs` of policies. */
export function readTargetRefFields(spec: Fields): Fields[] {
  const single = spec.fields('targetRef');
  return [...(single ? [single] : []), ...spec.list('targetRefs')];
}

/** What is written, unless it is the empty text, which protobuf cannot tell from nothing. */
export function nonEmpty(it: Sourced<string> | undefined): Sourced<string> | undefined {
  return it && it.value !== '' ? it : undefined;
}
