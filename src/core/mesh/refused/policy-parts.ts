import type { Fields } from '../../model/fields.js';
import { readTargetRefFields } from '../../model/reading.js';
import { checkSelector, type Problem, type Problems } from './checks.js';

/** A mistake of a security policy, with further rules than GEN-10 that speak of it. */
export function said(at: Problem['at'], because: string, ...rules: string[]): Problem {
  return { at, because, rules: ['GEN-10', ...rules] };
}

const TARGETS = new Set([
  '/Service',
  'core/Service',
  'networking.istio.io/ServiceEntry',
  'gateway.networking.k8s.io/Gateway',
  'gateway.networking.k8s.io/GatewayClass',
]);

/** What a policy attaches to: labels, or named objects of its own namespace (AZ-1). */
export function* checkTarget(spec: Fields): Problems {
  const refs = readTargetRefFields(spec);
  const selector = spec.fields('selector');
  if (selector && refs.some((ref) => ref.string('name')))
    yield said(selector.at, 'Either selector or targetRefs, not both', 'AZ-1');
  for (const ref of refs) {
    const kind = `${ref.string('group')?.value ?? ''}/${ref.string('kind')?.value ?? ''}`;
    if (!ref.string('name')?.value) yield said(ref.at, 'A target needs a name', 'AZ-1');
    if (ref.string('namespace')?.value)
      yield said(ref.valueAt('namespace'), 'A target lives in the namespace of its policy', 'AZ-1');
    if (!TARGETS.has(kind)) yield said(ref.at, `Policies cannot attach to ${kind}`, 'AZ-1');
  }
  yield* checkPolicySelector(spec);
}

export function* checkPolicySelector(spec: Fields): Problems {
  for (const { at, because } of checkSelector(spec.fields('selector'), 'matchLabels')) yield said(at, because, 'AZ-1');
}
