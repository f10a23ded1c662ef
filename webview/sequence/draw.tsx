import { DrawnIcon, type IconName } from '../icons.js';
import { signWidth, SIZES, type BoxLayout, type LaneLayout, type Layout, type RowLayout } from './layout.js';

/*
 * The layout in SVG: presentation attributes for geometry, classes for colour, so that a content security policy without inline styles
 * lets all of it through and the theme alone decides how it looks.
 */

const { boxHead, mark, lineHeight } = SIZES;

/** Names of boxes and lanes; stays in sight while the rows scroll. */
export function Heads({ layout, fold }: { readonly layout: Layout; readonly fold?: (box: string) => void }) {
  return (
    <>
      {layout.boxes.map((it) => (
        <BoxHead key={it.box.id} layout={it} height={layout.headHeight} fold={fold} />
      ))}
      {layout.lanes.map((it) => (
        <LaneHead key={it.lane.id} layout={it} density={layout.density} headHeight={layout.headHeight} />
      ))}
    </>
  );
}

function BoxHead({
  layout: { box, x, width, label },
  height,
  fold,
}: {
  readonly layout: BoxLayout;
  readonly height: number;
  readonly fold: ((box: string) => void) | undefined;
}) {
  const shape = (
    <path
      class={`box box-${box.kind}`}
      d={`M${x + 0.5} ${height}V8.5a5 5 0 0 1 5-5h${width - 11}a5 5 0 0 1 5 5V${height}`}
    />
  );
  const name = (
    <text class="box-label" x={x + 8} y={boxHead - 4}>
      {label}
    </text>
  );
  if (!fold || !box.foldable)
    return (
      <g>
        {shape}
        <title>{box.label}</title>
        {name}
      </g>
    );
  const press = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    event.stopPropagation();
    fold(box.id);
  };
  return (
    <g>
      {shape}
      {name}
      <g
        class="box-fold"
        role="button"
        tabindex={0}
        aria-expanded={!box.folded}
        aria-label={`${box.label}, ${box.folded ? 'unfold' : 'fold to one lane'}`}
        onClick={() => fold(box.id)}
        onKeyDown={press}
      >
        <title>{`${box.label}: ${box.folded ? 'unfold' : 'fold to one lane'}`}</title>
        <rect class="box-button" x={x + 2} y={5} width={width - 4} height={boxHead - 5} rx={3} />
        {width >= 50 && <DrawnIcon name={box.folded ? 'unfold' : 'fold'} x={x + width - 19} y={6} size={14} />}
      </g>
    </g>
  );
}

function LaneHead({
  layout: { lane, x, label, sublabel },
  density,
  headHeight,
}: {
  readonly layout: LaneLayout;
  readonly density: Layout['density'];
  readonly headHeight: number;
}) {
  const icon: IconName = lane.kind;
  const title = <title>{[lane.label, lane.sublabel].filter(Boolean).join(', ')}</title>;
  if (density === 'full') {
    // sign and names stand in the middle of the lane together
    return (
      <g class={`lane lane-${lane.kind}`}>
        {title}
        <DrawnIcon name={icon} x={x - 7} y={boxHead + 1} class="lane-icon" size={14} />
        <text class="lane-label" x={x} y={boxHead + 28} text-anchor="middle">
          {label}
        </text>
        <text class="lane-sublabel" x={x} y={boxHead + 41} text-anchor="middle">
          {sublabel}
        </text>
      </g>
    );
  }
  return (
    <g class={`lane lane-${lane.kind}`}>
      {title}
      <DrawnIcon name={icon} x={x - 8} y={boxHead + 4} class="lane-icon" />
      {density === 'compact' ? (
        <text class="lane-label small" x={x} y={boxHead + 35} text-anchor="middle">
          {label}
        </text>
      ) : (
        // upright, read from below: a name needs no more width than its height
        <text class="lane-label small" transform={`translate(${x + 4} ${headHeight - 5}) rotate(-90)`}>
          {label}
        </text>
      )}
    </g>
  );
}

