import type { MeshSnapshot } from '../mesh/snapshot.js';
import type { MirrorPolicy, RetryPolicy, Route, RouteConfiguration, VirtualHost } from '../xds/config.js';
import type { Proxy } from '../xds/proxy.js';
import type { AppMessage } from './arrival.js';
import type { Decision } from './path.js';

/** What a proxy knows of a request apart from the message. */
export interface RouteContext {
  /** What the request calls its scheme where it arrived: `https` where the listener took off TLS. */
  readonly scheme: 'http' | 'https';
  /** Claims of an accepted token, which routes of gateways may look at (RT-9). */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
}

/** One course that a request takes through a route table. */
export type RoutedBranch = {
  /** Part of such requests, 0..1; those of one request sum to one. */
  readonly share: number;
  /** What sets it apart: `90 % → outbound|80|v1|...`; empty when there is only one. */
  readonly label: string;
  readonly decisions: readonly Decision[];
  readonly virtualHost: VirtualHost | undefined;
  readonly route: Route | undefined;
  /** Injected before it goes on or ends (ACT-7). */
  readonly delaySeconds: number;
  /** DI when a delay was injected. */
  readonly flags: string;
} & (RoutedEnd | RoutedOn);

/** The proxy answers by itself. */
export interface RoutedEnd {
  readonly kind: 'end';
  /** As the caller sees it; of a gRPC request 200. */
  readonly status: number;
  readonly grpcStatus: number | undefined;
  readonly details: string;
  readonly location: string | undefined;
  readonly because: string;
}

/** It goes on to a cluster. */
export interface RoutedOn {
  readonly kind: 'forward';
  readonly cluster: string;
  /** As it goes upstream. */
  readonly message: AppMessage;
  readonly retries: RetryPolicy;
  readonly timeoutSeconds: number | undefined;
  /** 503 or 500 (DST-4). */
  readonly clusterNotFoundStatus: number;
  readonly mirrors: readonly MirroredRequest[];
}

/** A copy that is sent off with the request. */
export interface MirroredRequest {
  readonly policy: MirrorPolicy;
  readonly message: AppMessage;
}

/** A request through a route table: virtual host, route, fault, CORS, redirect or destination (TR-6). */
export function routeHttp(
  _mesh: MeshSnapshot,
  _proxy: Proxy,
  _config: RouteConfiguration,
  _message: AppMessage,
  _context: RouteContext,
): readonly RoutedBranch[] {
  return [];
}
