import type { Scene, Step, VisibleLane } from './visible.js';
import { fit, fitName, wrap, type Measure, type TextStyle } from './text.js';

/*
 * Where everything of a sequence diagram stands, in whole pixels. Lanes share the width that there is down to a legible minimum, and texts
 * may run over lanes that have nothing to say in their row: so a path of nine places can be read in a panel of 250 pixels.
 */

export interface Layout {
  readonly width: number;
  readonly headHeight: number;
  readonly height: number;
  /** How much of a lane's name there is room for. */
  readonly density: Density;
  readonly lanes: readonly LaneLayout[];
  readonly boxes: readonly BoxLayout[];
  readonly rows: readonly RowLayout[];
  readonly track: readonly TrackLayout[];
}

export type Density = 'full' | 'compact' | 'icon';

export interface LaneLayout {
  readonly lane: VisibleLane;
  readonly x: number;
  readonly label: string;
  readonly sublabel: string;
}

export interface BoxLayout {
  readonly box: Scene['boxes'][number];
  readonly x: number;
  readonly width: number;
  readonly label: string;
}

export interface RowLayout {
  readonly step: Step;
  readonly y: number;
  readonly height: number;
  /** Height of the line or mark, from the top of the row. */
  readonly lineY: number;
  readonly from: number;
  readonly to: number;
  readonly text: TextLayout;
}

/** A block of text; lines beside the left of a mark end where the block does. */
export interface TextLayout {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** Where the lines begin, behind the sign if there is one. */
  readonly lines: readonly { readonly x: number; readonly text: string }[];
}

/** The packet staying in a lane: from where it came to where it left. */
export interface TrackLayout {
  readonly lane: string;
  readonly x: number;
  readonly y1: number;
  readonly y2: number;
  readonly state: Step['state'];
}

export const SIZES = {
  margin: 10,
  minPitch: 27,
  maxPitch: 200,
  lineHeight: 16,
  /** Radius of a step's number. */
  mark: 9,
  boxHead: 22,
  laneHead: { full: 46, compact: 42, icon: 28 },
  /** How long a name may be that stands upright under its sign. */
  upright: 84,
  /** Room beside a mark that is worth three lines; in less, a text has two. */
  roomy: 160,
} as const;

const { margin, mark, lineHeight } = SIZES;
const BESIDE = mark + 6;

export function layoutScene(scene: Scene, width: number, measure: Measure): Layout {
  const count = Math.max(1, scene.lanes.length);
  const pitch = Math.floor(Math.min(SIZES.maxPitch, Math.max(SIZES.minPitch, (width - 2 * margin) / count)));
  const total = Math.max(Math.floor(width), pitch * count + 2 * margin);
  const density = pitch >= 104 ? 'full' : pitch >= 60 ? 'compact' : 'icon';
  const at = new Map(scene.lanes.map((it, index) => [it.id, margin + pitch * index + Math.round(pitch / 2)]));
  const lanes = scene.lanes.map((lane) => ({
    lane,
    x: at.get(lane.id) ?? 0,
    ...laneLabels(lane, density, pitch, measure),
  }));
  const rows = layoutRows(scene.steps, at, { total, view: Math.max(width, 4 * SIZES.minPitch), measure });
  const last = rows.at(-1);
  return {
    width: total,
    headHeight: SIZES.boxHead + SIZES.laneHead[density] + (density === 'icon' ? uprightHeight(lanes, measure) : 0),
    height: (last ? last.y + last.height : 0) + 12,
    density,
    lanes,
    boxes: scene.boxes.map((box) => layoutBox(box, at, pitch, measure)),
    rows,
    track: layoutTrack(rows),
  };
}

function laneLabels(lane: VisibleLane, density: Density, pitch: number, measure: Measure) {
  const room = density === 'icon' ? SIZES.upright : pitch - 8;
  return {
    label: fitName(lane.label, room, density === 'full' ? 'strong' : 'small', measure),
    sublabel: density === 'full' ? fit(lane.sublabel, room, 'small', measure) : '',
  };
}

function uprightHeight(lanes: readonly LaneLayout[], measure: Measure): number {
  return Math.ceil(Math.max(0, ...lanes.map((it) => measure(it.label, 'small')))) + 4;
}

function layoutBox(
  box: Scene['boxes'][number],
  at: ReadonlyMap<string, number>,
  pitch: number,
  measure: Measure,
): BoxLayout {
  const left = (at.get(box.lanes[0] ?? '') ?? 0) - Math.round(pitch / 2) + 2;
  const width = pitch * box.lanes.length - 4;
  const label = fitName(box.label, width - (box.foldable ? 28 : 12), 'small', measure);
  // three letters and a sign say nothing
  return { box, x: left, width, label: label.includes('…') && label.length < 5 ? '' : label };
}

interface Room {
  readonly total: number;
  /** What can be seen at once: no text is wider. */
  readonly view: number;
  readonly measure: Measure;
}

function layoutRows(steps: readonly Step[], at: ReadonlyMap<string, number>, room: Room): RowLayout[] {
  const sides = sidesOf(steps, at, room);
  let y = 6;
  return steps.map((step) => {
    const from = at.get(step.from) ?? 0;
    const to = at.get(step.to) ?? 0;
    const row =
      from === to ? layoutDecision(step, from, sides.get(step) ?? 'right', room) : layoutArrow(step, from, to, room);
    y += row.height;
    return { step, from, to, ...row, y: y - row.height };
  });
}

