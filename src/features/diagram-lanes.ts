import { unreachable } from '../core/base/unreachable.js';
import type { Hop, Place } from '../core/trace/path.js';
import type { Box, Lane, LaneKind } from './diagram-model.js';

/** The lanes of a path and the boxes around them; `laneOf` finds the lane of a hop's place. */
export interface LanePlan {
  readonly lanes: readonly Lane[];
  readonly boxes: readonly Box[];
}

/** Names the lane of a place; a pod that calls itself has lanes for both of its parts. */
export function laneId({ kind, name, pod, side }: Place): string {
  return [kind, side, pod ?? name].join(' ');
}

/** Lanes in the order that the packet meets them, those of one pod kept together so that a box can hold them. */
export function planLanes(hops: readonly Hop[]): LanePlan {
  const groups = new Map<string, { readonly first: Place; readonly lanes: Lane[] }>();
  const order: string[] = [];
  for (const { place } of hops) {
    const key = groupOf(place);
    let group = groups.get(key);
    if (!group) {
      group = { first: place, lanes: [] };
      groups.set(key, group);
      order.push(key);
    }
    const id = laneId(place);
    if (!group.lanes.some((it) => it.id === id)) group.lanes.push(laneFor(place));
  }
  const planned = order.flatMap((key) => groups.get(key) ?? []);
  return {
    lanes: planned.flatMap((it) => it.lanes),
    boxes: planned.map(({ first, lanes }) => ({
      id: `box ${lanes[0]?.id ?? ''}`,
      ...boxFor(first),
      lanes: lanes.map((it) => it.id),
    })),
  };
}

const groupOf = (place: Place): string => (place.pod ? `${place.side} ${place.pod}` : laneId(place));

function laneFor(place: Place): Lane {
  return { id: laneId(place), kind: place.kind, ...laneTexts(place), controlPlane: false };
}

function laneTexts({ kind, name, pod }: Place): { readonly label: string; readonly sublabel: string } {
  const short = (pod ?? name).split('/').at(-1) ?? name;
  switch (kind) {
    case 'client':
      return { label: short, sublabel: pod ? 'client app' : 'client' };
    case 'app':
      return { label: short, sublabel: 'app' };
    case 'dns':
      return { label: name, sublabel: 'DNS' };
    case 'iptables':
      return { label: 'iptables', sublabel: 'pod network' };
    case 'sidecar':
      return { label: 'Envoy', sublabel: 'sidecar' };
    case 'node':
      return { label: name, sublabel: 'kube-proxy' };
    case 'gateway':
      return { label: short, sublabel: 'gateway Envoy' };
    case 'external':
      return { label: name, sublabel: 'outside the mesh' };
    default:
      return unreachable(kind);
  }
}

function boxFor({ kind, name, pod }: Place): Pick<Box, 'kind' | 'label'> {
  if (kind === 'gateway') return { kind: 'edge', label: pod ?? name };
  if (pod) return { kind: 'pod', label: pod };
  switch (kind) {
    case 'dns':
      return { kind: 'node', label: 'cluster DNS' };
    case 'node':
      return { kind: 'node', label: 'node' };
    default:
      return { kind: 'outside', label: 'outside' };
  }
}

/** A place in words, for a sentence: `the Envoy sidecar of shop/cart`. */
export function placeTitle({ kind, name, pod }: Place): string {
  switch (kind) {
    case 'client':
      return pod ? `client app ${pod}` : name;
    case 'dns':
      return `DNS ${name}`;
    case 'iptables':
      return `iptables of ${pod ?? name}`;
    case 'sidecar':
      return `Envoy sidecar of ${pod ?? name}`;
    case 'node':
      return name;
    case 'gateway':
      return `gateway ${name}`;
    case 'app':
      return `app ${pod ?? name}`;
    case 'external':
      return `${name}, outside the mesh`;
    default:
      return unreachable(kind);
  }
}

const CONTROL_PLANE: Readonly<Record<string, Pick<Lane, 'label' | 'sublabel'>>> = {
  'kube-apiserver': { label: 'kube-apiserver', sublabel: 'API server' },
  istiod: { label: 'istiod', sublabel: 'control plane' },
  ca: { label: 'CA', sublabel: 'certificates' },
} satisfies Partial<Record<LaneKind, Pick<Lane, 'label' | 'sublabel'>>>;

export type ControlLane = 'kube-apiserver' | 'istiod' | 'ca';

/** The lanes of the control plane that are used, in the order that knowledge flows, and their box. */
export function controlLanes(used: ReadonlySet<ControlLane>): LanePlan {
  const kinds = (['kube-apiserver', 'istiod', 'ca'] as const).filter((it) => used.has(it));
  const lanes = kinds.map((kind) => ({
    id: kind,
    kind,
    label: kind,
    sublabel: '',
    ...CONTROL_PLANE[kind],
    controlPlane: true,
  }));
  if (!lanes.length) return { lanes, boxes: [] };
  const box: Box = { id: 'box control plane', label: 'control plane', kind: 'control-plane', lanes: kinds };
  return { lanes, boxes: [box] };
}
