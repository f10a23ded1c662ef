import { effect } from '@preact/signals';
import { playing, stepBy } from './state.js';

const PACE = 1400;

/** Whether things may move that need not. */
export function mayMove(): boolean {
  return (
    !matchMedia('(prefers-reduced-motion: reduce)').matches && !document.body.classList.contains('vscode-reduce-motion')
  );
}

/** Lets a dot run along the arrow of a step, as the packet does. */
export function rideAlong(row: Element): void {
  const arrow = row.querySelector<SVGLineElement>('.arrow');
  const drawing = row.querySelector('svg');
  if (!arrow || !drawing || !mayMove() || drawing.querySelector('.packet')) return;
  const dot = document.createElementNS('http://www.w3.org/2000/svg', 'circle');
  dot.setAttribute('class', 'packet');
  dot.setAttribute('r', '4');
  dot.setAttribute('cy', arrow.getAttribute('y1') ?? '0');
  drawing.append(dot);
  const [from, to] = [arrow.x1.baseVal.value, arrow.x2.baseVal.value];
  const ride = dot.animate([{ transform: `translateX(${from}px)` }, { transform: `translateX(${to}px)` }], {
    duration: 350 + Math.min(450, Math.abs(to - from)),
    easing: 'ease-in-out',
  });
  ride.onfinish = ride.oncancel = () => dot.remove();
}

// steps on while playing, and stops at the end
effect(() => {
  if (!playing.value) return;
  const timer = setInterval(() => {
    if (!stepBy(1)) playing.value = false;
  }, PACE);
  return () => clearInterval(timer);
});
