import type { AppMessage } from './arrival.js';
import { grpcStatusOf } from './grpc.js';

/** Whether Envoy takes a request for gRPC. */
export function isGrpc(message: AppMessage): boolean {
  return message.protocol === 'grpc' || /^application\/grpc(\+|;|$)/.test(message.headers['content-type'] ?? '');
}

/** What a proxy's own answer looks like to its caller: gRPC callers get 200 with a grpc-status (ACT-11). */
export function localReply(
  status: number,
  message: AppMessage,
): { readonly status: number; readonly grpcStatus?: number } {
  return isGrpc(message) ? { status: 200, grpcStatus: grpcStatusOf(status) } : { status };
}
