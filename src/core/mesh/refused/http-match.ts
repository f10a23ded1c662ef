import type { Fields } from '../../model/fields.js';
import { claimHeader } from '../../model/claim-header.js';
import {
  checkGatewayNames,
  checkLabels,
  checkPort,
  checkRegex,
  HEADER_NAME,
  isDnsLabel,
  type Problems,
} from './checks.js';

const PSEUDO_HEADERS = new Set([':method', ':scheme', ':authority', ':path', ':status']);

/** One `match` of an http entry (RT-3..RT-9). */
export function* checkHttpMatch(match: Fields, forMesh: boolean): Problems {
  for (const key of ['headers', 'withoutHeaders'] as const) {
    const without = key === 'withoutHeaders';
    for (const { value: name, at } of match.fields(key)?.keyNames() ?? []) {
      const condition = match.fields(key)!.fields(name);
      if (!condition && !without) yield { at, because: `the condition on header ${name} is empty`, rules: ['RT-5'] };
      if (forMesh && claimHeader(name)) {
        yield { at, because: `${name}: only gateways route by claims`, rules: ['RT-9', 'GEN-10'] };
      }
      if (!claimHeader(name) && !PSEUDO_HEADERS.has(name) && !HEADER_NAME.test(name)) {
        yield { at, because: `${name || '(empty)'} is no header name`, rules: ['RT-5'] };
      }
      // `*` is no regular expression, but in withoutHeaders istiod takes it for «present» (RT-6)
      const star = without && condition?.string('regex')?.value === '*';
      if (condition && !star) yield* checkStringMatch(condition, `header ${name}`, without ? 'RT-6' : 'RT-5');
    }
  }
  const uri = match.fields('uri');
  if (uri) yield* checkStringMatch(uri, 'uri', 'RT-4', true);
  for (const key of ['scheme', 'method', 'authority'] as const) {
    const condition = match.fields(key);
    if (condition) yield* checkStringMatch(condition, key, 'RT-7');
  }
  const query = match.fields('queryParams');
  for (const name of query?.keys() ?? []) {
    const condition = query!.fields(name);
    if (condition) yield* checkStringMatch(condition, `query parameter ${name}`, 'RT-8');
  }
  const port = match.number('port');
  if (port?.value !== 0) yield* checkPort(port);
  yield* checkLabels(match, 'sourceLabels');
  yield* checkGatewayNames(match.strings('gateways'));
  const namespace = match.string('sourceNamespace');
  if (namespace && namespace.value !== '' && !isDnsLabel(namespace.value)) {
    yield { at: namespace.at, because: `${namespace.value} is no namespace` };
  }
}

/** An empty prefix or regex says nothing; of a uri an empty prefix is taken. */
export function* checkStringMatch(condition: Fields, what: string, rule: string, emptyPrefix = false): Problems {
  const kinds = ['exact', 'prefix', 'regex'].filter((it) => condition.has(it));
  if (kinds.length > 1) {
    yield { at: condition.at, because: `${what}: only one of ${kinds.join(', ')} may be given`, rules: [rule] };
  }
  const prefix = condition.string('prefix');
  if (prefix?.value === '' && !emptyPrefix)
    yield { at: prefix.at, because: `the prefix of ${what} is empty`, rules: [rule] };
  const regex = condition.string('regex');
  if (!regex) return;
  for (const problem of checkRegex(regex, what)) yield { ...problem, rules: [rule, 'GEN-10'] };
}
