import type { Box, Branch, LaneKind, Message } from '../../src/features/diagram-model.js';
import type { FileRange } from '../../src/protocol/places.js';

export type Step = Message<FileRange>;

/** A lane as it is drawn: a place, or a whole box that is folded to one line. */
export interface VisibleLane {
  readonly id: string;
  readonly kind: LaneKind | Box['kind'];
  readonly label: string;
  readonly sublabel: string;
  readonly controlPlane: boolean;
}

/** What of a branch is to be drawn. */
export interface Scene {
  readonly lanes: readonly VisibleLane[];
  readonly boxes: readonly (Box & { readonly folded: boolean; readonly foldable: boolean })[];
  readonly steps: readonly Step[];
}

/** Leaves out the control plane unless it is asked for, and draws each folded box as one lane. */
export function sceneOf(
  branch: Branch<FileRange>,
  options: { readonly controlPlane: boolean; readonly folded: ReadonlySet<string> },
): Scene {
  const laneOf = new Map<string, string>();
  const lanes: VisibleLane[] = [];
  const boxes: Scene['boxes'][number][] = [];
  for (const box of branch.boxes) {
    const inside = branch.lanes.filter((it) => box.lanes.includes(it.id) && (options.controlPlane || !it.controlPlane));
    if (!inside.length) continue;
    const foldable = inside.length > 1;
    const folded = foldable && options.folded.has(box.id);
    const drawn = folded ? [foldedLane(box)] : inside;
    for (const it of inside) laneOf.set(it.id, folded ? box.id : it.id);
    lanes.push(...drawn);
    boxes.push({ ...box, lanes: drawn.map((it) => it.id), folded, foldable });
  }
  const steps = branch.messages.flatMap((it) => {
    const from = laneOf.get(it.from);
    const to = laneOf.get(it.to);
    return from === undefined || to === undefined ? [] : [{ ...it, from, to }];
  });
  return { lanes, boxes, steps };
}

function foldedLane({ id, kind, label }: Box): VisibleLane {
  return {
    id,
    kind,
    label: label.split('/').at(-1) ?? label,
    sublabel: 'folded',
    controlPlane: kind === 'control-plane',
  };
}
