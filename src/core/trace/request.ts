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

export const TLS_SCHEMES: ReadonlySet<Scheme> = new Set(['https', 'tls']);

export function portOf(to: Target): number {
  return to.port ?? (TLS_SCHEMES.has(to.scheme ?? 'http') ? 443 : 80);
}
