/** What the page of the side panel needs to know of where it is shown. */
export interface PanelPage {
  /** URI of dist/webview/main.js as the webview can load it; its chunks lie beside it. */
  readonly scriptUri: string;
  /** URI of dist/webview/main.css. */
  readonly styleUri: string;
  /** The webview's `cspSource`. */
  readonly cspSource: string;
  /** Fresh for every page. */
  readonly nonce: string;
  readonly language?: string;
}

/**
 * The page of the side panel. Its policy lets in our own script and style sheet and nothing inline. Mermaid wants a style sheet while it
 * draws, which carries the nonce, and its drawing is shown as a picture, so that the styles within it do not count as the page's.
 */
export function panelHtml({ scriptUri, styleUri, cspSource, nonce, language = 'en' }: PanelPage): string {
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource} 'nonce-${nonce}'`,
    `img-src ${cspSource} data: blob:`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${escapeHtml(language)}">
  <head>
    <meta charset="UTF-8">
    <meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
    <meta name="viewport" content="width=device-width, initial-scale=1.0">
    <link rel="stylesheet" href="${escapeHtml(styleUri)}">
    <title>Packet's-Eye</title>
  </head>
  <body>
    <div id="app"></div>
    <script type="module" nonce="${escapeHtml(nonce)}" src="${escapeHtml(scriptUri)}"></script>
  </body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
