import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Browser, BrowserContext, Frame, Locator, Page } from 'playwright-core';
import { allowFunctions, launchBrowser } from '../browser.js';
import { startHost, type Host, type HostName, type HostOptions } from './hosts.js';

/** One row of the Problems panel, as a person reads it. */
export interface Problem {
  readonly file: string;
  readonly severity: 'error' | 'warning' | 'info';
  readonly message: string;
  readonly source: string;
  readonly code: string;
  readonly line: number;
  readonly column: number;
  /** What the other lines involved say: `routing.yaml:3 subset v2`. */
  readonly related: readonly string[];
}

export type Theme = 'light' | 'dark' | 'hc-dark' | 'hc-light';

// The names differ between versions; the start of an id does not.
const themes: Record<Theme, string> = {
  light: 'Default Light Modern',
  dark: 'Default Dark Modern',
  'hc-dark': 'Default High Contrast',
  'hc-light': 'Default High Contrast Light',
};

export interface OpenOptions extends HostOptions {
  readonly theme?: Theme;
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Shows the browser, for a person who looks for a bug. */
  readonly headless?: boolean;
}

/** Starts an editor with the extension, opens a folder in it and waits until a person could begin. */
export async function openVsCode(name: HostName, options: OpenOptions): Promise<Workbench> {
  const { theme = 'light', viewport = { width: 1400, height: 900 }, headless = true, ...rest } = options;
  const settings = { 'workbench.colorTheme': themes[theme], ...rest.settings };
  const host = await startHost(name, { ...rest, settings });
  let browser: Browser | undefined;
  try {
    browser = await launchBrowser({ headless });
    const context = await browser.newContext({ viewport, reducedMotion: 'reduce' });
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await allowFunctions(context);
    const workbench = new Workbench(name, host, browser, context, await context.newPage());
    await workbench.start();
    return workbench;
  } catch (error) {
    await browser?.close();
    host.stop();
    throw error;
  }
}

/** VS Code in a browser, driven by what a person sees and types. Every method waits until what it did shows. */
export class Workbench {
  /** What the page wrote to its console, for a failed test to show. */
  readonly console: string[] = [];

  constructor(
    readonly name: HostName,
    readonly host: Host,
    readonly browser: Browser,
    readonly context: BrowserContext,
    readonly page: Page,
  ) {
    page.setDefaultTimeout(20_000);
    page.on('console', (it) => this.console.push(`${it.type()}: ${it.text()}`));
    page.on('pageerror', (it) => this.console.push(`page error: ${it.message}`));
  }

  async start(): Promise<void> {
    await this.page.goto(this.host.url);
    await this.ready();
  }

  /** Loads the page anew, as a person's F5 does. */
  async reload(): Promise<void> {
    // An editor in a browser writes down which tabs are open every five seconds, when it has time; a person is not faster.
    await this.page.waitForTimeout(7000);
    await this.page.reload();
    await this.ready();
  }

  /** Opens a file by its path inside the folder. */
  async openFile(path: string): Promise<void> {
    const name = path.split('/').at(-1) ?? path;
    const tab = this.page.locator(`.editor-group-container.active .tab.active[data-resource-name="${name}"]`);
    // A file that another group shows is activated there, so that the window keeps its columns.
    const open = this.page.locator(`.tab[data-resource-name="${name}"]`).first();
    if (!(await tab.isVisible()) && (await open.isVisible())) await open.click();
    for (let attempt = 0; attempt < 4 && !(await tab.isVisible()); attempt++) {
      await (this.name === 'node' ? this.quickOpen(path) : this.openByExplorer(path)).catch(() => undefined);
      await tab.waitFor({ timeout: 4000 }).catch(() => undefined);
    }
    await tab.waitFor({ timeout: 5000 });
    await this.page.locator('.editor-group-container.active .monaco-editor .view-line').first().waitFor();
  }

