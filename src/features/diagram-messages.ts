import { unreachable } from '../core/base/unreachable.js';
import type { Decision, Hop, Packet, Path, StageName } from '../core/trace/path.js';
import { ControlPlane } from './diagram-control.js';
import { detailOf, packetRows, plainDetail, type Context } from './diagram-detail.js';
import { laneId, placeTitle } from './diagram-lanes.js';
import type { Badge, Message } from './diagram-model.js';
import { badgeLine } from './outcome-text.js';

/** The messages of a path in the order of time, with the control-plane calls before the decisions that they feed. */
export function messagesOf(path: Path, badge: Badge, control: ControlPlane, context: Context): Message[] {
  return new Telling(path, badge, control, context).tell();
}

/** Decisions that send the packet to the next place: they are drawn as the arrow itself. */
const LEAVING: ReadonlySet<StageName> = new Set(['send request', 'capture', 'connect upstream', 'pass node']);

const sendsOn = ({ stage }: Decision, { place }: Hop): boolean =>
  LEAVING.has(stage) || (stage === 'accept connection' && place.kind === 'iptables');

class Telling {
  private readonly messages: Message[] = [];
  private readonly ids = new Map<string, number>();
  private number = 0;

  constructor(
    private readonly path: Path,
    private readonly badge: Badge,
    private readonly control: ControlPlane,
    private readonly context: Context,
  ) {}

  tell(): Message[] {
    const { hops } = this.path;
    // DNS answers whoever asked, and the packet goes on from there
    let carrier: Hop | undefined;
    hops.forEach((hop, index) => {
      const next = hops[index + 1];
      this.decisions(hop, carrier, next);
      if (hop.place.kind !== 'dns' || !carrier) carrier = hop;
      else if (next) this.travel(carrier, next, next.place.kind === 'iptables' ? next.packet : hop.packet);
    });
    this.answer();
    return this.messages;
  }

  private decisions(hop: Hop, before: Hop | undefined, next: Hop | undefined): void {
    const lane = laneId(hop.place);
    hop.decisions.forEach((decision, index) => {
      const isLast = index === hop.decisions.length - 1;
      this.messages.push(...this.control.messagesFor(decision.calls, hop));
      const leaves = isLast && next !== undefined && decision.state !== 'broken';
      const answers = leaves && hop.place.kind === 'dns' && before !== undefined;
      const sends = leaves && next.place.kind !== 'dns' && sendsOn(decision, hop);
      const to = answers ? laneId(before.place) : sends ? laneId(next.place) : lane;
      this.add(`${lane}/${decision.stage}`, {
        kind: answers ? 'response' : to === lane ? 'decision' : 'request',
        from: lane,
        to,
        text: decisionTitle(decision),
        state: decision.state,
        spoken: spokenDecision(decision, hop),
        detail: detailOf(decision, hop, before, this.context),
      });
      if (isLast && next && !answers && to === lane) this.travel(hop, next);
    });
    if (!hop.decisions.length && next) this.travel(hop, next);
  }

  /** The packet on its way between two places when no decision of its own sends it. */
  private travel(hop: Hop, next: Hop, packet = hop.packet): void {
    const from = laneId(hop.place);
    const to = laneId(next.place);
    if (from === to) return;
    const text = next.place.kind === 'dns' ? lookUp(packet) : packetTitle(packet);
    const because = `The packet as it leaves ${placeTitle(hop.place)}.`;
    this.add(`${from}>${to}`, {
      kind: 'request',
      from,
      to,
      text,
      state: 'ok',
      spoken: `From ${placeTitle(hop.place)} to ${placeTitle(next.place)}: ${text}`,
      detail: {
        ...plainDetail('travel', `${placeTitle(hop.place)} → ${placeTitle(next.place)}`, text, because),
        packet: packetRows(packet),
      },
    });
  }

