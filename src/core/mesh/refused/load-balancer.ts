import type { Location } from '../../base/location.js';
import type { Fields } from '../../model/fields.js';
import { checkDuration, checkWord, isSet, type Problems } from './checks.js';

const TOPOLOGY = ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone', 'topology.istio.io/subzone'];

/** `loadBalancer` of a trafficPolicy (CL-4, CL-5). */
export function* checkLoadBalancer(balancer: Fields): Problems {
  yield* checkWord(balancer, 'simple', [
    'UNSPECIFIED',
    'LEAST_CONN',
    'RANDOM',
    'PASSTHROUGH',
    'ROUND_ROBIN',
    'LEAST_REQUEST',
  ]);
  if (isSet(balancer, 'simple') && isSet(balancer, 'consistentHash')) {
    yield {
      at: balancer.keyAt('consistentHash'),
      because: 'simple and consistentHash exclude each other',
      rules: ['CL-4'],
    };
  }
  const hash = balancer.fields('consistentHash');
  if (hash) yield* checkHash(hash);
  const locality = balancer.fields('localityLbSetting');
  if (locality && isSet(balancer, 'zoneAwareLbSetting')) {
    const because = 'localityLbSetting and zoneAwareLbSetting exclude each other';
    yield { at: balancer.keyAt('zoneAwareLbSetting'), because, rules: ['CL-5'] };
  }
  if (locality) yield* checkLocality(locality);
  const warmup = balancer.fields('warmup');
  if (!warmup) return;
  if (!isSet(warmup, 'duration')) yield { at: warmup.at, because: 'warmup needs a duration', rules: ['CL-4'] };
  yield* checkDuration(warmup, 'duration');
  const least = warmup.number('minimumPercent');
  if (least && least.value > 100) yield { at: least.at, because: `${least.value} is more than 100 %`, rules: ['CL-4'] };
  const aggression = warmup.number('aggression');
  if (aggression && aggression.value <= 0)
    yield { at: aggression.at, because: 'aggression must be above zero', rules: ['CL-4'] };
}

function* checkHash(hash: Fields): Problems {
  const rules = ['CL-4'];
  const cookie = hash.fields('httpCookie');
  if (cookie && !cookie.string('name')?.value) yield { at: cookie.at, because: 'httpCookie needs a name', rules };
  const seen = new Set<string>();
  for (const attribute of cookie?.list('attributes') ?? []) {
    const name = attribute.string('name');
    if (!name?.value) yield { at: attribute.at, because: 'an attribute of a cookie needs a name', rules };
    else if (seen.has(name.value)) yield { at: name.at, because: `attribute ${name.value} comes twice`, rules };
    seen.add(name?.value ?? '');
  }
  const algorithm = ['ringHash', 'maglev'].find((it) => isSet(hash, it));
  const ring = hash.number('minimumRingSize');
  if (ring && ring.value !== 0 && algorithm !== undefined) {
    yield { at: ring.at, because: `minimumRingSize and ${algorithm} exclude each other`, rules };
  }
  const maglev = hash.fields('maglev');
  const size = maglev?.number('tableSize')?.value ?? 0;
  if (maglev && (size >= 5000011 || !isPrime(size))) {
    yield { at: maglev.valueAt('tableSize'), because: 'tableSize must be a prime below 5000011', rules };
  }
}

function isPrime(value: number): boolean {
  if (value > 0 && value < 4) return true;
  if (value % 2 === 0) return false;
  for (let factor = 3; factor * factor <= value; factor += 2) if (value % factor === 0) return false;
  return true;
}

function* checkLocality(locality: Fields): Problems {
  const rules = ['CL-5'];
  const distribute = locality.list('distribute');
  const failover = locality.list('failover');
  if (distribute.length > 0 && failover.length > 0) {
    yield { at: locality.keyAt('failover'), because: 'distribute and failover exclude each other', rules };
  }
  for (const label of failover.length > 0 ? locality.strings('failoverPriority') : []) {
    if (TOPOLOGY.includes(label.value)) {
      yield { at: label.at, because: `failover and ${label.value} in failoverPriority exclude each other`, rules };
    }
  }
  yield* checkLocalities(
    distribute.map((it) => it.string('from') ?? { value: '', at: it.at }),
    true,
  );
  for (const to of distribute.map((it) => it.fields('to'))) {
    const names = to?.keyNames() ?? [];
    let sum = 0;
    for (const { value: name } of names) {
      const weight = to!.number(name) ?? { value: 0, at: to!.at };
      if (weight.value <= 0 || weight.value > 100) {
        yield { at: weight.at, because: `weight ${weight.value} is not between 1 and 100`, rules };
      }
      sum += weight.value;
    }
    if (sum !== 100) yield { at: to?.at ?? locality.at, because: `the weights add up to ${sum}, not to 100`, rules };
    yield* checkLocalities(names, false);
  }
  for (const it of failover) {
    const [from, to] = [it.string('from')?.value ?? '', it.string('to')?.value ?? ''];
    if (from === to) yield { at: it.at, because: 'failover must go to another region', rules };
    if (/[/*]/.test(from + to))
      yield { at: it.at, because: 'failover goes from region to region, without / and *', rules };
  }
}

/** Names must not be empty in any part, nor lie within an earlier one; a star may only end them. */
function* checkLocalities(
  names: readonly { readonly value: string; readonly at: Location }[],
  ordered: boolean,
): Problems {
  const rules = ['CL-5'];
  const before: string[][] = [];
  for (const { value, at } of names) {
    const parts = value.split('/').slice(0, 3);
    if (parts.some((it) => it === '')) yield { at, because: `${value || '(empty)'} is no region/zone/subzone`, rules };
    if (value.slice(0, -1).includes('*')) yield { at, because: `${value}: a star may only stand at the end`, rules };
    // the keys of a mapping have no order in istiod: only what clashes in either order clashes for certain
    const clash = before.some((it) => within(it, parts) && (ordered || within(parts, it)));
    if (clash) yield { at, because: `${value} overlaps with another`, rules };
    before.push(parts);
  }
}

/** Whether the earlier one has taken what the later one asks for; a later star takes only the rest. */
function within(earlier: readonly string[], later: readonly string[]): boolean {
  for (let i = 0; i < earlier.length && i < later.length; i++) {
    if (earlier[i] === '*') return true;
    if (earlier[i] !== later[i]) return false;
  }
  return true;
}
