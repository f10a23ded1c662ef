import type { TraceRequest } from '../core/trace/request.js';
import type { Diagram } from '../features/diagram-model.js';
import type { FileRange } from './places.js';
import type { Suggestions } from './requests.js';

/** From the extension to the side panel. */
export type ToPanel =
  | { readonly type: 'show'; readonly diagram: Diagram<FileRange>; readonly pinned: boolean }
  | { readonly type: 'suggestions'; readonly suggestions: Suggestions }
  /** There is nothing to draw, and why. */
  | { readonly type: 'empty'; readonly message: string }
  /** A trace could not be made. */
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'mermaid'; readonly branch: string; readonly text: string }
  /** The cursor came to a line that decided these messages, one of each branch: that of the shown branch is meant, else the first. */
  | { readonly type: 'select'; readonly messages: readonly { readonly branch: string; readonly message: string }[] };

/** From the side panel to the extension. */
export type FromPanel =
  | { readonly type: 'ready'; readonly state: PanelState | undefined }
  | { readonly type: 'trace'; readonly request: TraceRequest }
  | { readonly type: 'reveal'; readonly at: FileRange; readonly focus: boolean }
  | { readonly type: 'mermaid'; readonly branch: string }
  | { readonly type: 'copy'; readonly text: string; readonly what: string }
  | {
      readonly type: 'save';
      readonly format: 'svg' | 'png' | 'mermaid' | 'markdown';
      readonly branch: string;
      readonly content?: string;
    }
  | { readonly type: 'pin'; readonly pinned: boolean };

/** What survives a reload of the window. */
export interface PanelState {
  readonly request: TraceRequest;
  readonly branch: string;
  readonly message: string | undefined;
  readonly controlPlane: boolean;
  readonly pinned: boolean;
}
