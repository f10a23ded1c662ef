import { signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { scene, select, selectedId, stepBy, steps, toggleFold } from '../state.js';
import { rideAlong } from '../motion.js';
import { Ground, Heads, Row } from './draw.js';
import { layoutScene, type RowLayout } from './layout.js';
import { measureText } from './measure.js';
import type { Step } from './visible.js';

const width = signal(0);

/** The diagram: for the eye a drawing, for everybody else an ordered list of steps. */
export function Sequence() {
  const scroller = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const watch = (): void => void (width.value = element.clientWidth);
    const observer = new ResizeObserver(watch);
    observer.observe(element);
    watch();
    return () => observer.disconnect();
  }, []);
  const drawn = scene.value;
  const layout = useMemo(
    () => drawn && width.value > 0 && layoutScene(drawn, width.value, measureText),
    [drawn, width.value],
  );
  useEffect(() => keepInSight(scroller.current), [selectedId.value, layout]);
  return (
    <div class="sequence" ref={scroller} tabIndex={-1}>
      {layout && (
        <>
          <svg
            class="heads"
            width={layout.width}
            height={layout.headHeight}
            role="group"
            aria-label="Places on the path"
          >
            <Heads layout={layout} fold={toggleFold} />
          </svg>
          <div class="body">
            <svg class="ground" width={layout.width} height={layout.height} aria-hidden="true">
              <Ground layout={layout} />
            </svg>
            <ol class="steps" aria-label="Steps of the path" onKeyDown={onKeyDown}>
              {layout.rows.map((row, index) => (
                <StepItem key={row.step.id} row={row} width={layout.width} isTabStop={isTabStop(row.step, index)} />
              ))}
            </ol>
          </div>
        </>
      )}
    </div>
  );
}

// one stop for the Tab key: the selected step, else the first
function isTabStop(step: Step, index: number): boolean {
  const isSelectionDrawn = steps.value.some((it) => it.id === selectedId.value);
  return isSelectionDrawn ? step.id === selectedId.value : index === 0;
}

function StepItem({
  row,
  width: full,
  isTabStop: isStop,
}: {
  readonly row: RowLayout;
  readonly width: number;
  readonly isTabStop: boolean;
}) {
  const { step, height } = row;
  const isSelected = step.id === selectedId.value;
  return (
    <li class={`step ${step.state} ${step.kind}${isSelected ? ' selected' : ''}`} value={step.number}>
      <button
        type="button"
        data-step={step.id}
        tabIndex={isStop ? 0 : -1}
        aria-current={isSelected ? 'step' : undefined}
        onClick={() => select(step.id)}
        onDblClick={() => select(step.id, { focus: true })}
      >
        <span class="spoken">{`${step.number === undefined ? '' : `Step ${step.number}: `}${step.spoken}`}</span>
        <svg width={full} height={height} aria-hidden="true">
          <Row row={row} />
        </svg>
      </button>
    </li>
  );
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  switch (event.key) {
    case 'ArrowDown':
    case 'ArrowRight':
      stepBy(1);
      break;
    case 'ArrowUp':
    case 'ArrowLeft':
      stepBy(-1);
      break;
    case 'Home':
    case 'End':
      select(steps.value.at(event.key === 'Home' ? 0 : -1)?.id);
      break;
    case 'Enter':
      select(selectedId.value ?? (event.target as HTMLElement).dataset['step'], { focus: true });
      break;
    default:
      return;
  }
  event.preventDefault();
  event.stopPropagation();
}

/** Brings the selected step into view, clear of the heads; the keyboard follows when it is in the list already. */
function keepInSight(scroller: HTMLDivElement | null): void {
  const button = scroller?.querySelector<HTMLElement>('.step.selected button');
  if (!scroller || !button) return;
  if (document.activeElement?.closest('.steps')) button.focus({ preventScroll: true });
  button.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  // sideways the row is as wide as everything: what must be in sight is its mark
  const mark = button.querySelector<SVGGraphicsElement>('.mark')?.getBoundingClientRect();
  const frame = scroller.getBoundingClientRect();
  if (mark && (mark.left < frame.left + 20 || mark.right > frame.right - 160)) {
    scroller.scrollBy({ left: mark.left - frame.left - frame.width / 3 });
  }
  rideAlong(button);
}
