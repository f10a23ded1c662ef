import type { FromPanel, PanelState, ToPanel } from '../src/protocol/panel.js';

interface WebviewApi {
  postMessage(message: FromPanel): void;
  getState(): PanelState | undefined;
  setState(state: PanelState | undefined): void;
}

declare function acquireVsCodeApi(): WebviewApi;

const api = acquireVsCodeApi();

/** Sends a message to the extension. */
export const post = (message: FromPanel): void => api.postMessage(message);

/** What the panel last remembered, as it survives hiding and reloading. */
export const remembered = (): PanelState | undefined => api.getState();

export const remember = (state: PanelState): void => api.setState(state);

/** Hears what the extension says. */
export function listen(hear: (message: ToPanel) => void): void {
  addEventListener('message', (event: MessageEvent<ToPanel>) => hear(event.data));
}
