import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import axe from 'axe-core';
import { after, before, describe, it } from 'mocha';
import type { Browser, Page } from 'playwright-core';
import type { FromPanel } from '../../src/protocol/panel.js';
import { launchBrowser } from '../support/browser.js';
import { weakContrasts } from '../support/contrast.js';
import { buildPanel, openPanel, shown, suggestions, type Panel, type PanelOptions } from '../support/panel.js';
import { inRoot } from '../support/paths.js';
import { themes, type ThemeName } from '../support/themes.js';
import { traces } from '../support/traces.js';

describe('side panel', function () {
  this.timeout(60_000);
  let browser: Browser;
  let folder: string;
  let dispose: () => Promise<void>;

  before(async () => {
    ({ folder, dispose } = await buildPanel());
    browser = await launchBrowser();
  });
  after(async () => {
    await browser.close();
    await dispose();
  });

  /** Opens the panel with a trace in it, and checks at the end that nothing went wrong on the page. */
  async function withPanel(
    name: keyof typeof traces | undefined,
    options: Omit<PanelOptions, 'folder'>,
    use: (panel: Panel) => Promise<void>,
  ): Promise<void> {
    const panel = await openPanel(browser, { folder, ...options });
    try {
      if (name) {
        await panel.send({ type: 'suggestions', suggestions });
        await panel.send({ type: 'show', diagram: shown(traces[name]), pinned: false });
      }
      await use(panel);
      assert.deepEqual(panel.problems, []);
    } finally {
      await panel.page.close();
    }
  }

  const said = async <T extends FromPanel['type']>(panel: Panel, type: T): Promise<Extract<FromPanel, { type: T }>[]> =>
    (await panel.sent()).filter((it): it is Extract<FromPanel, { type: T }> => it.type === type);

  const current = (panel: Panel): Promise<string | null> =>
    panel.page.evaluate(() => document.querySelector('[aria-current=step] .spoken')?.textContent ?? null);

  describe('looks', () => {
    for (const theme of Object.keys(themes) as ThemeName[]) {
      for (const width of [250, 480, 1200]) {
        it(`${theme}, ${width} pixels wide: accessible, legible, nothing cut off`, async () => {
          await withPanel('canary', { theme, width, height: 820 }, async (panel) => {
            const { page } = panel;
            await page.click('[role=tab]:nth-child(2)');
            await page.click('[aria-label="Control plane"]');
            await page.evaluate(axe.source);
            const { violations } = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());
            assert.deepEqual(
              violations.map((it) => `${it.id}: ${it.nodes.map((node) => node.html).join(' | ')}`),
              [],
            );
            assert.deepEqual(await page.evaluate(weakContrasts), []);
            const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            assert.equal(overflow, 0, 'the page itself does not scroll sideways');
            mkdirSync(inRoot('test-results/webview'), { recursive: true });
            await page.click('[aria-label="Control plane"]');
            await page.screenshot({ path: inRoot(`test-results/webview/${theme}-${width}.png`) });
          });
        });
      }
    }

    for (const [name, theme, width] of [
      ['long', 'dark', 1200],
      ['ingress', 'light', 1800],
      ['aborted', 'hc-dark', 700],
      ['unknown', 'light', 480],
    ] as const) {
      it(`${name} in ${theme}: texts stand inside of the drawing`, async () => {
        await withPanel(name, { theme, width }, async ({ page }) => {
          const outside = await page.evaluate(() => {
            const frame = document.querySelector('.ground')?.getBoundingClientRect();
            if (!frame) return ['no drawing'];
            return [...document.querySelectorAll('.steps text')]
              .filter(
                (it) => it.getBoundingClientRect().left < frame.left || it.getBoundingClientRect().right > frame.right,
              )
              .map((it) => it.textContent);
          });
          assert.deepEqual(outside, []);
          await page.screenshot({ path: inRoot(`test-results/webview/${name}-${theme}-${width}.png`) });
        });
      });
    }

    it('keeps the names of lanes in sight while the steps scroll', async () => {
      await withPanel('canary', { height: 500 }, async ({ page }) => {
        await page.evaluate(() => document.querySelector('.sequence')?.scrollBy(0, 400));
        const [head, scroller] = await page.evaluate(() =>
          ['.heads', '.sequence'].map((it) => document.querySelector(it)?.getBoundingClientRect().top),
        );
        assert.equal(head, scroller);
      });
    });
  });

  describe('steps', () => {
    it('are an ordered list of sentences', async () => {
      await withPanel('canary', {}, async ({ page }) => {
        const labels = await page.evaluate(() =>
          [...document.querySelectorAll('ol > li > button > .spoken')].map((it) => it.textContent),
        );
        assert.equal(labels.length, 21);
        assert.match(labels[8] ?? '', /^Step 9: Envoy sidecar of shop\/productpage, match route: route #2/);
      });
    });

    it('are selected by a click, and the editor shows the deciding line', async () => {
      await withPanel('canary', {}, async (panel) => {
        await panel.page.click('.step:nth-child(9) button');
        assert.match((await current(panel)) ?? '', /^Step 9:/);
        const [reveal] = await said(panel, 'reveal');
        assert.equal(reveal?.at.uri, 'file:///mesh/routing.yaml');
        assert.equal(reveal.at.start.line, 21);
        assert.equal(reveal.focus, false);
        assert.match(
          await panel.page.innerText('.detail'),
          /route #1 \(header end-user: exact jason\)\s+the request has no header/,
        );
      });
    });

    it('are ridden with the keyboard alone', async () => {
      await withPanel('canary', {}, async (panel) => {
        const { page } = panel;
        // on the way to the list: the form, the tabs, the tools, and heads that fold
        for (let i = 0; i < 30; i++) {
          await page.keyboard.press('Tab');
          if (await page.evaluate(() => document.activeElement?.matches('.steps button'))) break;
        }
        assert.ok(await page.evaluate(() => document.activeElement?.matches('.step:first-child button')));
        await page.keyboard.press('ArrowDown');
        assert.match((await current(panel)) ?? '', /^Step 1:/);
        await page.keyboard.press('ArrowRight');
        assert.match((await current(panel)) ?? '', /^Step 2:/);
        assert.ok(
          await page.evaluate(() => document.activeElement?.getAttribute('aria-current') === 'step'),
          'focus follows',
        );
        await page.keyboard.press('End');
        assert.match((await current(panel)) ?? '', /^Step 21:/);
        await page.keyboard.press('Home');
        for (let i = 0; i < 2; i++) await page.keyboard.press('ArrowDown');
        await page.keyboard.press('Enter');
        const reveal = (await said(panel, 'reveal')).at(-1);
        assert.deepEqual([reveal?.at.uri, reveal?.focus], ['file:///mesh/reviews.yaml', true]);
        await page.keyboard.press('Escape');
        assert.equal(await current(panel), null);
      });
    });

    it('are stepped with ← and → from anywhere but a field', async () => {
      await withPanel('canary', {}, async (panel) => {
        const { page } = panel;
        await page.focus('[aria-label=URL]');
        await page.keyboard.press('ArrowRight');
        assert.equal(await current(panel), null);
        await page.focus('[aria-label="Control plane"]');
        await page.keyboard.press('ArrowRight');
        await page.keyboard.press('ArrowRight');
        await page.keyboard.press('ArrowLeft');
        assert.match((await current(panel)) ?? '', /^Step 1:/);
        assert.match(await page.innerText('[role=status]'), /^Step 1 of 21\. client app/);
      });
    });

    it('are played, with a moving packet unless motion is unwelcome', async () => {
      for (const reducedMotion of [true, false]) {
        await withPanel('canary', { reducedMotion }, async (panel) => {
          const { page } = panel;
          await page.click('[aria-label="Ride the packet"]');
          await page.waitForFunction(() =>
            document.querySelector('[aria-current=step] .spoken')?.textContent?.startsWith('Step 2'),
          );
          assert.equal(await page.locator('.packet').count(), reducedMotion ? 0 : 1);
          await page.click('[aria-label="Pause"]');
          assert.equal(await page.locator('[aria-label="Ride the packet"]').count(), 1);
        });
      }
    });

    it('scroll into sight sideways, too', async () => {
      await withPanel('long', { width: 480 }, async ({ page }) => {
        await page.focus('.step:first-child button');
        await page.keyboard.press('End');
        await page.waitForFunction(() => {
          const mark = document.querySelector('.step.selected .mark')?.getBoundingClientRect();
          return mark !== undefined && mark.left >= 0 && mark.right <= innerWidth;
        });
      });
    });

    it('include those of the control plane when asked for', async () => {
      await withPanel('canary', {}, async ({ page }) => {
        await page.click('[aria-label="Control plane"]');
        const labels = await page.evaluate(() =>
          [...document.querySelectorAll('.lane title')].map((it) => it.textContent),
        );
        assert.deepEqual(labels.slice(-3), ['kube-apiserver, API server', 'istiod, control plane', 'CA, certificates']);
        assert.ok((await page.locator('.step.control').count()) > 10);
      });
    });

    it('stay when pods are folded', async () => {
      await withPanel('canary', {}, async ({ page }) => {
        await page.focus('[aria-label^="shop/productpage, fold"]');
        await page.keyboard.press('Enter');
        assert.equal(await page.locator('.lane').count(), 6);
        await page.click('[aria-label="Fold pods to one lane each"]');
        assert.equal(await page.locator('.lane').count(), 4);
        assert.equal(await page.locator('.step').count(), 21);
      });
    });

    it('are selected when the cursor comes to their line, in whatever branch', async () => {
      await withPanel('canary', {}, async (panel) => {
        const [fine, broken] = shown(traces.canary).branches;
        assert.ok(fine && broken);
        const message = broken.messages.find((it) => it.state === 'broken')?.id ?? '';
        await panel.send({ type: 'select', messages: [{ branch: broken.id, message }] });
        assert.match((await current(panel)) ?? '', /^Step 12: .*This breaks the path/);
        // a line that both branches hang on leaves the shown one where it is
        const shared = (it: typeof fine) => ({
          branch: it.id,
          message: it.messages.find((one) => one.number === 9)?.id ?? '',
        });
        await panel.send({ type: 'select', messages: [shared(fine), shared(broken)] });
        assert.match((await current(panel)) ?? '', /^Step 9:/);
        assert.match(await panel.page.innerText('[role=tab][aria-selected=true]'), /503 UH/);
        assert.deepEqual(await said(panel, 'reveal'), [], 'the editor is where it should be already');
      });
    });
  });

  describe('detail', () => {
    it('links to every line that decided, and copies the command', async () => {
      await withPanel('canary', {}, async (panel) => {
        const { page } = panel;
        await page.click('[role=tab]:nth-child(2)');
        await page.click('.rejected .link');
        const reveal = (await said(panel, 'reveal')).at(-1);
        assert.deepEqual(
          [reveal?.at.uri, reveal?.at.start.line, reveal?.focus],
          ['file:///mesh/reviews.yaml', 28, true],
        );
        await page.click('[aria-label="Copy: Command"]');
        assert.match(
          (await said(panel, 'copy'))[0]?.text ?? '',
          /^istioctl proxy-config endpoints deploy\/productpage\.shop/,
        );
      });
    });

    it('shows what changed about the packet', async () => {
      await withPanel('canary', {}, async ({ page }) => {
        await page.click('.step:nth-child(13) button');
        const rows = await page.evaluate(() =>
          [...document.querySelectorAll('.packet-table tbody tr')].map((row) =>
            [...row.children].map((it) => (it as HTMLElement).textContent).join(' | '),
          ),
        );
        assert.deepEqual(rows.slice(0, 2), ['destination | 10.96.0.12:9080 | 10.244.0.11:9080', 'TLS | none | mutual']);
      });
    });

    it('of a path shows copies, assumptions and curl', async () => {
      await withPanel('canary', {}, async ({ page }) => {
        const text = await page.innerText('.detail');
        assert.match(text, /25 % of requests copied to reviews v2/);
        assert.match(text, /Namespace shop exists/);
        assert.match(text, /curl -sv http:\/\/reviews:9080\/reviews\/1/);
      });
    });
  });

  describe('branches', () => {
    it('are tabs; what breaks is selected at once', async () => {
      await withPanel('canary', {}, async (panel) => {
        const { page } = panel;
        assert.match(await page.innerText('.badge'), /200\s+shop\/reviews-v1:9080/);
        await page.focus('[role=tab][aria-selected=true]');
        await page.keyboard.press('ArrowRight');
        assert.match(await page.innerText('.badge'), /503 UH\s+no healthy upstream · reviews v3/);
        assert.match((await current(panel)) ?? '', /^Step 12:/);
      });
    });
  });

  describe('request', () => {
    /** Somebody stops typing: the page's own clock goes on, so that nothing hangs on how busy the machine is. */
    const pause = (page: Page): Promise<void> => page.clock.runFor(400);

    it('is traced once when typing pauses, and stays as it was typed', async () => {
      await withPanel('canary', {}, async (panel) => {
        const { page } = panel;
        await page.clock.install();
        await page.fill('[aria-label=URL]', 'reviews:9080/health');
        await pause(page);
        const [trace, ...more] = await said(panel, 'trace');
        assert.deepEqual(trace?.request, {
          from: { pod: 'shop/productpage' },
          to: { host: 'reviews', scheme: 'http', port: 9080, path: '/health' },
        });
        assert.equal(more.length, 0);
        assert.equal(await page.getAttribute('main', 'aria-busy'), 'true');
        await panel.send({
          type: 'show',
          diagram: { ...shown(traces.noRoute), request: trace.request },
          pinned: false,
        });
        assert.equal(await page.inputValue('[aria-label=URL]'), 'reviews:9080/health');
        assert.equal(await page.getAttribute('main', 'aria-busy'), 'false');
      });
    });

    it('offers what the mesh has', async () => {
      await withPanel('canary', {}, async (panel) => {
        const { page } = panel;
        await page.fill('[aria-label=From]', 'istio');
        assert.deepEqual(await page.locator('.from [role=option]').allInnerTexts(), [
          'outside through istio-system/istio-ingressgateway',
        ]);
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('Enter');
        assert.deepEqual((await said(panel, 'trace'))[0]?.request.from, {
          gateway: 'istio-system/istio-ingressgateway',
        });
      });
    });

    it('takes headers', async () => {
      await withPanel('canary', {}, async (panel) => {
        const { page } = panel;
        await page.clock.install();
        await page.click('[aria-label="Add a header"]');
        await page.keyboard.type('end-user');
        await page.keyboard.press('Tab');
        await page.keyboard.type('jason');
        await pause(page);
        assert.deepEqual((await said(panel, 'trace')).at(-1)?.request.to.headers, { 'end-user': 'jason' });
        await page.click('[aria-label="Remove header end-user"]');
        assert.equal((await said(panel, 'trace')).at(-1)?.request.to.headers, undefined);
      });
    });

    it('says what is missing instead of tracing', async () => {
      await withPanel('canary', {}, async (panel) => {
        await panel.page.clock.install();
        await panel.page.fill('[aria-label=URL]', 'http://reviews:many/');
        await pause(panel.page);
        assert.match(await panel.page.innerText('.problem'), /The port is a number/);
        assert.deepEqual(await said(panel, 'trace'), []);
      });
    });

    it('follows another question of the editor', async () => {
      await withPanel('canary', {}, async (panel) => {
        await panel.send({ type: 'show', diagram: shown(traces.ingress), pinned: false });
        assert.equal(await panel.page.inputValue('[aria-label=URL]'), 'https://www.front.example/site/1');
        assert.equal(
          await panel.page.inputValue('[aria-label=From]'),
          'outside through istio-system/istio-ingressgateway',
        );
      });
    });
  });

  describe('states', () => {
    it('waits, then welcomes', async () => {
      await withPanel(undefined, {}, async (panel) => {
        assert.deepEqual(await said(panel, 'ready'), [{ type: 'ready', state: undefined }]);
        await panel.send({ type: 'empty', message: 'No mesh YAML in this workspace' });
        assert.match(await panel.page.innerText('.welcome'), /No mesh YAML in this workspace/);
        await panel.page.screenshot({ path: inRoot('test-results/webview/empty.png') });
      });
    });

    it('keeps the last path when a trace fails, and says why', async () => {
      await withPanel('canary', {}, async (panel) => {
        await panel.send({ type: 'failed', message: 'There is no pod shop/none' });
        assert.match(await panel.page.innerText('.notice'), /There is no pod shop\/none/);
        assert.equal(await panel.page.locator('.step').count(), 21);
      });
    });

    it('comes back as it was', async () => {
      let state: Awaited<ReturnType<Panel['state']>>;
      await withPanel('canary', {}, async (panel) => {
        await panel.page.click('[role=tab]:nth-child(2)');
        await panel.page.click('.step:nth-child(9) button');
        await panel.page.click('[aria-label="Control plane"]');
        await panel.page.click('[aria-label^="Pin"]');
        assert.deepEqual(await said(panel, 'pin'), [{ type: 'pin', pinned: true }]);
        state = await panel.state();
      });
      assert.ok(state);
      await withPanel(undefined, { state }, async (panel) => {
        assert.deepEqual(await said(panel, 'ready'), [{ type: 'ready', state }]);
        await panel.send({ type: 'show', diagram: shown(traces.canary), pinned: true });
        assert.match((await current(panel)) ?? '', /^Step 9:/);
        assert.equal(await panel.page.getAttribute('[role=tab]:nth-child(2)', 'aria-selected'), 'true');
        assert.equal(await panel.page.getAttribute('[aria-label="Control plane"]', 'aria-pressed'), 'true');
      });
    });
  });

  describe('export', () => {
    const choose = async ({ page }: Panel, label: string): Promise<void> => {
      await page.click('[aria-label=Export]');
      await page.click(`[role=menuitem]:has-text("${label}")`);
    };

    it('saves an SVG that stands by itself', async () => {
      await withPanel('canary', { width: 300, theme: 'light' }, async (panel) => {
        await choose(panel, 'Save as SVG');
        const [save] = await said(panel, 'save');
        const svg = save?.content ?? '';
        assert.doesNotMatch(svg, /var\(|class=|color\(|undefined/);
        const read = await panel.page.evaluate((text) => {
          const root = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
          return [root.tagName, root.getAttribute('width'), root.textContent ?? ''];
        }, svg);
        assert.deepEqual(read.slice(0, 2), ['svg', '1120']);
        assert.match(read[2] ?? '', /find cluster:.*outbound\|9080\|v1/);
      });
    });

    it('saves a PNG at twice the size', async () => {
      await withPanel('canary', {}, async (panel) => {
        await choose(panel, 'Save as PNG');
        await panel.page.waitForFunction(() =>
          (window as unknown as { sent: { type: string }[] }).sent.some((it) => it.type === 'save'),
        );
        const bytes = Buffer.from((await said(panel, 'save'))[0]?.content ?? '', 'base64');
        assert.equal(bytes.subarray(1, 4).toString(), 'PNG');
        assert.equal(bytes.readUInt32BE(16), 2240);
      });
    });

    it('has texts saved where the trace is, and copies curl', async () => {
      await withPanel('canary', {}, async (panel) => {
        await choose(panel, 'Save as Mermaid');
        await choose(panel, 'Save as Markdown');
        await choose(panel, 'Copy as curl');
        assert.deepEqual(await said(panel, 'save'), [
          { type: 'save', format: 'mermaid', branch: 'branch-1' },
          { type: 'save', format: 'markdown', branch: 'branch-1' },
        ]);
        assert.equal((await said(panel, 'copy'))[0]?.text, 'curl -sv http://reviews:9080/reviews/1');
      });
    });

    it('is a menu for the keyboard', async () => {
      await withPanel('canary', {}, async ({ page }) => {
        await page.focus('[aria-label=Export]');
        await page.keyboard.press('Enter');
        await page.keyboard.press('ArrowDown');
        assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Save as PNG');
        await page.keyboard.press('Escape');
        assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'Export');
        assert.equal(await page.locator('[role=menu]').count(), 0);
      });
    });
  });
});
