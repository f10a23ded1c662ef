import type { Assumption, Rejected } from '../base/explained.js';
import type { Location } from '../base/location.js';
import type { HashKey, OutlierDetection } from '../model/destination-rule.js';
import type { StringMap } from '../model/fields.js';
import type {
  CorsPolicy,
  DirectResponse,
  Fault,
  Headers,
  HttpMatch,
  Redirect,
  Rewrite,
} from '../model/virtual-service.js';

/*
 * What istiod pushes to one proxy, as far as a packet can feel it. Every object carries the YAML that made it (`evidence`),
 * what was considered and left out (`rejected`) and the rules of the semantics that apply. Names are those that
 * `istioctl proxy-config` prints.
 */

interface Pushed {
  readonly evidence: readonly Location[];
  readonly rejected: readonly Rejected[];
  readonly rules: readonly string[];
  readonly assumptions: readonly Assumption[];
}

export interface Listener extends Pushed {
  /** `0.0.0.0_9080`, `10.0.0.1_5432`, `virtualOutbound`, `virtualInbound`. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly chains: readonly FilterChain[];
  /** Takes what no chain takes. */
  readonly defaultChain: FilterChain | undefined;
}

/** Criteria of a chain; an absent one takes anything (LIS-12). */
export interface ChainMatch {
  readonly port?: number;
  /** CIDR blocks of the original destination. */
  readonly subnets?: readonly string[];
  readonly sni?: readonly string[];
  readonly transport?: 'tls' | 'raw_buffer';
  readonly alpn?: readonly string[];
}

export interface FilterChain extends Pushed {
  /** Empty for the chains that istiod leaves unnamed. */
  readonly name: string;
  readonly match: ChainMatch;
  /** Whether this chain takes off TLS, and what it asks of the client. */
  readonly tls: DownstreamTls | undefined;
  readonly filter: HttpManager | TcpProxy | BlackHole;
}

export interface DownstreamTls {
  readonly mode: 'mesh' | 'simple' | 'mutual' | 'optional-mutual';
  /** The secret to serve is not to be had: every handshake fails (GW-16). */
  readonly secretMissing?: string;
}

/** `RDS` route configurations are named and looked up; inbound ones come with the chain. */
export interface HttpManager {
  readonly kind: 'http';
  readonly routeConfig: string;
  readonly inline?: RouteConfiguration;
}

export interface TcpProxy {
  readonly kind: 'tcp';
  /** Weights sum to one. */
  readonly clusters: readonly WeightedCluster[];
}

export interface BlackHole {
  readonly kind: 'blackhole';
}

export interface WeightedCluster extends Pushed {
  readonly cluster: string;
  readonly weight: number;
  /** Header operations of this destination (ACT-10). */
  readonly headers: Headers | undefined;
}

export interface RouteConfiguration extends Pushed {
  readonly name: string;
  readonly virtualHosts: readonly VirtualHost[];
  /** The port in `Host` plays no part (VH-7). */
  readonly ignorePort: boolean;
}

export interface VirtualHost extends Pushed {
  /** `reviews.shop.svc.cluster.local:9080`, `allow_any`, `block_all`, `blackhole:80`. */
  readonly name: string;
  /** Lower-cased; may start with `*` or be `*`. */
  readonly domains: readonly string[];
  readonly routes: readonly Route[];
  /** Every plaintext request is redirected to https (GW-17). */
  readonly requireTls: boolean;
}

/** A path condition that Envoy has and StringMatch lacks: whole path segments (Gateway API, Ingress). */
export type RouteMatch = HttpMatch & { readonly pathSegments?: string };

export interface Route extends Pushed {
  /** RT-10; empty for the unnamed. */
  readonly name: string;
  /** `undefined` takes every request. */
  readonly match: RouteMatch | undefined;
  readonly action: RouteAction;
  readonly timeout: { readonly seconds: number; readonly at: Location | undefined } | undefined;
  readonly retries: RetryPolicy;
  readonly fault: Fault | undefined;
  readonly cors: CorsPolicy | undefined;
  readonly headers: Headers | undefined;
  /** Position in the YAML for people: `route #2 (prefix /api)`. */
  readonly title: string;
  /** The object that made it; `undefined` for default routes. */
  readonly config: { readonly kind: string; readonly namespace: string; readonly name: string } | undefined;
}

