import assert from 'node:assert/strict';
import { build } from 'esbuild';
import fc from 'fast-check';
import { after, before, describe, it } from 'mocha';
import type { Browser, Page } from 'playwright-core';
import { toDiagram } from '../../src/features/diagram.js';
import type { Branch } from '../../src/features/diagram-model.js';
import { exportMermaid } from '../../src/features/export-mermaid.js';
import { launchBrowser } from '../support/browser.js';
import { buildPanel, openPanel, shown } from '../support/panel.js';
import { conformanceDiagrams } from '../support/diagrams.js';
import { inRoot } from '../support/paths.js';
import { naming, traces } from '../support/traces.js';

/** What mermaid's page can do in these tests. */
interface MermaidPage {
  mermaid: {
    parse(text: string): Promise<{ diagramType: string }>;
    render(id: string, text: string): Promise<{ svg: string }>;
  };
}

describe('Mermaid', function () {
  this.timeout(120_000);
  let browser: Browser;
  let page: Page;

  before(async () => {
    const { outputFiles } = await build({
      stdin: {
        contents: `import mermaid from 'mermaid'; mermaid.initialize({ startOnLoad: false }); window.mermaid = mermaid;`,
        resolveDir: inRoot(),
      },
      bundle: true,
      write: false,
      format: 'iife',
      logLevel: 'warning',
    });
    browser = await launchBrowser();
    page = await browser.newPage();
    await page.setContent('<!DOCTYPE html><body></body>');
    await page.addScriptTag({ content: outputFiles[0]?.text ?? '' });
  });
  after(() => browser.close());

  /** What the real mermaid says against texts; empty when it takes them all for sequence diagrams. */
  const objections = (texts: string[]): Promise<string[]> =>
    page.evaluate(async (all) => {
      const { mermaid } = window as unknown as MermaidPage;
      const found: string[] = [];
      for (const text of all) {
        try {
          const { diagramType } = await mermaid.parse(text);
          if (diagramType !== 'sequence') found.push(`${diagramType}: ${text}`);
        } catch (problem) {
          found.push(`${String(problem)}\n${text}`);
        }
      }
      return found;
    }, texts);

  const branches = Object.values(traces).flatMap((it) => toDiagram(it, naming).branches);

  it('parses every exported diagram', async () => {
    const texts = branches.flatMap((it) =>
      [true, false].map((controlPlane) => exportMermaid(it, { controlPlane, title: 'GET http://a; from "b"' })),
    );
    assert.deepEqual(await objections(texts), []);
  });

  it('parses whatever the engine answers', async () => {
    // one for each way to end and each set of places
    const texts = new Map<string, string>();
    for (const [, { title, branches }] of conformanceDiagrams()) {
      for (const it of branches) {
        const kind = [it.badge.code, ...it.lanes.map((lane) => lane.kind)].join();
        if (!texts.has(kind)) texts.set(kind, exportMermaid(it, { title, controlPlane: true }));
      }
    }
    assert.deepEqual(await objections([...texts.values()]), []);
    assert.ok(texts.size > 30);
  });

  it('parses diagrams in which anything may stand', async () => {
    const nasty = fc.oneof(
      fc.constantFrom(
        'end',
        'loop forever',
        'a;b',
        '#35;',
        '%% no comment',
        '%%{init: {"theme": "dark"}}%%',
        'wrap: x',
        ': leading',
        '---',
        'as',
        'participant',
        'red label',
        '<br/>',
        '<script>alert(1)</script>',
        '$$x^2$$',
        'line\nbreak',
        '',
        ' ',
        'ﬂ°°35¶ß',
        'x'.repeat(5000),
        'мир 世界 🚀',
      ),
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.string({ unit: fc.constantFrom(...'#;:"%{}<>()[]|\\/`\'$&-+*=~^@!,. \n\tabend'), maxLength: 40 }),
    );
    const worded = fc.tuple(
      fc.constantFrom(...branches.filter((it) => it.lanes.length < 15)),
      fc.infiniteStream(nasty),
    );
    const texts = fc.sample(worded, { numRuns: 150, seed: 7 }).map(([branch, words]) => {
      const next = (): string => String(words.next().value);
      return exportMermaid(reworded(branch, next), { controlPlane: true, title: next() });
    });
    assert.deepEqual(await objections(texts), []);
  });

  it('shows texts as they are', async () => {
    const nasty = `a;b #c "d" <e> 100% {f} it's | g: h & i`;
    const [branch] = branches;
    assert.ok(branch);
    const text = exportMermaid(reworded(branch, () => nasty));
    const drawn = await page.evaluate(async (it) => {
      const { svg } = await (window as unknown as MermaidPage).mermaid.render('drawn', it);
      return new DOMParser().parseFromString(svg, 'text/html').body.textContent ?? '';
    }, text);
    assert.ok(drawn.includes(nasty), drawn.slice(-2000));
  });

  it('is loaded when first asked for, and drawn as a picture under the policy of the panel', async () => {
    const { folder, dispose } = await buildPanel();
    try {
      const panel = await openPanel(browser, { folder, width: 900 });
      const loaded: string[] = [];
      panel.page.on('request', (it) => loaded.push(it.url()));
      await panel.send({ type: 'show', diagram: shown(traces.canary), pinned: false });
      assert.deepEqual(
        loaded.filter((it) => it.includes('chunks/')),
        [],
      );
      await panel.page.click('[aria-label=Mermaid]');
      const asked = (await panel.sent()).at(-1);
      assert.deepEqual(asked, { type: 'mermaid', branch: 'branch-1' });
      const text = exportMermaid(toDiagram(traces.canary, naming).branches[0] ?? assert.fail());
      await panel.send({ type: 'mermaid', branch: 'branch-1', text });
      await panel.page.waitForSelector('.mermaid-view img');
      const [width, height] = await panel.page.evaluate(async () => {
        const picture = document.querySelector<HTMLImageElement>('.mermaid-view img');
        await picture?.decode();
        return [picture?.naturalWidth ?? 0, picture?.naturalHeight ?? 0];
      });
      assert.ok(width > 800 && height > 800, `${width} × ${height}`);
      await panel.page.screenshot({ path: inRoot('test-results/webview/mermaid.png'), fullPage: true });
      assert.deepEqual(panel.problems, []);
      await panel.page.close();
    } finally {
      await dispose();
    }
  });
});

/** The same diagram with other words wherever there are any. */
function reworded(branch: Branch, next: () => string): Branch {
  return {
    ...branch,
    label: next(),
    lanes: branch.lanes.map((it) => ({ ...it, label: next(), sublabel: next() })),
    boxes: branch.boxes.map((it) => ({ ...it, label: next() })),
    messages: branch.messages.map((it) => ({ ...it, text: next(), detail: { ...it.detail, because: next() } })),
  };
}