  /** Opens the file and puts the cursor on the nth place where it says `text` (on disk), into its middle; returns line and column, from 1. */
  async goTo(path: string, text: string, nth = 1): Promise<{ line: number; column: number }> {
    const content = readFileSync(join(this.host.folder, path), 'utf8');
    let offset = -1;
    for (let i = 0; i < nth; i++) {
      offset = content.indexOf(text, offset + 1);
      assert.notEqual(offset, -1, `${path} does not say "${text}" ${i + 1} times`);
    }
    const before = content.slice(0, offset + Math.floor(text.length / 2)).split('\n');
    const line = before.length;
    const column = (before.at(-1)?.length ?? 0) + 1;
    await this.openFile(path);
    const input = await this.quickInput('Control+G');
    await input.fill(`:${line}:${column}`);
    await input.press('Enter');
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
    await this.waitFor(
      async () => (await this.cursor()) === `${line}:${column}`,
      `the cursor to be on ${line}:${column}`,
    );
    return { line, column };
  }

  /** Where the cursor of the active editor is, by the status bar: `12:7`. */
  async cursor(): Promise<string> {
    const text = await this.page.locator('.statusbar-item[id="status.editor.selection"]').innerText();
    const [, line, column] = /Ln (\d+), Col (\d+)/.exec(text) ?? [];
    return `${line}:${column}`;
  }

  /** Opens the file, moves the mouse onto the text and returns what the hover says. */
  async hover(path: string, text: string, nth = 1): Promise<string> {
    await this.goTo(path, text, nth);
    const editor = this.page.locator('.editor-group-container.active .monaco-editor').first();
    const box = await editor.locator('.cursors-layer .cursor').first().boundingBox();
    assert.ok(box, 'the cursor shows');
    // A language that has just started may have nothing to say yet: like a person, move the mouse away and come again.
    await this.waitFor(async () => {
      await this.page.mouse.move(box.x + 200, box.y + 200);
      await this.page.waitForTimeout(100);
      await this.page.mouse.move(box.x + 3, box.y + box.height / 2, { steps: 4 });
      await this.hoverWidget().waitFor({ timeout: 2000 });
      return true;
    }, `a hover over "${text}"`);
    return this.readHover();
  }

  /** What the open hover says, when it has finished loading. */
  async readHover(): Promise<string> {
    const hover = this.hoverWidget();
    await hover.waitFor();
    await this.waitFor(async () => !/^\s*(Loading\.\.\.)?\s*$/.test(await hover.innerText()), 'the hover to answer');
    return (await hover.innerText()).replaceAll('\u00a0', ' ').trim();
  }

  hoverWidget(): Locator {
    return this.page
      .locator('.monaco-editor .monaco-resizable-hover:visible .monaco-hover, .monaco-editor .monaco-hover:visible')
      .first();
  }

  /** Runs a command of the palette by the title that a person types. */
  async command(title: string): Promise<void> {
    const input = await this.quickInput('F1');
    const row = this.page.locator('.quick-input-list .monaco-list-row').first();
    const offered = async (): Promise<boolean> => {
      await input.fill(`>${title}`);
      await this.page.waitForTimeout(200);
      if ((await row.innerText()).trim().startsWith(title)) return true;
      // the list does not hear of extensions that are found while it is open, but it looks again when one types
      await input.fill('>');
      return false;
    };
    await this.waitFor(offered, `the palette to offer "${title}"`);
    await row.click();
  }

  /** All rows of the Problems panel, after it has said the same for half a second. */
  async problems(): Promise<Problem[]> {
    await this.showProblems();
    let last = '';
    let same = 0;
    let found: Problem[] = [];
    for (const end = Date.now() + 30_000; Date.now() < end && same < 2; await this.page.waitForTimeout(250)) {
      found = await this.readProblems();
      same = JSON.stringify(found) === last ? same + 1 : 0;
      last = JSON.stringify(found);
    }
    return found;
  }

