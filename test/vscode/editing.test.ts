import assert from 'node:assert/strict';
import { it } from 'mocha';
import type { Locator } from 'playwright-core';
import { inRoot } from '../support/paths.js';
import { describeInVsCode, hostName } from '../support/vscode/suite.js';
import type { Workbench } from '../support/vscode/workbench.js';

const folder = inRoot('media/sample-mesh');
const reviews = 'shop/reviews.yaml';
const recommendations = 'shop/recommendations.yaml';
const BREAKS = [
  'shop/cart.yaml:58 error mtls-client-plain-server-strict',
  'shop/recommendations.yaml:64 error destinationrule-subset-selects-nothing',
  'shop/reviews.yaml:111 error virtualservice-subset-not-defined',
];

async function breaks(code: Workbench): Promise<string[]> {
  const problems = await code.problems();
  return problems.map((it) => `${it.file}:${it.line} ${it.severity} ${it.code}`);
}

function lens(code: Workbench, text: string): Locator {
  return code.page.locator('.codelens-decoration a', { hasText: text });
}

describeInVsCode('working with the sample mesh', { folder }, (code) => {
  it('shows the three planted breaks in Problems and nothing else', async () => {
    // the browser's test server cannot search a folder: there the first YAML document wakes the extension
    if (hostName !== 'node') await code().openFile(reviews);
    await code().problemsWhen((it) => it.length >= 3, 'three findings');
    assert.deepEqual(await breaks(code()), BREAKS);
  });

  it('opens the page of a rule from its code', async () => {
    await code().page.locator('.markers-panel .marker-code', { hasText: 'virtualservice-subset-not-defined' }).click();
    await code().waitFor(
      async () => (await code().activeTab()) === 'virtualservice-subset-not-defined.md',
      "the rule's page",
    );
    await code().page.locator('.view-line', { hasText: 'Why it hurts' }).waitFor();
  });

  it('goes from a hover to the line that breaks a branch', async () => {
    await code().hover(reviews, 'kind: VirtualService');
    await code().hoverWidget().getByText('line 111').click();
    await code().waitFor(async () => (await code().cursor()).startsWith('111:'), 'the cursor to be on line 111');
  });

  it('says above each route what becomes of it, and opens its path', async () => {
    await code().goTo(recommendations, 'subset: picky');
    await lens(code(), '✗ 503 UH').click();
    const panel = await code().webview(/^Path to recommendations/);
    await panel.getByText('503 UH').first().waitFor();
  });

  it('mends a break with its quick fix; Problems, lens and panel follow, and so they do when it is undone', async () => {
    await code().goTo(recommendations, 'version: v1-picky');
    await code().page.keyboard.press('Control+.');
    await code().page.locator('.action-widget .monaco-list-row.focused', { hasText: 'Replace by v1' }).waitFor();
    await code().page.keyboard.press('Enter');
    await code().problemsWhen((it) => it.length === 2, 'one finding less');
    const panel = await code().webview(/^Path to recommendations/);
    await panel.getByText('503 UH').first().waitFor({ state: 'detached' });
    await code().goTo(recommendations, 'subset: picky');
    await lens(code(), '✗ 503 UH').waitFor({ state: 'detached' });
    await code().page.keyboard.press('Control+Z');
    await code().problemsWhen((it) => it.length === 3, 'the finding again');
    await panel.getByText('503 UH').first().waitFor();
  });

  it('follows the cursor to another route until it is pinned', async () => {
    await code().goTo('shop/catalog.yaml', 'name: catalog', 1);
    await code().page.keyboard.press('ArrowLeft');
    const panel = await code().webview(/^Path to catalog/);
    await panel.getByRole('button', { name: /^Pin/ }).click();
    // a file opens where the keyboard is: back to the editors, so that the panel stays in sight
    await code().page.keyboard.press('Control+1');
    await code().goTo('shop/prices.yaml', 'kind: VirtualService');
    await code().page.keyboard.press('ArrowLeft');
    await code().page.waitForTimeout(1000);
    await code().webview(/^Path to catalog/);
  });

  it('keeps the panel through a reload', async () => {
    await code().reload();
    const panel = await code().webview(/^Path to catalog/);
    await panel.locator('svg').first().waitFor();
  });

  it('exports the path as Mermaid text and copies it as curl', async () => {
    await code().goTo(reviews, 'kind: VirtualService');
    await code().command("Packet's-Eye: Copy as curl");
    await code().waitFor(
      async () => (await code().page.evaluate(() => navigator.clipboard.readText())).startsWith('curl '),
      'a curl line in the clipboard',
    );
    await code().command("Packet's-Eye: Export Path as Mermaid");
    await code().page.locator('.view-line', { hasText: 'sequenceDiagram' }).waitFor();
  });
});

describeInVsCode('the sample, opened from elsewhere', { folder: inRoot('test/fixtures/elsewhere') }, (code) => {
  it('opens by its command with all of its findings', async () => {
    await code().command("Packet's-Eye: Open Sample Mesh");
    await code().waitFor(async () => (await code().activeTab()) === 'reviews.yaml', 'the first file of the sample');
    await code().problemsWhen((it) => it.length >= 3, 'the findings of the sample');
    assert.deepEqual(
      (await breaks(code())).map((it) => it.replace(/^.*shop\//, 'shop/')),
      BREAKS,
    );
  });
});
