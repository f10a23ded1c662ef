import type { Location, Sourced } from '../../base/location.js';
import type { HeaderOperations, Headers } from '../../model/virtual-service.js';
import type { AppMessage } from '../arrival.js';
import type { Effect } from '../path.js';

/** Header operations of several places, in the order in which they act. */
export interface HeaderPass {
  readonly operations: readonly HeaderOperations[];
}

/**
 * Passes over the request's headers (ACT-10): with one destination the route's list and the destination's are one, so that the
 * destination's comes last; with several the destination's list acts first and the route's has the last word.
 */
export function requestPasses(
  route: Headers | undefined,
  destination: Headers | undefined,
  weighted: boolean,
): HeaderPass[] {
  const ofRoute = route?.request;
  const ofDestination = destination?.request;
  const both = [ofRoute, ofDestination].filter((it) => it !== undefined);
  if (!weighted) return [{ operations: both }];
  return [ofDestination, ofRoute].flatMap((it) => (it ? [{ operations: [it] }] : []));
}

/** The headers after all passes; in each, removals come first, then sets and adds in order. */
export function applyHeaders(
  passes: readonly HeaderPass[],
  message: AppMessage,
): {
  readonly headers: Readonly<Record<string, string>>;
  readonly effects: readonly Effect[];
  readonly evidence: readonly Location[];
} {
  const headers: Record<string, string> = { ...message.headers };
  const evidence: Location[] = [];
  for (const { operations } of passes) {
    for (const { remove } of operations) {
      for (const { value, at } of remove.filter((it) => !isReserved(it.value))) {
        delete headers[value.toLowerCase()];
        evidence.push(at);
      }
    }
    for (const { set, add } of operations) {
      for (const [name, value] of changes(set)) {
        const text = filled(value.value, headers, message);
        if (text === '') continue; // Envoy sets and adds no empty values
        headers[name] = text;
        evidence.push(value.at);
      }
      for (const [name, value] of changes(add)) {
        const more = filled(value.value, headers, message);
        if (more === '') continue;
        headers[name] = headers[name] === undefined ? more : `${headers[name]},${more}`;
        evidence.push(value.at);
      }
    }
  }
  return { headers, effects: effectsOf(message.headers, headers), evidence };
}

/** The authority that header operations ask for, through Host or `:authority` (ACT-4). */
export function authorityIn(operations: HeaderOperations | undefined): Sourced<string> | undefined {
  if (!operations) return undefined;
  const named = (map: HeaderOperations['set']): Sourced<string> | undefined =>
    [...map].find(([name, value]) => isAuthority(name) && value.value !== '')?.[1];
  return named(operations.set) ?? named(operations.add);
}

function changes(map: HeaderOperations['set']): [string, Sourced<string>][] {
  return [...map]
    .filter(([name]) => !isReserved(name))
    .map(([name, value]): [string, Sourced<string>] => [name.toLowerCase(), value])
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function isAuthority(name: string): boolean {
  return /^(:authority|host)$/i.test(name);
}

/** Host and pseudo headers are no matter of header operations. */
function isReserved(name: string): boolean {
  return name.startsWith(':') || isAuthority(name);
}

/** Envoy's `%REQ(NAME?OTHER)%`, `%PROTOCOL%` and `%%`; what else stands between percent signs only the running proxy knows. */
function filled(value: string, headers: Readonly<Record<string, string>>, message: AppMessage): string {
  return value.replace(
    /%REQ\(([^)?]+)(?:\?([^)]+))?\) *%|%PROTOCOL%|%%/g,
    (all: string, name?: string, other?: string) => {
      if (all === '%%') return '%';
      if (name === undefined) return message.protocol === 'http1' ? 'HTTP/1.1' : 'HTTP/2';
      const found = headerOf(name, headers, message);
      return found ?? (other === undefined ? '' : (headerOf(other, headers, message) ?? ''));
    },
  );
}

function headerOf(name: string, headers: Readonly<Record<string, string>>, message: AppMessage): string | undefined {
  switch (name.toLowerCase()) {
    case ':authority':
    case 'host':
      return message.authority;
    case ':path':
      return message.path;
    case ':method':
      return message.method;
    case ':scheme':
      return message.scheme;
    default:
      return headers[name.toLowerCase()];
  }
}

function effectsOf(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): Effect[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names
    .filter((it) => before[it] !== after[it])
    .map((it) => ({ what: `header ${it}`, before: before[it] ?? '', after: after[it] ?? '' }));
}
