import { render } from 'preact';
import { branch, controlPlane, diagram, folded } from './state.js';
import { Ground, Heads, Row } from './sequence/draw.js';
import { layoutScene } from './sequence/layout.js';
import { measureText } from './sequence/measure.js';
import { sceneOf } from './sequence/visible.js';

/** Wide enough that lanes have their names, whatever the width of the panel. */
const WIDTH = 1120;
const TITLE_HEIGHT = 34;

/** The diagram as an SVG file that looks by itself as it does here: colours and fonts are written into it. */
export function drawnSvg(): string {
  const place = document.createElement('div');
  place.className = 'offstage';
  document.body.append(place);
  try {
    render(<Picture />, place);
    const svg = place.querySelector('svg');
    if (!svg) throw new Error('there is no diagram');
    inlineStyles(svg);
    svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
    return new XMLSerializer().serializeToString(svg);
  } finally {
    render(null, place);
    place.remove();
  }
}

/** The diagram as a PNG at twice its size: base64 without prefix. */
export async function drawnPng(): Promise<string> {
  const text = drawnSvg();
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await picture.decode();
  const canvas = document.createElement('canvas');
  canvas.width = picture.naturalWidth * 2;
  canvas.height = picture.naturalHeight * 2;
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL('image/png').replace(/^data:[^,]*,/, '');
}

function Picture() {
  if (!branch.value) return null;
  const scene = sceneOf(branch.value, { controlPlane: controlPlane.value, folded: folded.value });
  const layout = layoutScene(scene, Math.max(WIDTH, scene.lanes.length * 110), measureText);
  const bodyY = TITLE_HEIGHT + layout.headHeight;
  const height = bodyY + layout.height + 8;
  return (
    <svg class="picture" width={layout.width} height={height} viewBox={`0 0 ${layout.width} ${height}`}>
      <rect class="paper" width={layout.width} height={height} />
      <text class="title" x={12} y={22}>
        {[diagram.value?.title, branch.value.label].filter(Boolean).join(' · ')}
      </text>
      <g transform={`translate(0 ${TITLE_HEIGHT})`}>
        <Heads layout={layout} />
      </g>
      <g transform={`translate(0 ${bodyY})`}>
        <Ground layout={layout} />
        {layout.rows.map((row) => (
          <g key={row.step.id} transform={`translate(0 ${row.y})`}>
            <Row row={row} />
          </g>
        ))}
      </g>
    </svg>
  );
}

const PROPERTIES = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'stroke-opacity',
  'fill-opacity',
  'opacity',
  'paint-order',
  'font-family',
  'font-size',
  'font-weight',
  'font-style',
];

function inlineStyles(svg: SVGSVGElement): void {
  for (const element of [svg, ...svg.querySelectorAll<SVGElement>('*')]) {
    const style = getComputedStyle(element);
    const inherited = element.parentElement && element !== svg ? getComputedStyle(element.parentElement) : undefined;
    for (const name of PROPERTIES) {
      const value = plainColor(style.getPropertyValue(name));
      if (inherited && plainColor(inherited.getPropertyValue(name)) === value) continue;
      element.setAttribute(name, value);
    }
  }
  for (const element of [svg, ...svg.querySelectorAll('*')]) element.removeAttribute('class');
}

/** Colours as every viewer knows them: mixed ones are computed to `color(srgb r g b / a)`. */
function plainColor(value: string): string {
  return value.replace(
    /color\(srgb ([\d.e-]+) ([\d.e-]+) ([\d.e-]+)(?: \/ ([\d.e-]+))?\)/g,
    (_, r: string, g: string, b: string, a?: string) => {
      const [red, green, blue] = [r, g, b].map((it) => Math.round(Number(it) * 255));
      return a === undefined ? `rgb(${red}, ${green}, ${blue})` : `rgba(${red}, ${green}, ${blue}, ${a})`;
    },
  );
}