  /** Waits until the Problems panel satisfies a condition, and returns its rows. */
  async problemsWhen(condition: (problems: readonly Problem[]) => boolean, what: string): Promise<Problem[]> {
    await this.showProblems();
    let found: Problem[] = [];
    await this.waitFor(async () => condition((found = await this.readProblems())), `${what} in Problems`, 60_000).catch(
      (error: unknown) => {
        throw new Error(`${String(error)}; it shows ${JSON.stringify(found, undefined, 1)}`);
      },
    );
    return found;
  }

  async showProblems(): Promise<void> {
    const panel = this.page.locator('.markers-panel');
    for (let attempt = 0; attempt < 5 && !(await panel.isVisible()); attempt++) {
      await this.page.keyboard.press('Control+Shift+M');
      await panel.waitFor({ timeout: 3000 }).catch(() => undefined);
    }
    await panel.waitFor({ timeout: 5000 });
  }

  /** The frame in which a webview of this title draws. */
  async webview(title: string | RegExp): Promise<Frame> {
    let found: Frame | undefined;
    await this.waitFor(
      async () => {
        for (const frame of this.page.frames()) {
          const element = await frame.frameElement().catch(() => undefined);
          if (!element || (await element.getAttribute('id')) !== 'active-frame') continue;
          const is = (await element.getAttribute('title')) ?? '';
          if (typeof title === 'string' ? is !== title : !title.test(is)) continue;
          if (await frame.evaluate(() => document.body?.childElementCount > 0).catch(() => false)) found = frame;
        }
        return found !== undefined;
      },
      `a webview "${String(title)}"`,
    );
    assert.ok(found);
    return found;
  }

  /** Changes the colours as a person does, without a reload. */
  async setTheme(theme: Theme): Promise<void> {
    const input = await this.quickInput('Control+K', 'Control+T');
    const [label] = {
      light: ['Light Modern'],
      dark: ['Dark Modern'],
      'hc-dark': ['Dark High Contrast'],
      'hc-light': ['Light High Contrast'],
    }[theme];
    await input.fill(label ?? '');
    await this.page.waitForTimeout(300);
    await input.press('Enter');
    const className = { light: 'vs', dark: 'vs-dark', 'hc-dark': 'hc-black', 'hc-light': 'hc-light' }[theme];
    await this.page.locator(`.monaco-workbench.${className}`).waitFor();
  }

  /** The name of the active tab. */
  async activeTab(): Promise<string | null> {
    return this.page
      .locator('.editor-group-container.active .tab.active')
      .first()
      .getAttribute('data-resource-name', { timeout: 500 })
      .catch(() => null);
  }

  /** A picture of the window, or of one part of it. */
  async screenshot(path: string, part?: Locator): Promise<void> {
    mkdirSync(dirname(path), { recursive: true });
    await (part ?? this.page).screenshot({ path, animations: 'disabled' });
  }

  /** Waits until a condition holds, and says what was waited for when it never does. */
  async waitFor(condition: () => Promise<boolean>, what: string, milliseconds = 20_000): Promise<void> {
    for (const end = Date.now() + milliseconds; Date.now() < end; await this.page.waitForTimeout(100)) {
      if (await condition().catch(() => false)) return;
    }
    throw new Error(`Waited ${milliseconds / 1000} s for ${what}`);
  }

  async close(): Promise<void> {
    await this.browser.close();
    this.host.stop();
  }

