import { styleText } from 'node:util';
import type { Location } from '../../core/base/location.js';
import type { Decision, Hop, Path, Trace } from '../../core/trace/path.js';
import { badgeLine, badgeOf, MARKS } from '../../features/outcome-text.js';
import { requestTitle } from '../../features/request-text.js';
import type { Place } from '../load.js';

type PlaceOf = (at: Location) => Place | undefined;
type Style = Parameters<typeof styleText>[0];

/** A trace for people: one block per branch, one numbered line per decision, the deciding line of YAML behind it. */
export function traceText(trace: Trace, place: PlaceOf): string {
  const name = trace.request.name ? `${trace.request.name}: ` : '';
  return [
    paint('bold', `${name}${requestTitle(trace.request)}`),
    ...trace.paths.map((it) => pathText(it, trace.paths.length > 1, place)),
  ].join('\n');
}

function pathText(path: Path, several: boolean, place: PlaceOf): string {
  const badge = badgeOf(path);
  const colour: Style = badge.state === 'ok' ? 'green' : badge.state === 'broken' ? 'red' : 'yellow';
  const share = several ? `${percent(path.share)}  ` : '';
  const label = path.label ? `  ${path.label}` : '';
  const lines = [`  ${share}${paint(colour, `${MARKS[badge.state]} ${badgeLine(badge)}`)}${label}`];
  let number = 0;
  for (const hop of path.hops) {
    lines.push(`    ${paint('dim', hopTitle(hop))}`);
    for (const it of hop.decisions) lines.push(...decisionLines(it, ++number, place));
  }
  for (const it of path.mirrors) {
    lines.push(`    ${paint('dim', 'copy')} ${it.endpoints.join(', ') || 'lost'}  ${it.because}`);
  }
  for (const it of path.assumptions) lines.push(`    ${paint('yellow', 'assumed:')} ${it.text}`);
  return lines.join('\n');
}

function decisionLines(it: Decision, number: number, place: PlaceOf): string[] {
  const mark = it.state === 'broken' ? paint('red', ' ✗') : it.state === 'warning' ? paint('yellow', ' !') : '';
  const first = it.evidence.map(place).find((at) => at !== undefined);
  const where = first ? paint('dim', `  ${first.file}:${first.line}`) : '';
  const lines = [`    ${String(number).padStart(3)} ${it.chose}${mark}${where}`];
  if (it.state !== 'ok') lines.push(`        ${it.because}`);
  return lines;
}

function hopTitle(hop: Hop): string {
  const kinds: Readonly<Record<Hop['place']['kind'], string>> = {
    client: 'client',
    dns: 'DNS',
    iptables: 'iptables of',
    sidecar: 'Envoy of',
    node: 'node',
    gateway: 'gateway',
    app: 'application',
    external: 'outside',
  };
  return `${kinds[hop.place.kind]} ${hop.place.name}`;
}

function percent(share: number): string {
  const value = share * 100;
  return `${value >= 1 || value === 0 ? Math.round(value * 10) / 10 : value.toPrecision(2)} %`;
}

/** Colour only on a terminal, and never against NO_COLOR. */
function paint(style: Style, text: string): string {
  return process.stdout.isTTY && !process.env['NO_COLOR'] ? styleText(style, text) : text;
}
