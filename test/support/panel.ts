import { build } from 'esbuild';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { panelHtml } from '../../src/client/panel/html.js';
import type { Diagram } from '../../src/features/diagram-model.js';
import { toDiagram } from '../../src/features/diagram.js';
import type { Trace } from '../../src/core/trace/path.js';
import type { FromPanel, PanelState, ToPanel } from '../../src/protocol/panel.js';
import type { FileRange } from '../../src/protocol/places.js';
import { allowFunctions } from './browser.js';
import { inRoot } from './paths.js';
import { themes, type ThemeName } from './themes.js';
import { naming } from './traces.js';

const ORIGIN = 'https://panel.test';
const NONCE = 'c29tZXRoaW5nIG5ldw';

/** The webview's bundle, built as the extension's is, in a folder of its own. */
export async function buildPanel(): Promise<{ readonly folder: string; readonly dispose: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'packets-eye-panel-'));
  await build({
    absWorkingDir: inRoot(),
    entryPoints: { main: 'webview/main.tsx' },
    outdir: folder,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    minify: true,
    format: 'esm',
    splitting: true,
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'warning',
  });
  return { folder, dispose: () => rm(folder, { recursive: true, force: true }) };
}

export interface Panel {
  readonly page: Page;
  /** Says something as the extension would. */
  send(message: ToPanel): Promise<void>;
  /** What the panel has said so far, oldest first. */
  sent(): Promise<FromPanel[]>;
  state(): Promise<PanelState | undefined>;
  /** What broke the page's policy, went wrong in scripts or was not found. */
  readonly problems: string[];
}

export interface PanelOptions {
  readonly folder: string;
  readonly theme?: ThemeName;
  readonly width?: number;
  readonly height?: number;
  readonly state?: PanelState;
  readonly reducedMotion?: boolean;
}

/** The panel in a browser, on a page as the editor makes it, with the editor's part played by the test. */
export async function openPanel(browser: Browser, options: PanelOptions): Promise<Panel> {
  const { folder, theme = 'dark', width = 1200, height = 900, state, reducedMotion = true } = options;
  const page = await browser.newPage({
    viewport: { width, height },
    reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
  });
  const problems: string[] = [];
  page.on('console', (it) => {
    if (it.type() === 'error' || it.type() === 'warning') problems.push(it.text());
  });
  page.on('pageerror', (it) => problems.push(String(it)));
  await page.route(`${ORIGIN}/**`, async (route) => {
    const path = new URL(route.request().url()).pathname;
    if (path === '/') {
      const page = { scriptUri: `${ORIGIN}/main.js`, styleUri: `${ORIGIN}/main.css`, cspSource: ORIGIN, nonce: NONCE };
      await route.fulfill({ contentType: 'text/html', body: panelHtml(page) });
      return;
    }
    const contentType = extname(path) === '.css' ? 'text/css' : 'text/javascript';
    const body = await readFile(join(folder, path)).catch(() => undefined);
    await route.fulfill(body ? { contentType, body } : { status: 404 });
  });
  await allowFunctions(page);
  await page.addInitScript(playEditor, { theme: themes[theme], state });
  await page.goto(`${ORIGIN}/`);
  await page.waitForSelector('.panel', { timeout: 5000 }).catch((it: unknown) => {
    throw new Error([String(it), ...problems].join('\n'));
  });
  return {
    page,
    problems,
    send: async (message) => {
      await page.evaluate((it) => window.postMessage(it), message);
      // the answer is drawn in a frame of its own
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    },
    sent: () => page.evaluate(() => (window as unknown as { sent: FromPanel[] }).sent),
    state: () => page.evaluate(() => (window as unknown as { kept?: PanelState }).kept),
  };
}

// Runs in the page, before everything else.
function playEditor({
  theme,
  state,
}: {
  theme: { classes: string; kind: string; colors: Record<string, string> };
  state?: unknown;
}): void {
  const world = window as unknown as { sent: unknown[]; kept: unknown; acquireVsCodeApi: () => unknown };
  world.sent = [];
  world.kept = state;
  world.acquireVsCodeApi = () => ({
    postMessage: (it: unknown) => world.sent.push(it),
    getState: () => world.kept,
    setState: (it: unknown) => (world.kept = it),
  });
  document.addEventListener('securitypolicyviolation', (it) => {
    console.error(`policy: ${it.violatedDirective} ${it.blockedURI} ${it.sourceFile}:${it.lineNumber}`);
  });
  new MutationObserver((_, observer) => {
    if (!document.body) return;
    observer.disconnect();
    document.body.className = theme.classes;
    for (const [name, value] of Object.entries(theme.colors)) {
      document.documentElement.style.setProperty(`--vscode-${name}`, value);
    }
  }).observe(document, { childList: true, subtree: true });
}

/** A trace as it arrives in the panel: with lines instead of offsets. */
export function shown(trace: Trace): Diagram<FileRange> {
  const drawn = toDiagram(trace, naming);
  const cite = <T extends { at: { doc: string; start: number; end: number } }>(it: T): T & { at: FileRange } => ({
    ...it,
    at: {
      uri: it.at.doc.replace(/#.*/, ''),
      start: { line: it.at.start / 100 - 1, character: 0 },
      end: { line: it.at.start / 100 - 1, character: it.at.end - it.at.start },
    },
  });
  return {
    ...drawn,
    branches: drawn.branches.map((branch) => ({
      ...branch,
      messages: branch.messages.map((message) => ({
        ...message,
        detail: {
          ...message.detail,
          evidence: message.detail.evidence.map(cite),
          rejected: message.detail.rejected.map((it) => ({ ...it, evidence: it.evidence.map(cite) })),
        },
      })),
    })),
  };
}

export const suggestions = {
  workloads: ['shop/productpage', 'shop/reviews-v1', 'shop/reviews-v2', 'shop/ratings', 'front/page'],
  gateways: ['istio-system/istio-ingressgateway'],
  hosts: ['reviews.shop:9080', 'ratings.shop:9080', 'www.front.example:443'],
};
