import type { Location } from '../base/location.js';
import type { Fields } from '../model/fields.js';
import type { Selector } from '../model/resource.js';
import type { TargetRef } from '../model/security.js';
import type { Refusal } from './refused.js';

/** The first mistake that was found, if any. */
export type Mistake = Refusal | undefined;

/** A mistake that makes the webhook refuse an object (GEN-10), with further rules that speak of it. */
export function said(at: Location, because: string, ...rules: string[]): Refusal {
  return { at, because, rules: ['GEN-10', ...rules] };
}

/** What a policy attaches to: labels, or named objects of its own namespace (AZ-1). */
export function wrongTarget(it: {
  readonly selector: Selector | undefined;
  readonly targetRefs: readonly TargetRef[];
  readonly body: Fields;
}): Mistake {
  if (it.selector && it.targetRefs.length > 0)
    return said(it.selector.at, 'Either selector or targetRefs, not both', 'AZ-1');
  const spec = it.body.fieldsOrEmpty('spec');
  const single = spec.fields('targetRef');
  for (const ref of [...(single ? [single] : []), ...spec.list('targetRefs')]) {
    const kind = `${ref.string('group')?.value ?? ''}/${ref.string('kind')?.value ?? ''}`;
    if (!ref.string('name')?.value) return said(ref.at, 'A target needs a name', 'AZ-1');
    if (ref.string('namespace')?.value)
      return said(ref.valueAt('namespace'), 'A target lives in the namespace of its policy', 'AZ-1');
    if (!TARGETS.has(kind)) return said(ref.at, `Policies cannot attach to ${kind}`, 'AZ-1');
  }
  return wrongSelector(it.selector);
}

const TARGETS = new Set([
  '/Service',
  'core/Service',
  'networking.istio.io/ServiceEntry',
  'gateway.networking.k8s.io/Gateway',
  'gateway.networking.k8s.io/GatewayClass',
]);

export function wrongSelector(selector: Selector | undefined): Mistake {
  for (const [key, { value, at }] of selector?.labels ?? []) {
    if (key === '' || key.includes('*') || value.includes('*')) return said(at, 'Selectors have no wildcards', 'AZ-1');
  }
  return undefined;
}

/** A word that is none of an enumeration's. */
export function wrongWord(from: readonly (Fields | undefined)[], key: string, words: readonly string[]): Mistake {
  const written = from.map((it) => it?.string(key)).find((it) => it && !words.includes(it.value));
  return written && said(written.at, `${written.value} is none of ${words.join(', ')}`);
}