export type RouteAction =
  | {
      readonly kind: 'clusters';
      readonly clusters: readonly WeightedCluster[];
      /** Several are written, even if one is left: then each destination's headers act before the route's (ACT-10). */
      readonly weighted?: boolean;
      readonly rewrite: Rewrite | undefined;
      readonly mirrors: readonly MirrorPolicy[];
      /** 503 for VirtualServices, 500 for Gateway API routes (DST-4). */
      readonly clusterNotFoundStatus: number;
    }
  | {
      readonly kind: 'redirect';
      readonly redirect: Redirect;
      readonly listenerPort: number;
      /** Where the listener takes off TLS, redirects without scheme are to https. */
      readonly tls?: boolean;
    }
  | { readonly kind: 'direct'; readonly response: DirectResponse };

export interface MirrorPolicy {
  readonly cluster: string;
  /** Part of one. */
  readonly share: number;
  readonly at: Location;
}

export interface RetryPolicy {
  /** Further tries after the first. */
  readonly attempts: number;
  readonly retryOn: readonly string[];
  readonly statusCodes: readonly number[];
  readonly perTryTimeout: number | undefined;
  readonly at: Location | undefined;
}

export type ClusterType = 'EDS' | 'STRICT_DNS' | 'LOGICAL_DNS' | 'ORIGINAL_DST' | 'DYNAMIC_FORWARD_PROXY' | 'STATIC';

export interface Cluster extends Pushed {
  readonly name: string;
  readonly type: ClusterType;
  /** The service host; empty for PassthroughCluster and the like. */
  readonly host: string;
  readonly servicePort: number;
  readonly subset: string;
  readonly tls: UpstreamTls;
  readonly loadBalancer: string;
  /** What of a request decides its endpoint; a request without it goes to any. */
  readonly hash: HashKey | undefined;
  /** Places in Maglev's table, or least number of points on the ring. */
  readonly hashSize: number;
  readonly connectTimeout: number;
  /** HTTP/2 towards the upstream whatever the client spoke (OBS-6); `client` keeps the client's protocol. */
  readonly http: 'HTTP/1.1' | 'HTTP/2' | 'client';
  readonly limits: CircuitLimits;
  readonly outlier: OutlierDetection | undefined;
  /** Hosts are weighed by locality before they are weighed by themselves (CL-5). */
  readonly localityWeighted: boolean;
  /** Original destination with another port (CL-2). */
  readonly portOverride: number | undefined;
}

/** Limits that are set; unset ones are unlimited. */
export interface CircuitLimits {
  readonly maxConnections?: number;
  readonly maxPending?: number;
  readonly maxRequests?: number;
  readonly maxRetries?: number;
  readonly at?: Location;
}

/** What the proxy speaks to the endpoints of a cluster (TLS-1..4). `sans` are the names that the server must prove; none: any. */
export type UpstreamTls =
  | { readonly mode: 'none'; readonly at: Location | undefined }
  /** Decided for each endpoint. */
  | { readonly mode: 'auto'; readonly sni: string; readonly sans: readonly string[] }
  | {
      readonly mode: 'istio-mutual';
      readonly sni: string;
      readonly sans: readonly string[];
      readonly at: Location | undefined;
    }
  | {
      readonly mode: 'simple' | 'mutual';
      /** `undefined`: the request's authority. */
      readonly sni: string | undefined;
      readonly sans: readonly string[];
      readonly at: Location;
      /** Whether the server's certificate is looked at. */
      readonly verified: boolean;
      /** The secret to prove or to check with is not to be had: every handshake fails. */
      readonly secretMissing?: string;
    };

export interface LbEndpoint {
  /** IP, or host name for DNS clusters. */
  readonly address: string;
  readonly port: number;
  /** `ns/workload:port`, `host:port`, `ip:port`: how outcomes name it. */
  readonly id: string;
  /** `ns/name` of the pod that answers there, when the environment has it. */
  readonly pod: string | undefined;
  readonly healthy: boolean;
  readonly labels: StringMap;
  readonly locality: string;
  /** 0 first. */
  readonly priority: number;
  readonly weight: number;
  /** Of all endpoints of its locality and priority together. */
  readonly localityWeight: number;
  /** The proxy has been told that this endpoint takes mesh TLS. */
  readonly tlsMode: 'istio' | 'disabled';
  /** For automatic TLS: what is spoken to it. */
  readonly mutual: boolean;
  readonly evidence: readonly Location[];
}

/** A cluster's endpoints, with those that were left out. */
export interface ClusterLoadAssignment extends Pushed {
  readonly cluster: string;
  readonly endpoints: readonly LbEndpoint[];
}