type Side = 'left' | 'right';

const besideRoom = (x: number, side: Side, { total, view }: Room): number =>
  Math.min(view - 2 * margin, side === 'right' ? total - x : x) - BESIDE - margin;

/** Decisions that follow each other in a lane have their texts on one side of it, the left only where more of them fit there. */
function sidesOf(steps: readonly Step[], at: ReadonlyMap<string, number>, room: Room): ReadonlyMap<Step, Side> {
  const sides = new Map<Step, Side>();
  let run: Step[] = [];
  const close = (): void => {
    const x = at.get(run[0]?.from ?? '') ?? 0;
    const wholeOn = (side: Side): number => run.filter((it) => layBeside(it, x, side, room).isWhole).length;
    const side = wholeOn('right') >= wholeOn('left') ? 'right' : 'left';
    for (const it of run) sides.set(it, side);
    run = [];
  };
  for (const step of steps) {
    if (step.kind === 'control' && step.from !== step.to) continue;
    if (step.from !== step.to || (run[0] && run[0].from !== step.from)) close();
    if (step.from === step.to) run.push(step);
  }
  close();
  return sides;
}

type RowShape = Pick<RowLayout, 'height' | 'lineY' | 'text'>;

const styleOf = (step: Step): TextStyle =>
  step.state === 'broken' ? 'strong' : step.kind === 'control' ? 'small' : 'normal';

/** A sign before the text of what is not ok, where colour alone would tell. */
export const signWidth = (step: Step): number => (step.state === 'ok' ? 0 : 18);

/** The text stands above the arrow, begins where the arrow does, and is pushed left as far as it must. */
function layoutArrow(step: Step, from: number, to: number, { total, view, measure }: Room): RowShape {
  const start = from < to ? from + mark + 6 : to + 10;
  const { lines, textWidth } = lay(step, view - 2 * margin, 2, measure);
  const x = Math.max(margin, Math.min(start, total - margin - textWidth));
  // a text that reaches over its own number keeps above it
  const overMark = step.number !== undefined && x < from + mark + 3 && x + textWidth > from - mark - 3;
  const gap = overMark ? mark + 4 : 6;
  const top = 6;
  const lineY = top + lines.length * lineHeight + gap;
  return { height: lineY + mark + 4, lineY, text: block(step, x, top, lines, textWidth) };
}

/** The text stands beside its mark, in a few lines if it must; above it where that is too narrow. */
function layoutDecision(step: Step, x: number, side: Side, room: Room): RowShape {
  const { total, view, measure } = room;
  const { lines, textWidth, isWhole } = layBeside(step, x, side, room);
  if (isWhole) {
    const textX = side === 'right' ? x + BESIDE : x - BESIDE - textWidth;
    const height = Math.max(2 * mark, lines.length * lineHeight) + 10;
    const lineY = Math.round(height / 2);
    const text = block(step, textX, lineY - (lines.length * lineHeight) / 2, lines, textWidth);
    return { height, lineY, text: side === 'right' ? text : flushRight(text, styleOf(step), measure) };
  }
  const above = lay(step, view - 2 * margin, 3, measure);
  const textX = Math.max(margin, Math.min(x - mark, total - margin - above.textWidth));
  const lineY = 4 + above.lines.length * lineHeight + mark + 3;
  return { height: lineY + mark + 5, lineY, text: block(step, textX, 4, above.lines, above.textWidth) };
}

function block(step: Step, x: number, y: number, lines: readonly string[], width: number): TextLayout {
  return { x, y, width, lines: lines.map((text) => ({ x: x + signWidth(step), text })) };
}

function flushRight(text: TextLayout, style: TextStyle, measure: Measure): TextLayout {
  const right = text.x + text.width;
  return { ...text, lines: text.lines.map((it) => ({ ...it, x: Math.floor(right - measure(it.text, style)) })) };
}

function layBeside(step: Step, x: number, side: Side, room: Room) {
  const width = besideRoom(x, side, room);
  return lay(step, width, width < SIZES.roomy ? 2 : 3, room.measure);
}

function lay(step: Step, room: number, maxLines: number, measure: Measure) {
  const sign = signWidth(step);
  const style = styleOf(step);
  const lines = wrap(step.text, Math.max(0, room - sign), maxLines, style, measure);
  const textWidth = Math.ceil(Math.max(...lines.map((it) => measure(it, style)))) + sign;
  return { lines, textWidth, isWhole: !lines.at(-1)?.endsWith('…') || step.text.endsWith('…') };
}

function layoutTrack(rows: readonly RowLayout[]): TrackLayout[] {
  const track: TrackLayout[] = [];
  let open: { lane: string; x: number; y1: number; state: Step['state'] } | undefined;
  const close = (y2: number): void => {
    if (open && y2 > open.y1) track.push({ ...open, y2 });
  };
  for (const { step, from, to, y, lineY } of rows) {
    if (step.number === undefined) continue;
    const here = y + lineY;
    open ??= { lane: step.from, x: from, y1: here, state: 'ok' };
    if (step.from === step.to) {
      if (step.state !== 'broken' || step.kind !== 'decision') continue;
      close(here);
      open = { ...open, y1: here, state: 'broken' };
      continue;
    }
    close(here);
    open = { lane: step.to, x: to, y1: here, state: 'ok' };
  }
  const last = rows.filter((it) => it.step.number !== undefined).at(-1);
  if (last) close(last.y + last.lineY);
  return track;
}