  private async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.editor').waitFor({ timeout: 60_000 });
    await this.page.locator('.explorer-folders-view .monaco-list-row').first().waitFor({ timeout: 60_000 });
  }

  private async quickOpen(path: string): Promise<void> {
    const input = await this.quickInput('Control+P');
    await input.fill(path);
    await this.quickRow(path.split('/').at(-1) ?? path).click({ timeout: 4000 });
  }

  // A folder served for the web cannot be searched by name: click through the Explorer, folder by folder.
  private async openByExplorer(path: string): Promise<void> {
    const parts = path.split('/');
    for (const [level, part] of parts.entries()) {
      const row = this.page
        .locator(`.explorer-folders-view .monaco-list-row[aria-level="${level + 1}"][aria-label="${part}"]`)
        .first();
      await row.waitFor({ timeout: 4000 });
      if (level === parts.length - 1) await row.dblclick();
      else if ((await row.getAttribute('aria-expanded')) !== 'true') await row.click();
    }
  }

  private quickRow(text: string): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: text }).first();
  }

  private async quickInput(...keys: string[]): Promise<Locator> {
    const input = this.page.locator('.quick-input-widget:visible .quick-input-box input').first();
    // A key pressed while the window is busy with its start gets lost.
    for (let attempt = 0; attempt < 5; attempt++) {
      await this.page.keyboard.press('Escape');
      for (const key of keys) await this.page.keyboard.press(key);
      if (
        await input.waitFor({ timeout: 2000 }).then(
          () => true,
          () => false,
        )
      )
        return input;
    }
    throw new Error(`${keys.join(' ')} opened nothing to type in`);
  }

  private async readProblems(): Promise<Problem[]> {
    const list = this.page.locator('.markers-panel .tree-container .monaco-list');
    if (!(await list.isVisible())) return [];
    // The list draws only the rows that show; a wheel's turn brings the others.
    const rows = new Map<number, Row>();
    const box = await list.boundingBox();
    if (!box) return [];
    await this.page.mouse.move(box.x + box.width / 2, box.y + box.height - 10);
    // One turn of the wheel moves the list by 50 pixels, however far it turns.
    const turn = async (times: number, by: number) => {
      for (let i = 0; i < times; i++) await this.page.mouse.wheel(0, by);
      await this.page.waitForTimeout(60);
      // Rows that stick to the top are copies.
      return list.locator('.monaco-list-rows > .monaco-list-row').evaluateAll(readRows);
    };
    for (let up = 0; up < 100 && !(await turn(up && 20, -100)).some((it) => it.index === 0); up++);
    for (let known = -1; rows.size > known;) {
      const times = known < 0 ? 0 : 3;
      known = rows.size;
      for (const row of await turn(times, 100)) rows.set(row.index, row);
    }
    return toProblems([...rows.values()].sort((a, b) => a.index - b.index));
  }
}

interface Row {
  readonly index: number;
  readonly level: number;
  readonly file: string;
  readonly icon: string;
  readonly message: string;
  readonly source: string;
  readonly code: string;
  readonly place: string;
  readonly related: string;
}

// Runs inside the page.
function readRows(rows: Element[]): Row[] {
  return rows.map((row) => {
    const text = (selector: string) => row.querySelector(selector)?.textContent ?? '';
    return {
      index: Number(row.getAttribute('data-index')),
      level: Number(row.getAttribute('aria-level')),
      file: [text('.label-description'), text('.label-name')].filter(Boolean).join('/'),
      icon: row.querySelector('.marker-icon')?.className ?? '',
      message: [...row.querySelectorAll('.marker-message')].map((it) => it.textContent).join('\n'),
      source: text('.marker-source'),
      code: text('.marker-code').replace(/^\(|\)$/g, ''),
      place: text('.marker-line'),
      related: `${text('.related-info-resource')}|${text('.marker-description')}`,
    };
  });
}

function toProblems(rows: readonly Row[]): Problem[] {
  const problems: (Problem & { related: string[] })[] = [];
  let file = '';
  for (const row of rows) {
    const [, line, column] = /Ln (\d+), Col (\d+)/.exec(row.place) ?? [];
    if (row.level === 1) file = row.file;
    else if (row.level === 3) problems.at(-1)?.related.push(row.related.replace('|', `:${line} `));
    else {
      const severity = row.icon.includes('error') ? 'error' : row.icon.includes('warning') ? 'warning' : 'info';
      const { message, source, code } = row;
      problems.push({ file, severity, message, source, code, line: Number(line), column: Number(column), related: [] });
    }
  }
  return problems;
}
