import mermaid from 'mermaid';
import { keepPolicy } from './policy.js';

let serial = 0;
keepPolicy();

/** The SVG that Mermaid makes of a text, in the colours of the theme. It is to be shown as a picture: it holds styles of its own. */
export async function renderMermaid(text: string): Promise<string> {
  mermaid.initialize({
    startOnLoad: false,
    // The other levels parse the finished drawing once more, styles and all, against the page's policy. Nothing of it is live: the text is
    // escaped where it is made, no script runs under the policy, and what is shown is a picture.
    securityLevel: 'loose',
    suppressErrorRendering: true,
    maxTextSize: 500_000,
    theme: 'base',
    themeVariables: themeVariables(),
    fontFamily: getComputedStyle(document.body).fontFamily,
    sequence: { useMaxWidth: false, mirrorActors: false, wrap: false },
  });
  const { svg } = await mermaid.render(`mermaid-${++serial}`, text);
  return svg;
}

function themeVariables(): Record<string, string | boolean> {
  const style = getComputedStyle(document.body);
  const color = (name: string, otherwise: string): string =>
    style.getPropertyValue(`--vscode-${name}`).trim() || otherwise;
  const text = color('foreground', '#333333');
  const paper = color('editor-background', '#ffffff');
  const line = color('descriptionForeground', text);
  return {
    darkMode: /dark|high-contrast(?!-light)/.test(document.body.className),
    background: paper,
    mainBkg: paper,
    primaryColor: paper,
    primaryTextColor: text,
    primaryBorderColor: line,
    lineColor: line,
    textColor: text,
    actorBkg: paper,
    actorBorder: line,
    actorTextColor: text,
    actorLineColor: line,
    signalColor: text,
    signalTextColor: text,
    labelTextColor: text,
    noteBkgColor: color('editorWidget-background', paper),
    noteBorderColor: line,
    noteTextColor: color('editorWidget-foreground', text),
    sequenceNumberColor: paper,
  };
}
