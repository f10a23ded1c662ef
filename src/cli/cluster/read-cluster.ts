import { ApiException, KubeConfig, KubernetesObjectApi, type KubernetesObject } from '@kubernetes/client-node';
import { UsageError } from '../exit.js';
import { LISTED_KINDS, type ListedKind } from './kinds.js';

export interface ClusterOptions {
  /** A context of the kubeconfig; its current one when not given. */
  readonly context: string | undefined;
}

export interface ClusterObjects {
  readonly objects: readonly KubernetesObject[];
  /** Kinds that were not to be had, and why. */
  readonly left: readonly string[];
}

/** Objects of a page; a cluster answers smaller pages while it is busy. */
const PAGE = 500;

/** Lists everything that the mesh is made of. Only reads; what the cluster does not have or does not allow is passed over with a word. */
export async function readCluster({ context }: ClusterOptions): Promise<ClusterObjects> {
  const config = new KubeConfig();
  config.loadFromDefault();
  if (context !== undefined) {
    const known = config.getContexts().map((it) => it.name);
    if (!known.includes(context))
      throw new UsageError(`--context ${context}: the kubeconfig has ${known.join(', ') || 'none'}`);
    config.setCurrentContext(context);
  }
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new UsageError('no cluster: set KUBECONFIG, or name one with --context');

  const api = KubernetesObjectApi.makeApiClient(config);
  const objects: KubernetesObject[] = [];
  const left: string[] = [];
  for (const listed of LISTED_KINDS) {
    try {
      objects.push(...(await listAll(api, listed)));
    } catch (error) {
      left.push(`${listed.kind}: ${reasonOf(error, cluster.server)}`);
    }
  }
  // one refusal is a missing CRD or right; nothing at all is a cluster that cannot be reached
  if (objects.length === 0)
    throw new UsageError(`${cluster.server}: nothing could be read (${left[0] ?? 'it has nothing'})`);
  return { objects, left };
}

async function listAll(api: KubernetesObjectApi, { apiVersion, kind }: ListedKind): Promise<KubernetesObject[]> {
  const found: KubernetesObject[] = [];
  let page: string | undefined;
  do {
    const list = await api.list(
      apiVersion,
      kind,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      PAGE,
      page,
    );
    // items of a list carry neither kind nor apiVersion
    for (const it of list.items) found.push({ ...it, apiVersion, kind });
    // typed kinds come with the field renamed, others as the server writes it
    page = list.metadata?._continue ?? (list.metadata as { readonly continue?: string } | undefined)?.continue;
  } while (page);
  return found;
}

function reasonOf(error: unknown, server: string): string {
  if (error instanceof ApiException) {
    if (error.code === 404) return 'the cluster does not have this kind';
    if (error.code === 401 || error.code === 403) return 'not allowed to list it';
    return `the cluster answered ${error.code}`;
  }
  const message = error instanceof Error ? error.message : String(error);
  if (/Unrecognized API version and kind/i.test(message)) return 'the cluster does not have this kind';
  return `${server} did not answer (${message.replace(/^Failed to fetch resource metadata for \S+: /, '')})`;
}
