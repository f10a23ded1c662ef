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
  /** Gateways that somebody asks about, which makes up the default ones among them, too; `ns/name`. */
  readonly askedGateways: readonly string[];
  /** TLS secrets that Gateways name and nobody declares are taken to exist. */
  readonly synthesizeMissingTlsSecrets: boolean;
}

export const DEFAULT_WORLD: World = {
  apps: [],
  external: [],
  nxdomain: [],
  assumeInjected: true,
  synthesizeGateways: true,
  askedGateways: [],
  synthesizeMissingTlsSecrets: false,
};
