import type { MirrorCopy, Path, Trace } from '../core/trace/path.js';
import { clusterTitle } from './cluster-name.js';
import { curlLine } from './curl.js';
import { ControlPlane } from './diagram-control.js';
import type { Context, Naming } from './diagram-detail.js';
import { controlLanes, planLanes } from './diagram-lanes.js';
import { messagesOf } from './diagram-messages.js';
import type { Branch, Diagram } from './diagram-model.js';
import { badgeOf, endpointsTitle } from './outcome-text.js';
import { requestTitle } from './request-text.js';

export type { Naming };

/** The answer to a request as the side panel draws it: a branch for each path, with lanes, boxes and numbered messages. */
export function toDiagram(trace: Trace, naming: Naming): Diagram {
  return {
    version: 1,
    request: trace.request,
    title: requestTitle(trace.request),
    curl: curlLine(trace.request),
    branches: trace.paths.map((path, index) =>
      toBranch(path, `branch-${index + 1}`, { request: trace.request, naming }),
    ),
  };
}

/** One path of a trace, drawn. */
function toBranch(path: Path, id: string, context: Context): Branch {
  const badge = badgeOf(path);
  const control = new ControlPlane(path.hops);
  const messages = messagesOf(path, badge, control, context);
  const places = planLanes(path.hops);
  const above = controlLanes(control.used);
  return {
    id,
    label: shortLabel(path),
    share: path.share,
    badge,
    lanes: [...places.lanes, ...above.lanes],
    boxes: [...places.boxes, ...above.boxes],
    messages,
    mirrors: path.mirrors.map((it) => mirrorTitle(it, path)),
    assumptions: [...new Set(path.assumptions.map((it) => it.text))],
  };
}

/** The label with clusters as people call them: a tab has no room for `outbound|9080|v1|reviews.shop.svc.cluster.local`. */
function shortLabel({ label, hops }: Path): string {
  return label.replace(/\boutbound\|[^\s,]*/g, (it) => clusterTitle(it, namespaceOf(hops)));
}

const namespaceOf = (hops: Path['hops']): string | undefined => hops[0]?.place.pod?.split('/')[0];

/** `all requests are copied to reviews v2 (shop/reviews-v2:9080)`. */
function mirrorTitle({ share, cluster, endpoints, because }: MirrorCopy, { hops }: Path): string {
  const part = share >= 1 ? 'every request' : `${percent(share)} of requests`;
  const where = endpoints.length ? `(${endpointsTitle(endpoints)})` : `and the copy is lost: ${because}`;
  return `${part} copied to ${clusterTitle(cluster, namespaceOf(hops))} ${where}`;
}

/** `90 %`, `0.1 %`, with no more digits than tell. */
export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
