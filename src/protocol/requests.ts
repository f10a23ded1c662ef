import type { Requester, Target, TraceRequest } from '../core/trace/request.js';
import type { Diagram } from '../features/diagram-model.js';
import type { RequestSuggestions } from '../features/suggestions.js';
import type { FileRange } from './places.js';

export type { RequestSuggestions as Suggestions };
export type { Diagram, Requester, Target, TraceRequest };

/*
 * What the client asks the language server beyond LSP. Method names are constants of server and client alike
 * (this folder holds types only), checked against each other by {@link Requests}.
 */
export interface Requests {
  /** Follows one request. */
  readonly 'packetsEye/trace': { readonly params: TraceParams; readonly result: Diagram<FileRange> | null };
  /** The request that best shows what stands under the cursor. */
  readonly 'packetsEye/witness': { readonly params: WitnessParams; readonly result: TraceRequest | null };
  /** What a typed URL asks for (`reviews:9080/api`), or what is wrong with it, in a sentence. */
  readonly 'packetsEye/parseTarget': { readonly params: { readonly text: string }; readonly result: ParsedTarget };
  /** What the request form offers. */
  readonly 'packetsEye/suggestions': { readonly params: Near; readonly result: RequestSuggestions };
  /** Mermaid or Markdown text of a trace's branch. */
  readonly 'packetsEye/export': { readonly params: ExportParams; readonly result: string | null };
}

/** Of several environments (workspace folders), that of this file is meant; else the first. */
export interface Near {
  readonly near?: string;
}

export interface TraceParams extends Near {
  readonly request: TraceRequest;
}

export type ParsedTarget = { readonly target: Target } | { readonly problem: string };

export interface WitnessParams {
  readonly uri: string;
  readonly line: number;
  readonly character: number;
}

export interface ExportParams extends Near {
  readonly request: TraceRequest;
  readonly branch: string;
  readonly format: 'mermaid' | 'markdown';
}

/** Server to client, whenever the index has changed. */
export interface IndexStatus {
  readonly state: 'indexing' | 'ready';
  readonly files: number;
  readonly resources: number;
  readonly errors: number;
  readonly warnings: number;
}

/** What one side tells the other unasked. */
export interface Notifications {
  /** Server to client. */
  readonly 'packetsEye/status': IndexStatus;
  /** Client to server: one more environment beside the workspace's folders. */
  readonly 'packetsEye/addFolder': { readonly uri: string };
}
