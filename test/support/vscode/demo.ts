import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from '../paths.js';
import { startHost } from './hosts.js';
import { openVsCode } from './workbench.js';

const folder = inRoot('media/sample-mesh');

/** Serves the sample mesh until it is interrupted. */
async function serve(port: number): Promise<void> {
  // A person has settings of their own: only what a first look needs.
  const host = await startHost('web', { folder, port });
  console.log(`\n  ${host.url}\n\nVS Code with the sample mesh is at this address; Ctrl+C ends it.`);
  await new Promise<void>((resolve) => ['SIGINT', 'SIGTERM'].forEach((it) => process.once(it, () => resolve())));
  host.stop();
}

/** Does once what a visitor of the demo would do. */
async function check(): Promise<void> {
  const code = await openVsCode('web', { folder });
  const step = (text: string) => console.log(`  ✓ ${text}`);
  try {
    step('VS Code opened the sample mesh');
    const file = fileThatSays('kind: VirtualService');
    await code.openFile(file);
    const [problem] = await code.problemsWhen(
      (it) => it.some(({ source }) => source === 'packets-eye'),
      'a finding of packets-eye',
    );
    assert.ok(problem);
    step(`Problems says: ${problem.message} (${problem.file}:${problem.line})`);
    const hover = await code.hover(file, 'kind: VirtualService');
    assert.match(hover, /→/);
    step(`the hover over its VirtualService says: ${hover.split('\n')[0]}`);
    await code.command("Packet's-Eye: Show Path");
    const frame = await code.webview(/^Path to /);
    await frame.locator('svg').first().waitFor();
    step('the panel drew the path');
  } catch (error) {
    await code.screenshot(inRoot('test-results/demo.png'));
    console.error(`${String(error)}\nThe window at that moment: test-results/demo.png`);
    process.exitCode = 1;
  } finally {
    await code.close();
  }
}

function fileThatSays(text: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((it) => /\.ya?ml$/.test(it));
  const found = files.sort().find((it) => readFileSync(join(folder, it), 'utf8').includes(text));
  assert.ok(found, `a file of the sample says "${text}"`);
  return found;
}

const port = process.argv.indexOf('--port');
void (process.argv.includes('--check') ? check() : serve(port < 0 ? 3000 : Number(process.argv[port + 1])));
