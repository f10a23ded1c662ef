import { isRe2 } from '../../base/re2.js';
import type { Location, Sourced } from '../../base/location.js';
import type { Fields } from '../../model/fields.js';
import { parseDuration } from '../../model/reading.js';

/** What is wrong with one place of an object, so that the cluster would not take the object. */
export interface Problem {
  readonly at: Location;
  readonly because: string;
  /** Ids of the rules of the semantics; GEN-10 when there is none of its own. */
  readonly rules?: readonly string[];
}

export type Problems = Generator<Problem, void>;

const LABEL = /^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$/;
const WILD_LABEL = /^(?:\*|(?:\*|\*-)?[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?)$/;
/** A token, as header names are. */
export const HEADER_NAME = /^[!#$%&'*+\-.^_`|~A-Za-z0-9]+$/;
const LABEL_KEY = /^(?:([a-zA-Z0-9][-a-zA-Z0-9.]*)\/)?((?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$/;
const LABEL_VALUE = /^(?:(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

/** Letters, digits and inner dashes, at most 63 of them. */
export function isDnsLabel(text: string): boolean {
  return text.length <= 63 && LABEL.test(text);
}

/** A DNS name; the last label may be empty, and must not be a number. */
export function isFqdn(text: string): boolean {
  return text.length > 0 && text.length <= 255 && areLabels(text);
}

/** A DNS name of which the first label may be or begin with a star. */
export function isWildcardDomain(text: string): boolean {
  if (text.length === 0 || text.length > 255) return false;
  const dot = text.indexOf('.');
  const first = dot < 0 ? text : text.slice(0, dot);
  return first.length <= 63 && WILD_LABEL.test(first) && (dot < 0 || areLabels(text.slice(dot + 1)));
}

function areLabels(text: string): boolean {
  const parts = text.split('.');
  if (/^[-+]?\d+$/.test(parts.at(-1)!)) return false;
  return parts.every((it, index) => isDnsLabel(it) || (it === '' && index === parts.length - 1));
}

export function* checkPort(port: Sourced<number> | undefined): Problems {
  if (port && (port.value < 1 || port.value > 65535)) {
    yield { at: port.at, because: `${port.value} is no port: they go from 1 to 65535` };
  }
}

/** At least a millisecond, and no parts of one (GEN-10); `0s` is no way to turn something off. */
export function* checkDuration(from: Fields, key: string, zeroToo = false): Problems {
  const text = from.string(key);
  if (!text) return;
  const seconds = parseDuration(text.value);
  if (seconds === undefined) {
    yield { at: text.at, because: `${key} ${text.value || '(empty)'} is no duration, such as 1s or 500ms` };
    return;
  }
  if (zeroToo && seconds === 0) return;
  if (seconds < 0.001) {
    yield { at: text.at, because: `${key} must be at least 1ms; to have none, leave it out` };
  } else if (!Number.isInteger(Math.round(seconds * 1e9) / 1e6)) {
    yield { at: text.at, because: `${key} must be a whole number of milliseconds` };
  }
}

/** `{value: 0..100}` */
export function* checkPercent(from: Fields, key: string): Problems {
  const value = from.fields(key)?.number('value');
  if (!value) return;
  if (value.value < 0 || value.value > 100 || (value.value > 0 && value.value < 0.0001)) {
    yield { at: value.at, because: `${value.value} is no percentage between 0.0001 and 100` };
  }
}

/** One of the words of an enum. */
export function* checkWord(from: Fields, key: string, words: readonly string[]): Problems {
  const word = from.string(key);
  if (word && !words.includes(word.value)) {
    yield { at: word.at, because: `${key} must be one of ${words.join(', ')}, is ${word.value || '(empty)'}` };
  }
}

export function* checkRegex(regex: Sourced<string>, what: string): Problems {
  if (regex.value === '') yield { at: regex.at, because: `the regular expression of ${what} is empty` };
  else if (regex.value.length > 1024) {
    yield { at: regex.at, because: `the regular expression of ${what} is longer than 1024 characters` };
  } else if (!isRe2(regex.value)) {
    yield { at: regex.at, because: `"${regex.value}" is no regular expression of RE2` };
  }
}

/** Pairs that select pods: no stars in them. */
export function* checkSelector(from: Fields | undefined, key: 'labels' | 'matchLabels'): Problems {
  if (!from) return;
  for (const [name, value] of from.stringMap(key)) {
    if (name === '' || name.includes('*') || value.value.includes('*')) {
      yield { at: value.at, because: `${name}=${value.value}: selectors know no wildcards and no empty keys` };
    }
  }
}

export function* checkLabels(from: Fields, key: string): Problems {
  for (const [name, { value, at }] of from.stringMap(key)) {
    const parts = LABEL_KEY.exec(name);
    if (!parts || parts[2]!.length > 63 || (parts[1]?.length ?? 0) > 253) {
      yield { at, because: `${name} is no label key` };
    } else if (value.length > 63 || !LABEL_VALUE.test(value)) {
      yield { at, because: `${value} is no label value` };
    }
  }
}

/** GEN-6, DR-3 */
export function* checkExportTo(
  spec: Fields,
  namespace: string,
  allow: { nobody?: boolean; selector?: boolean } = {},
): Problems {
  const entries = spec.strings('exportTo');
  const seen = new Set<string>();
  for (const { value, at } of entries) {
    const name = value === '.' ? namespace : value;
    if (seen.has(name)) yield { at, because: `exportTo names ${value} twice`, rules: ['GEN-6'] };
    seen.add(name);
    if (value === '~' ? !allow.nobody : name !== '*' && !isDnsLabel(name)) {
      yield { at, because: `${value || '(empty)'} is no namespace, nor . or *`, rules: ['GEN-6'] };
    }
  }
  const first = entries[0];
  if (!first) return;
  if (allow.selector && (!seen.has(namespace) || seen.size > 1)) {
    const because = 'a DestinationRule with workloadSelector may be exported to its own namespace only';
    yield { at: first.at, because, rules: ['DR-3', 'GEN-10'] };
  }
  for (const alone of ['*', '~']) {
    if (seen.has(alone) && entries.length > 1) {
      const at = entries.find((it) => it.value === alone)!.at;
      yield { at, because: `exportTo names ${alone} and others`, rules: ['GEN-6'] };
    }
  }
}

/** `host`, `subset` and `port` of a destination. */
export function* checkDestination(from: Fields | undefined, parent: Fields, key: string): Problems {
  if (!from) {
    yield { at: parent.at, because: `${key} is missing` };
    return;
  }
  const host = from.string('host');
  if (!host || host.value === '*' || !isWildcardDomain(host.value)) {
    yield { at: host?.at ?? from.at, because: `${host?.value || '(empty)'} is no host to send to` };
  }
  const subset = from.string('subset');
  if (subset && subset.value !== '' && !isDnsLabel(subset.value)) {
    yield { at: subset.at, because: `${subset.value} is no subset name` };
  }
  const port = from.fields('port');
  if (port) yield* checkPort(port.number('number') ?? { value: 0, at: port.at });
}

/** Weights are not negative, and among several one is above zero (DST-6). */
export function* checkWeights(destinations: readonly Fields[], at: Location): Problems {
  let sum = 0;
  for (const it of destinations) {
    const weight = it.number('weight');
    if (weight && weight.value < 0) yield { at: weight.at, because: `weight ${weight.value} is below zero` };
    sum += weight?.value ?? 0;
  }
  if (destinations.length > 1 && sum === 0) {
    yield { at, because: 'the weights of several destinations add up to zero', rules: ['DST-6', 'GEN-10'] };
  }
}

/** A cluster-wide name of a gateway: `ns/name`, or a DNS name. */
export function* checkGatewayNames(names: readonly Sourced<string>[]): Problems {
  for (const { value, at } of names) {
    const slash = value.indexOf('/');
    if (slash < 0) {
      if (!isFqdn(value)) yield { at, because: `${value || '(empty)'} is no name of a gateway`, rules: ['GWR-1'] };
      return; // istiod looks no further after a name without namespace
    }
    if (!isDnsLabel(value.slice(0, slash))) {
      yield { at, because: `${value.slice(0, slash) || '(empty)'} is no namespace`, rules: ['GWR-1'] };
    }
    if (!isDnsLabel(value.slice(slash + 1))) {
      yield { at, because: `${value.slice(slash + 1) || '(empty)'} is no name of a gateway`, rules: ['GWR-1'] };
    }
  }
}

/** Whether a field is there and not null. */
export function isSet(from: Fields, key: string): boolean {
  const node = from.raw(key);
  return node !== undefined && !(node.kind === 'scalar' && node.value === null && node.plain);
}
