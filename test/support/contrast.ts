/**
 * Runs in the panel's page: texts of the drawing below 4.5:1 and lines below 3:1, as `selector: ratio`. Each is measured in the colours that it
 * really has, against what really lies behind it: the paper, the tint of a box, and the highlight of its row.
 */
export function weakContrasts(): string[] {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return ['no canvas'];
  // what a stack of colours looks like, the lowest first
  const blend = (...colors: string[]): number[] => {
    context.fillStyle = '#000';
    for (const it of colors) {
      context.fillStyle = it;
      context.fillRect(0, 0, 1, 1);
    }
    return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  };
  const luminance = (rgb: number[]): number => {
    const [r = 0, g = 0, b = 0] = rgb.map((it) =>
      it <= 10.31475 ? it / 255 / 12.92 : ((it / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paper = getComputedStyle(document.body).backgroundColor;
  const column = document.querySelector('.column');
  const tint = column ? getComputedStyle(column).fill : 'transparent';
  const weak = new Map<string, string>();
  const check = (element: Element, property: 'fill' | 'stroke', least: number): void => {
    const color = getComputedStyle(element)[property];
    if (color === 'none') return;
    const row = element.closest('.step');
    const row_ = row ? getComputedStyle(row).backgroundColor : 'transparent';
    const mark = element.matches('.number') ? element.parentElement?.querySelector('.mark') : undefined;
    for (const behind of mark
      ? [[paper, getComputedStyle(mark).fill]]
      : [
          [paper, row_],
          [paper, row_, tint],
        ]) {
      const [a, b] = [luminance(blend(...behind, color)), luminance(blend(...behind))];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      const name = `${row?.className.replace('step', '') ?? ''} ${element.getAttribute('class')} ${property}`;
      if (ratio < least)
        weak.set(name, `${name}: ${ratio.toFixed(2)} instead of ${least}, ${color} on ${behind.join(' + ')}`);
    }
  };
  for (const it of document.querySelectorAll('.sequence text, .sequence tspan.stage')) check(it, 'fill', 4.5);
  for (const it of document.querySelectorAll('.request .head')) check(it, 'fill', 3);
  const lines = '.lifeline, .track, .arrow, .box, .mark, .response .head, .control .head, .icon-path';
  for (const it of document.querySelectorAll(lines)) check(it, 'stroke', 3);
  return [...weak.values()];
}
