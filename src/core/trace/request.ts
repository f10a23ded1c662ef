/** Who asks for what. The same shape in requests files, on the command line and in the side panel. */
export interface TraceRequest {
  readonly name?: string;
  readonly from: Requester;
  readonly to: Target;
  /** A bearer token that the request carries. */
  readonly jwt?: Token;
}

export type Requester =
  /** `ns/name` of a Pod, or of a workload (its pods are alike). */
  | { readonly pod: string }
  /** `ns/name` of a gateway's pod, workload or Service: a client outside of the cluster calls it on `to.port` of its Service,
   *  or with `via: pod` straight on that port of the pod. */
  | { readonly gateway: string; readonly via?: 'pod' };

export type Scheme = 'http' | 'http2' | 'grpc' | 'https' | 'tls' | 'tcp';

export interface Target {
  /** As the application writes it; resolved by the client pod's search list. */
  readonly host: string;
  /** 80, or 443 for https and tls. */
  readonly port?: number;
  readonly scheme?: Scheme;
  /** With query. */
  readonly path?: string;
  readonly method?: string;
  /** `host` sets the authority. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What TLS carries when it is not `host`; `-` for none. */
  readonly sni?: string;
  /** Dial this address and do not ask DNS. */
  readonly ip?: string;
  readonly body?: string;
}

export interface Token {
  readonly iss?: string;
  readonly sub?: string;
  readonly aud?: string | readonly string[];
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly expired?: boolean;
  readonly badSignature?: boolean;
}

/** How an application behaves when reached; by default it answers 200 at once on every port that it declares. */
export interface AppBehaviour {
  /** `ns/name` of a pod or workload, `ns/*`, or a host outside. */
  readonly pod: string;
  readonly status?: number;
  readonly failFirst?: number;
  readonly failStatus?: number;
  /** Seconds, or text such as `3s`. */
  readonly delay?: number | string;
  readonly down?: boolean;
  readonly reset?: boolean;
  /** Listens here, too. */
  readonly ports?: readonly number[];
  readonly tlsPorts?: readonly number[];
  readonly plainPorts?: readonly number[];
}

/** What is known of the world around the mesh; everything has a default. */
export interface World {
  readonly apps: readonly AppBehaviour[];
  /** Names outside of the cluster that resolve, and to what. */
  readonly external: readonly { readonly host: string; readonly ip: string }[];
  readonly nxdomain: readonly string[];
  /** Pods in namespaces that have no Namespace document are taken to have a sidecar. */
  readonly assumeInjected: boolean;
  /** Make up the default gateways' pods and Services when a Gateway selects them and no pod is there. */
  readonly synthesizeGateways: boolean;
  /** TLS secrets that Gateways name and nobody declares are taken to exist. */
  readonly synthesizeMissingTlsSecrets: boolean;
}

export const DEFAULT_WORLD: World = {
  apps: [],
  external: [],
  nxdomain: [],
  assumeInjected: false,
  synthesizeGateways: true,
  synthesizeMissingTlsSecrets: false,
};

export const TLS_SCHEMES: ReadonlySet<Scheme> = new Set(['https', 'tls']);

export function portOf(to: Target): number {
  return to.port ?? (TLS_SCHEMES.has(to.scheme ?? 'http') ? 443 : 80);
}
