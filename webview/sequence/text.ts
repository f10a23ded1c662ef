/** How wide a text is when drawn, in pixels. */
export type Measure = (text: string, style: TextStyle) => number;

export type TextStyle = 'normal' | 'strong' | 'small';

/** The text, shortened with a sign so that it takes no more than `width`; empty where not even the sign fits. */
export function fit(text: string, width: number, style: TextStyle, measure: Measure): string {
  if (measure(text, style) <= width) return text;
  const characters = [...text];
  let [low, high] = [0, characters.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (measure(`${characters.slice(0, middle).join('')}…`, style) <= width) low = middle;
    else high = middle - 1;
  }
  if (low === 0 && measure('…', style) > width) return '';
  return `${characters.slice(0, low).join('').trimEnd()}…`;
}

/** As {@link fit}, but keeps the end, too: names differ there (`east-west…way-3`). */
export function fitName(name: string, width: number, style: TextStyle, measure: Measure): string {
  if (measure(name, style) <= width) return name;
  const tail = [...name].slice(-3).join('');
  const head = fit([...name].slice(0, -3).join(''), width - measure(tail, style), style, measure);
  if (!head.endsWith('…') || head.length < 3) return fit(name, width, style, measure);
  return head + tail;
}

/** The text in at most `lines` lines of `width`; long names break after `|`, `/`, `.`, `-` and the like, the last line is shortened. */
export function wrap(text: string, width: number, lines: number, style: TextStyle, measure: Measure): string[] {
  const result: string[] = [];
  let rest = text;
  while (result.length < lines - 1 && measure(rest, style) > width) {
    const cut = lastBreak(rest, width, style, measure);
    if (cut === 0) break;
    result.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut).trimStart();
  }
  return [...result, fit(rest, width, style, measure)];
}

/** Where to cut so that as many pieces as fit come before; a name that has no place to break is cut where the line ends. */
function lastBreak(text: string, width: number, style: TextStyle, measure: Measure): number {
  let best = 0;
  let soft = 0;
  for (const { index, 0: piece } of text.matchAll(/\s+|[^\s|/.,:_-]*[|/.,:_-]+|[^\s|/.,:_-]+/g)) {
    const end = index + piece.length;
    if (measure(text.slice(0, end).trimEnd(), style) > width) break;
    soft = end;
    // blanks are better places than the inside of a name, unless that leaves the line half empty
    if (/\s/.test(piece) || /\s/.test(text[end] ?? '')) best = end;
  }
  if (soft === 0) return Math.max(0, fit(text, width, style, measure).length - 1);
  return measure(text.slice(0, best), style) > width / 2 ? best : soft;
}
