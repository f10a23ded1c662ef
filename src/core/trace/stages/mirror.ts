import type { AppMessage } from '../arrival.js';
import { decision } from '../decide.js';
import type { Decision } from '../path.js';
import type { MirroredRequest } from '../route.js';
import type { ClusterAction } from './split-by-weight.js';
import { percent } from './split-by-weight.js';

/** Copies of what goes upstream, rewritten as it is, Host included; nobody waits for their answers (ACT-9). */
export function mirror(
  action: ClusterAction,
  message: AppMessage,
): { readonly copies: readonly MirroredRequest[]; readonly decisions: readonly Decision[] } {
  const copies = action.mirrors.map((policy) => ({ policy, message }));
  const decisions = action.mirrors.map((policy) =>
    decision('mirror', {
      chose: `copy to ${policy.cluster}`,
      because: `The route copies ${policy.share >= 1 ? 'all' : percent(policy.share)} of its requests; the answer is thrown away`,
      rules: ['ACT-9'],
      evidence: [policy.at],
    }),
  );
  return { copies, decisions };
}