  private answer(): void {
    const [first, last] = [this.path.hops[0], this.path.hops.at(-1)];
    if (!first || !last) return;
    const line = badgeLine(this.badge);
    const because = 'because' in this.path.outcome ? this.path.outcome.because : '';
    const caller = placeTitle(first.place);
    const spoken = this.badge.state === 'unknown' ? `What ${caller} gets is ${line}` : `${caller} gets ${line}`;
    this.add('answer', {
      kind: first === last ? 'decision' : 'response',
      from: laneId(last.place),
      to: laneId(first.place),
      text: line,
      state: this.badge.state === 'unknown' ? 'warning' : this.badge.state,
      spoken: because ? `${spoken}. ${because}` : spoken,
      detail: {
        ...plainDetail('answer', `${placeTitle(last.place)} → ${caller}`, line, because),
        packet: outcomeRows(this.path.outcome),
        assumptions: this.path.assumptions.map((it) => it.text),
      },
    });
  }

  // Ids say what a message is, not where it stands, so that a selection survives an edit of the YAML.
  private add(id: string, message: Omit<Message, 'id' | 'number'>): void {
    const count = (this.ids.get(id) ?? 0) + 1;
    this.ids.set(id, count);
    this.messages.push({ id: count === 1 ? id : `${id} ${count}`, number: ++this.number, ...message });
  }
}

/** Stage and choice in a line: `match route #2 (prefix /api) → reviews v1`, `authorize: ALLOW by shop/viewers`. */
export function decisionTitle({ stage, chose }: Pick<Decision, 'stage' | 'chose'>): string {
  if (stage === 'send request') return chose;
  const [verb = '', noun] = stage.split(' ');
  return noun && chose.startsWith(`${noun} `) ? `${verb} ${chose}` : `${stage}: ${chose}`;
}

function spokenDecision({ stage, chose, because, state }: Decision, { place }: Hop): string {
  const end = state === 'broken' ? ' This breaks the path.' : state === 'warning' ? ' This is probably not meant.' : '';
  return `${placeTitle(place)}, ${stage}: ${chose}. ${because}${end}`;
}

const lookUp = ({ authority, destination }: Packet): string =>
  `look up ${(authority ?? destination).replace(/:\d+$/, '')}`;

/** What travels, in a line: `mTLS GET /reviews/1 → 10.244.0.11:9080`. */
function packetTitle({ tls, protocol, method, path, destination }: Packet): string {
  const what = method ? [method, path].filter(Boolean).join(' ') : protocol;
  const wrapped = tls === 'mutual' ? `mTLS ${what}` : tls === 'simple' || tls === 'own' ? `TLS ${what}` : what;
  return `${wrapped === 'TLS TLS' ? 'TLS' : wrapped} → ${destination}`;
}

function outcomeRows(outcome: Path['outcome']): (readonly [string, string])[] {
  const rows: [string, string | number | undefined][] = [['result', outcome.result]];
  switch (outcome.result) {
    case 'delivered':
      rows.push(
        ['status', outcome.status ?? 200],
        ['grpc-status', outcome.grpcStatus],
        ['endpoints', outcome.endpoints.join(', ')],
      );
      rows.push(['host that the app sees', outcome.app?.host], ['path that the app sees', outcome.app?.path]);
      rows.push(['delay in seconds', outcome.delaySeconds]);
      break;
    case 'status':
      rows.push(['status', outcome.status], ['response flags', outcome.flags], ['details', outcome.details]);
      rows.push(
        ['grpc-status', outcome.grpcStatus],
        ['location', outcome.location],
        ['delay in seconds', outcome.delaySeconds],
      );
      break;
    case 'reset':
    case 'refused':
    case 'unresolved':
      rows.push(['response flags', outcome.flags], ['delay in seconds', outcome.delaySeconds]);
      break;
    case 'unknown':
      break;
    default:
      return unreachable(outcome);
  }
  return rows.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, String(value)] as const]));
}
