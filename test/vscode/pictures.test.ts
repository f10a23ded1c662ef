import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { it } from 'mocha';
import { inRoot } from '../support/paths.js';
import { describeInVsCode, pictureFile } from '../support/vscode/suite.js';
import type { Theme } from '../support/vscode/workbench.js';

const folder = inRoot('media/sample-mesh');
const reviews = 'shop/reviews.yaml';
const themes: readonly Theme[] = ['light', 'dark', 'hc-dark', 'hc-light'];

/** The three flows as a person sees them, for README and for eyes: one set of pictures per theme. */
describeInVsCode('pictures of the three flows', { folder }, (code) => {
  const take = async (name: string, theme: Theme): Promise<void> => {
    const path = pictureFile(theme === 'light' ? name : `${name}-${theme}`);
    await code().screenshot(path);
    assert.ok(statSync(path).size > 20_000, `${path} shows something`);
  };

  for (const theme of themes) {
    it(`hover, Problems and panel in ${theme}`, async () => {
      const { page } = code();
      await code().setTheme(theme);
      await code().openFile(reviews);
      await code().problemsWhen((found) => found.length >= 3, 'the three findings');
      await code().goTo(reviews, 'name: everybody');
      await take('problems', theme);

      await page.keyboard.press('Escape');
      assert.match(await code().hover(reviews, 'kind: VirtualService'), /503 NC/);
      await take('hover', theme);
      await page.keyboard.press('Escape');

      // the panel is shown with room around it
      await code().goTo(reviews, 'subset: v3');
      await page.keyboard.press('Control+J');
      await page.keyboard.press('Control+B');
      await code().command("Packet's-Eye: Show Path");
      const panel = await code().webview(/^Path to reviews/);
      const tab = panel.getByRole('tab', { name: /503 NC|v3/ }).first();
      await tab.click();
      const broken = panel.locator('[data-state="broken"], .broken').first();
      await broken.waitFor();
      await page.waitForTimeout(600);
      await take('panel', theme);
      await code().command('View: Close All Editors');
      await page.keyboard.press('Control+B');
      await page.waitForTimeout(300);
    });
  }
});
