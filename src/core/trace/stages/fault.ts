import { GRPC_CODES } from '../../base/grpc-codes.js';
import type { Sourced } from '../../base/location.js';
import type { Fault } from '../../model/virtual-service.js';
import type { AppMessage } from '../arrival.js';
import { decision } from '../decide.js';
import { grpcStatusOf } from '../grpc.js';
import { isGrpc } from '../local-reply.js';
import type { Decision } from '../path.js';
import { percent } from './split-by-weight.js';

/** One way in which a route's fault may act on a request. */
export interface FaultBranch {
  readonly share: number;
  readonly label: string;
  readonly delaySeconds: number;
  /** `DI`, `FI`, `DI,FI`, or empty. */
  readonly flags: string;
  readonly abort:
    { readonly status: number; readonly grpcStatus: number | undefined; readonly because: string } | undefined;
  readonly decisions: readonly Decision[];
}

/** Delay and abort are drawn apart, delay first; neither without a percentage (ACT-7). */
export function injectFault(fault: Fault | undefined, message: AppMessage): FaultBranch[] {
  const untouched: FaultBranch = { share: 1, label: '', delaySeconds: 0, flags: '', abort: undefined, decisions: [] };
  const delay = fault?.delay;
  const delayed = split(untouched, delay?.seconds ? partOf(delay.percentage) : 0, (it) => withDelay(it, delay!));
  return delayed.flatMap((branch) => {
    const abort = fault?.abort;
    const answer = abort && answerOf(abort, message);
    return split(branch, answer ? partOf(abort.percentage) : 0, (it) => withAbort(it, abort!, answer!));
  });
}

/** In two, unless the change comes always or never. */
function split(branch: FaultBranch, share: number, change: (it: FaultBranch) => FaultBranch): FaultBranch[] {
  if (share <= 0) return [branch];
  const changed = change({ ...branch, share: branch.share * share });
  if (share >= 1) return [{ ...changed, label: branch.label }];
  const spared = { ...branch, share: branch.share * (1 - share) };
  return [changed, { ...spared, label: join(branch.label, `${percent(1 - share)} ${noLabel(changed, branch)}`) }];
}

function noLabel(changed: FaultBranch, before: FaultBranch): string {
  return changed.abort && !before.abort ? 'not aborted' : 'not delayed';
}

function withDelay(branch: FaultBranch, delay: NonNullable<Fault['delay']>): FaultBranch {
  const seconds = delay.seconds!.value;
  const part = partOf(delay.percentage);
  const said = decision('inject fault', {
    chose: `wait ${seconds} s`,
    because: `The route delays ${percent(part)} of its requests; its timeout does not count that time`,
    rules: ['ACT-7'],
    evidence: [delay.seconds!.at, delay.percentage?.at],
    state: 'warning',
  });
  return {
    ...branch,
    label: join(branch.label, `${percent(part)} delayed ${seconds} s`),
    delaySeconds: branch.delaySeconds + seconds,
    flags: 'DI',
    decisions: [...branch.decisions, said],
  };
}

function withAbort(
  branch: FaultBranch,
  abort: NonNullable<Fault['abort']>,
  answer: { readonly status: number; readonly grpcStatus: number | undefined },
): FaultBranch {
  const part = partOf(abort.percentage);
  const text = answer.grpcStatus === undefined ? `${answer.status}` : `grpc-status ${answer.grpcStatus}`;
  const because = `The route aborts ${percent(part)} of its requests with ${text}`;
  const said = decision('inject fault', {
    chose: `answer ${text}`,
    because,
    rules: ['ACT-7'],
    evidence: [abort.httpStatus?.at ?? abort.grpcStatus?.at ?? abort.at, abort.percentage?.at],
    state: 'warning',
  });
  return {
    ...branch,
    label: join(branch.label, `${percent(part)} aborted`),
    flags: branch.flags === '' ? 'FI' : `${branch.flags},FI`,
    abort: { ...answer, because },
    decisions: [...branch.decisions, said],
  };
}

/** A gRPC status goes with HTTP 200; callers that speak no gRPC see that 200 only (ACT-7, ACT-11). */
function answerOf(
  abort: NonNullable<Fault['abort']>,
  message: AppMessage,
): { status: number; grpcStatus: number | undefined } | undefined {
  const grpc = isGrpc(message);
  if (abort.grpcStatus) {
    const code = GRPC_CODES.indexOf(abort.grpcStatus.value.toUpperCase());
    if (code < 0) return undefined;
    return { status: 200, grpcStatus: grpc ? code : undefined };
  }
  const status = abort.httpStatus?.value;
  if (status === undefined) return undefined;
  return grpc ? { status: 200, grpcStatus: grpcStatusOf(status) } : { status, grpcStatus: undefined };
}

/** Envoy counts in millionths. */
function partOf(percentage: Sourced<number> | undefined): number {
  const millionths = Math.floor((percentage?.value ?? 0) * 1e6 + 1e-6);
  return Math.min(1, Math.max(0, millionths / 1e6));
}

function join(...labels: readonly string[]): string {
  return labels.filter((it) => it !== '').join(', ');
}