/** Boxes, lifelines and the track of the packet, behind the rows. */
export function Ground({ layout: { boxes, lanes, track, height } }: { readonly layout: Layout }) {
  return (
    <>
      {boxes.map(({ box, x, width }) => (
        <rect
          key={box.id}
          class={`column column-${box.kind}`}
          x={x + 0.5}
          y={0}
          width={width - 1}
          height={height - 4}
        />
      ))}
      {lanes.map(({ lane, x }) => (
        <line
          key={lane.id}
          class={lane.controlPlane ? 'lifeline control' : 'lifeline'}
          x1={x + 0.5}
          x2={x + 0.5}
          y1={0}
          y2={height - 6}
        />
      ))}
      {track.map(({ x, y1, y2, state }) => (
        <line key={y1} class={`track ${state}`} x1={x + 0.5} x2={x + 0.5} y1={y1} y2={y2} />
      ))}
    </>
  );
}

/** One message: number, arrow and text. */
export function Row({ row }: { readonly row: RowLayout }) {
  const { step, from, to, lineY } = row;
  return (
    <g class={`row ${step.kind} ${step.state}`}>
      {from !== to && <Arrow row={row} />}
      <RowText row={row} />
      {step.number === undefined ? (
        <circle class="mark" cx={from + 0.5} cy={lineY} r={3} />
      ) : (
        <Mark x={from + 0.5} y={lineY} number={step.number} state={step.state} />
      )}
    </g>
  );
}

/** The number of a step: a disc, a square where the path breaks, a diamond where something is not as meant. */
function Mark({
  x,
  y,
  number,
  state,
}: {
  readonly x: number;
  readonly y: number;
  readonly number: number;
  readonly state: string;
}) {
  const d = mark + 1.5;
  return (
    <>
      {state === 'broken' ? (
        <rect class="mark" x={x - mark} y={y - mark} width={2 * mark} height={2 * mark} rx={2} />
      ) : state === 'warning' ? (
        <path class="mark" d={`M${x} ${y - d}L${x + d + 1} ${y}L${x} ${y + d}L${x - d - 1} ${y}z`} />
      ) : (
        <circle class="mark" cx={x} cy={y} r={mark} />
      )}
      <text class="number" x={x} y={y + 3.5} text-anchor="middle">
        {number}
      </text>
    </>
  );
}

function Arrow({ row: { step, from, to, lineY } }: { readonly row: RowLayout }) {
  const way = to > from ? 1 : -1;
  const start = from + way * (step.number === undefined ? 3 : mark);
  const tip = to - way * 2;
  const head =
    step.kind === 'request'
      ? `M${tip} ${lineY}l${-way * 9} -4.5v9z`
      : `M${tip - way * 7} ${lineY - 4.5}L${tip} ${lineY}l${-way * 7} 4.5`;
  return (
    <>
      <line class="arrow" x1={start} x2={step.kind === 'request' ? tip - way * 7 : tip} y1={lineY} y2={lineY} />
      <path class="head" d={head} />
    </>
  );
}

function RowText({ row: { step, text } }: { readonly row: RowLayout }) {
  const sign = signWidth(step);
  const first = text.lines[0]?.x ?? text.x;
  return (
    <>
      {sign > 0 && (
        <DrawnIcon
          name={step.state === 'broken' ? 'broken' : 'warning'}
          class="sign"
          x={first - sign}
          y={text.y + 2}
          size={13}
        />
      )}
      <text class="message" x={first} y={text.y + 12}>
        <title>{step.text}</title>
        {text.lines.map((line, index) => (
          <tspan key={index} x={line.x} dy={index ? lineHeight : 0}>
            {index === 0 ? <FirstLine text={line.text} stage={step.detail.stage} /> : line.text}
          </tspan>
        ))}
      </text>
    </>
  );
}

/** The name of the stage steps back behind what it chose. */
function FirstLine({ text, stage }: { readonly text: string; readonly stage: string }) {
  if (!text.startsWith(stage)) return <>{text}</>;
  const end = stage.length + (text[stage.length] === ':' ? 1 : 0);
  return (
    <>
      <tspan class="stage">{text.slice(0, end)}</tspan>
      {text.slice(end)}
    </>
  );
}
