import type { Location } from '../core/base/location.js';
import type { PlaceKind, StageName } from '../core/trace/path.js';
import type { TraceRequest } from '../core/trace/request.js';

/*
 * What the side panel draws, as plain data. `L` is how a place in a file is named: a core Location in here, a URI with lines
 * and columns once the server has converted it.
 */

/** The answer to one request: a tab for each branch. */
export interface Diagram<L = Location> {
  readonly version: 1;
  readonly request: TraceRequest;
  /** `GET http://reviews:9080/ from shop/productpage`. */
  readonly title: string;
  readonly curl: string;
  readonly branches: readonly Branch<L>[];
}

export interface Branch<L = Location> {
  readonly id: string;
  /** `90 % → reviews v1`; empty for a lone branch. */
  readonly label: string;
  /** 0..1 */
  readonly share: number;
  readonly badge: Badge;
  readonly lanes: readonly Lane[];
  readonly boxes: readonly Box[];
  /** In the order of time, numbered from 1; control-plane messages have no number. */
  readonly messages: readonly Message<L>[];
  readonly mirrors: readonly string[];
  readonly assumptions: readonly string[];
}

/** The outcome in one line: `503 UH · no healthy upstream · reviews v3`. */
export interface Badge {
  readonly state: 'ok' | 'warning' | 'broken' | 'unknown';
  /** `200`, `503 UH`, `reset` */
  readonly code: string;
  readonly text: string;
}

export type LaneKind = PlaceKind | 'kube-apiserver' | 'istiod' | 'ca';

export interface Lane {
  readonly id: string;
  readonly kind: LaneKind;
  readonly label: string;
  /** A smaller second line: the kind in words, an address. */
  readonly sublabel: string;
  /** Drawn only with the control plane shown. */
  readonly controlPlane: boolean;
}

/** Groups neighbouring lanes: a pod, a node, the mesh edge. */
export interface Box {
  readonly id: string;
  readonly label: string;
  readonly kind: 'pod' | 'node' | 'edge' | 'outside' | 'control-plane';
  readonly lanes: readonly string[];
}

export interface Message<L = Location> {
  readonly id: string;
  /** `undefined` for control-plane calls. */
  readonly number: number | undefined;
  /** `request` travels on, `decision` stays in its lane, `response` comes back, `control` feeds a decision. */
  readonly kind: 'request' | 'decision' | 'response' | 'control';
  readonly from: string;
  readonly to: string;
  /** One line. */
  readonly text: string;
  readonly state: 'ok' | 'warning' | 'broken';
  /** For screen readers: lane, decision and reason in a sentence. */
  readonly spoken: string;
  readonly detail: Detail<L>;
}

/** What the detail pane says of a message. */
export interface Detail<L = Location> {
  /** `travel` is a packet on its way from place to place, `answer` what comes back to the client. */
  readonly stage: StageName | 'control plane' | 'travel' | 'answer';
  /** Where it happens: `Envoy sidecar of shop/cart`. */
  readonly place: string;
  readonly chose: string;
  readonly because: string;
  readonly evidence: readonly Evidence<L>[];
  readonly rejected: readonly {
    readonly name: string;
    readonly because: string;
    readonly evidence: readonly Evidence<L>[];
  }[];
  readonly effects: readonly { readonly what: string; readonly before: string; readonly after: string }[];
  /** The packet as it came to the place; empty where it starts. */
  readonly arrived: readonly (readonly [name: string, value: string])[];
  /** The packet as it leaves the place, at its last decision: rows of name and value. */
  readonly packet: readonly (readonly [name: string, value: string])[];
  /** Names as `istioctl proxy-config` prints them: listener, route, cluster ... */
  readonly envoy: readonly (readonly [name: string, value: string])[];
  readonly calls: readonly string[];
  readonly assumptions: readonly string[];
  readonly rules: readonly string[];
  /** A command that would show the same on a live cluster. */
  readonly verify: string | undefined;
}

export interface Evidence<L = Location> {
  readonly at: L;
  /** `routing.yaml:31 subset: v3`, filled in where lines are known; a short excerpt of the text otherwise. */
  readonly text: string;
}
